"""Forms of accounts."""

from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    ReadOnlyPasswordHashField,
    UserChangeForm,
)
from django.utils.translation import gettext_lazy as _

HELP = {
    "username": _("Letters, digits and @ . + - _ only, at most 150 characters."),
    "is_active": _("People who are not active cannot sign in. What they wrote is kept."),
    "is_staff": _("Can open these pages and do what their permissions allow."),
    "is_superuser": _("Can do everything, without further permissions."),
    "groups": _("Has all permissions of these groups."),
    "user_permissions": _("Has these permissions in addition to those of the groups."),
}
"""Meanings of an account's fields, in the product's words."""


class PersonForm(UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    password = ReadOnlyPasswordHashField(
        label=_("Password"), help_text=_("The password itself is not stored, so nobody can read it.")
    )

    class Meta(UserChangeForm.Meta):
        help_texts = HELP


class _PasswordWords(forms.BaseForm):
    """A form that sets a password, with the product's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "usable_password" in self.fields:  # there is nothing to disable where there is no password
            self.fields["usable_password"].help_text = _(
                "If this is disabled, the person cannot sign in with a password."
            )
        self.fields["password2"].help_text = ""


class NewPersonForm(_PasswordWords, AdminUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta(AdminUserCreationForm.Meta):
        help_texts = HELP


class NewPasswordForm(_PasswordWords, AdminPasswordChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    pass
