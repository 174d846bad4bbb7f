"""Rows inside a form of the admin: added, removed and ordered by `inline-rows`, saved with the form."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

POSITION = "position"


class RowForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A row. A new one counts as soon as one of `says` is filled in; an empty one is passed over."""

    says: ClassVar[tuple[str, ...]] = ()

    def has_changed(self) -> bool:
        if self.instance.pk is None and self.is_bound:
            return any(str(self.data.get(self.add_prefix(name), "")).strip() for name in self.says)
        return super().has_changed()


class OrderedRowForm(RowForm):
    """A row whose place is that in which it stands on the page."""

    position = forms.IntegerField(label=_("place"), required=False, min_value=0, widget=forms.HiddenInput)

    def clean_position(self) -> int:
        """Return the place: that of the row in the form where no script has said another."""
        place = self.cleaned_data[POSITION]
        number = str(self.prefix).rpartition("-")[2]
        return int(place) if place is not None else int(number) if number.isdecimal() else 0


class RowFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows with which those that are removed are counted out."""

    @property
    def kept(self) -> list[Any]:
        """Return the valid rows that are there after the form is saved, in their order."""
        rows = [
            form
            for form in self.forms
            if form.is_valid() and not is_removed(form) and (form.instance.pk or form.has_changed())
        ]
        return sorted(rows, key=lambda form: form.cleaned_data.get(POSITION) or 0)

    def get_unique_error_message(self, unique_check: Any) -> str:
        return gettext("Two of these have the same name in exports.")


def is_removed(form: Any) -> bool:
    """Tell whether the row is deleted when the form is saved."""
    return bool(getattr(form, "cleaned_data", {}).get(DELETION_FIELD_NAME))


class Rows(admin.StackedInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows of a form. Whoever may change what they belong to may change them."""

    template = "admin/_rows.html"
    formset = RowFormSet
    extra = 0
    media = forms.Media()
    """Without the scripts of Django."""
    explanation: Any = ""
    """A sentence above the rows."""
    add_text: Any = _("Add a row")
    is_ordered = False
    has_keys = False

    def may_change(self, request: HttpRequest, obj: Model | None) -> bool:
        """Answer for the form that the rows belong to."""
        owner = self.admin_site.get_model_admin(self.parent_model)
        return owner.has_change_permission(request, obj) if obj else owner.has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site.get_model_admin(self.parent_model).has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change(request, obj)
