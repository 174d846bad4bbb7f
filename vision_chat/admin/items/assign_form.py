"""The form that asks for whom items are."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from vision_chat.services.review_queues.reviewers import reviewers, reviewing_groups


class AssignForm(forms.Form):
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Person"), required=False, empty_label=_("Nobody in particular")
    )
    group = forms.ModelChoiceField(
        Group.objects.none(), label=_("Group"), required=False, empty_label=_("No group")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = reviewers().distinct().order_by("username")  # type: ignore[attr-defined]  # a field of rows
        self.fields["group"].queryset = reviewing_groups()  # type: ignore[attr-defined]  # the same

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("person") and given.get("group"):
            raise ValidationError(_("Choose a person or a group, not both."))
        return given
