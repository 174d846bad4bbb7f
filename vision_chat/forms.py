from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.services.signins import Attempt


class TitleForm(forms.Form):
    title = forms.CharField(
        max_length=MAX_TITLE_LENGTH, error_messages={"required": _("A conversation needs a title.")}
    )


class SetupForm(BaseUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username",)


class SignInForm(AuthenticationForm):
    """Django's form, which makes people wait after several wrong passwords."""

    def clean(self) -> dict[str, Any]:
        if self.errors:  # a field is empty: no password is looked at
            return self.cleaned_data
        # cleaned: blanks and other forms of the same letters are the same account
        attempt = Attempt(self.cleaned_data["username"], self._address())
        if wait := attempt.begin():
            text = ngettext(
                "Too many wrong passwords. Try again in %(count)s second.",
                "Too many wrong passwords. Try again in %(count)s seconds.",
                wait,
            )
            raise ValidationError(text % {"count": wait}, code="wait")
        cleaned: dict[str, Any] = super().clean()
        attempt.succeeded()
        return cleaned

    def _address(self) -> str:
        return str(self.request.META.get("REMOTE_ADDR", "")) if self.request else ""
