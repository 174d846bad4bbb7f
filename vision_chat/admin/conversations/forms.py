"""Forms of those who read conversations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.verdicts import CHOICES
from vision_chat.models import Review
from vision_chat.models.read_grant import MAX_REASON_LENGTH
from vision_chat.services.reviews.grants import MIN_REASON_LENGTH


class ReviewForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    # the field that Django makes from the model offers "---------" as a fourth verdict
    verdict = forms.ChoiceField(label=_("Verdict"), choices=CHOICES, widget=forms.RadioSelect)

    class Meta:
        model = Review
        fields = ("verdict", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 6, "dir": "auto"})}


class ReasonForm(forms.Form):
    """Asks why somebody needs to read a conversation."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        error_messages={
            "required": _("Say why you need to read this conversation."),
            "min_length": _("Say it in a few words."),
        },
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "aria-describedby": "reason-help"}),
    )


class ReasonsForm(ReasonForm):
    """Asks the same about several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].error_messages["required"] = _("Say why you need to read these conversations.")
