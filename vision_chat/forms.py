"""Forms of the chat: titles, signing in, the first administrator."""

import time
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.services.accounts.login_throttle import LoginThrottle

MAX_QUERY_LENGTH = 200


class TitleForm(forms.Form):
    """The title of a conversation."""

    title = forms.CharField(
        max_length=MAX_TITLE_LENGTH, error_messages={"required": _("A conversation needs a title.")}
    )


class SearchForm(forms.Form):
    """What is looked for: words, and which messages."""

    q = forms.CharField(required=False, max_length=MAX_QUERY_LENGTH)
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    pictures = forms.BooleanField(required=False)


class AutofocusErrors(forms.BaseForm):
    """Mixin that puts the cursor into the first field with an error.

    `fallback_field` gets it where the error belongs to the whole form.
    """

    fallback_field = ""

    def full_clean(self) -> None:
        super().full_clean()
        if not self.errors:
            return
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        wrong = next((name for name in self.fields if name in self.errors), self.fallback_field)
        self.fields[wrong].widget.attrs["autofocus"] = True


class SetupForm(AutofocusErrors, BaseUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Name and password of the first administrator."""

    fallback_field = "username"

    def validate_password_for_user(self, user: User, **_: str) -> None:
        """Show errors of the password at its first field; Django shows them where it is repeated."""
        super().validate_password_for_user(user, "password1")  # type: ignore[misc]  # unknown to the stubs

    class Meta(BaseUserCreationForm.Meta):
        model = get_user_model()
        fields = ("username",)


class SignInForm(AutofocusErrors, AuthenticationForm):
    """Django's sign-in form with a throttle: people wait after several wrong passwords."""

    fallback_field = "password"
    now: Callable[[], float] = staticmethod(time.time)
    """The clock of the throttle."""

    def clean(self) -> dict[str, Any]:
        if self.errors:  # a field is empty: no password is checked
            return self.cleaned_data
        # the cleaned name: spaces and other Unicode forms of the same letters are the same account
        throttle = LoginThrottle(self.cleaned_data["username"], self._address(), self.now)
        if wait := throttle.begin():
            text = ngettext(
                "Too many wrong passwords. Try again in %(count)s second.",
                "Too many wrong passwords. Try again in %(count)s seconds.",
                wait,
            )
            raise ValidationError(text % {"count": wait}, code="wait")
        cleaned: dict[str, Any] = super().clean()
        throttle.succeeded()
        return cleaned

    def _address(self) -> str:
        return str(self.request.META.get("REMOTE_ADDR", "")) if self.request else ""
