"""Forms of the chat: titles, signing in, the first administrator, the account page."""

import time
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
    UsernameField,
)
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from vision_chat.models import Feedback, Preferences, Report
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.models.feedback import MAX_COMMENT_LENGTH
from vision_chat.services.accounts.login_throttle import LoginThrottle

MAX_QUERY_LENGTH = 200


class TitleForm(forms.Form):
    """The title of a conversation."""

    title = forms.CharField(
        max_length=MAX_TITLE_LENGTH, error_messages={"required": _("A conversation needs a title.")}
    )


class _CommentForm(forms.Form):
    """Mixin with the comment of a person, whose errors are sentences without the names of fields."""

    comment = forms.CharField(
        required=False,
        max_length=MAX_COMMENT_LENGTH,
        error_messages={
            "max_length": _("This comment is longer than %(limit_value)d characters. Please shorten it.")
        },
    )

    @property
    def problem(self) -> str:
        """Return the first error."""
        return next((str(problems[0]) for problems in self.errors.values()), "")


class FeedbackForm(_CommentForm):
    """A mark of a reply, "" to take it back; with `comment`, also an empty one, the details of a mark."""

    mark = forms.ChoiceField(
        required=False,
        choices=Feedback.Mark.choices,
        error_messages={"invalid_choice": _("An answer is marked as good or as bad.")},
    )
    reasons = forms.MultipleChoiceField(
        required=False,
        choices=Feedback.Reason.choices,
        error_messages={"invalid_choice": _("This reason is not among those that can be chosen.")},
    )

    def clean_reasons(self) -> list[str]:
        """Return the reasons, which only a bad mark has."""
        chosen: list[str] = self.cleaned_data["reasons"]
        if chosen and self.data.get("mark") != Feedback.Mark.BAD:
            raise ValidationError(_("Only a bad answer has reasons."))
        return sorted(set(chosen))


class ReportForm(_CommentForm):
    """A report of a conversation."""

    reason = forms.ChoiceField(
        choices=Report.Reason.choices,
        error_messages={
            "required": _("Choose a reason."),
            "invalid_choice": _("This reason is not among those that can be chosen."),
        },
    )


class SearchForm(forms.Form):
    """A search: words, and which messages."""

    q = forms.CharField(required=False, max_length=MAX_QUERY_LENGTH)
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    pictures = forms.BooleanField(required=False)


class PicturesForm(forms.Form):
    """Which pictures are looked for: by words, by a picture that they look like, from a place on."""

    q = forms.CharField(required=False, max_length=MAX_QUERY_LENGTH)
    like = forms.UUIDField(required=False)
    before = forms.CharField(required=False, max_length=100)


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


def begin_try(username: str, request: HttpRequest | None, now: Callable[[], float]) -> LoginThrottle:
    """Count a try of a password. Raises ValidationError where the person has to wait."""
    address = str(request.META.get("REMOTE_ADDR", "")) if request else ""
    throttle = LoginThrottle(username, address, now)
    if wait := throttle.begin():
        text = ngettext(
            "Too many wrong passwords. Try again in %(count)s second.",
            "Too many wrong passwords. Try again in %(count)s seconds.",
            wait,
        )
        raise ValidationError(text % {"count": wait}, code="wait")
    return throttle


class SignInForm(AutofocusErrors, AuthenticationForm):
    """Django's sign-in form with a throttle: people wait after several wrong passwords."""

    fallback_field = "password"
    now: Callable[[], float] = staticmethod(time.time)
    """The clock of the throttle."""

    def clean(self) -> dict[str, Any]:
        if self.errors:  # a field is empty: no password is checked
            return self.cleaned_data
        # the cleaned name: spaces and other Unicode forms of the same letters are the same account
        throttle = begin_try(self.cleaned_data["username"], self.request, self.now)
        cleaned: dict[str, Any] = super().clean()
        throttle.succeeded()
        return cleaned


@sensitive_variables("password")
def _checked_password(user: AbstractBaseUser, request: HttpRequest, password: str) -> str:
    """Return the person's own password. Raises ValidationError; guesses are slowed down as at the sign-in."""
    throttle = begin_try(user.get_username(), request, SignInForm.now)
    if not user.check_password(password):
        raise ValidationError(_("This is not your password."), code="password_incorrect")
    throttle.succeeded()
    return password


def _names_of_profile() -> tuple[str, ...]:
    """Return the fields of a profile: the name to sign in with, and the address, where accounts have one."""
    account = get_user_model()
    try:
        account._meta.get_field(account.get_email_field_name())
    except FieldDoesNotExist:
        return (account.USERNAME_FIELD,)
    return tuple(dict.fromkeys((account.USERNAME_FIELD, account.get_email_field_name())))


class ProfileForm(AutofocusErrors, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Name and e-mail address of a person."""

    class Meta:
        model = get_user_model()
        fields = _names_of_profile()
        field_classes = {get_user_model().USERNAME_FIELD: UsernameField}  # the sign-in reads names so

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, *address = self.fields
        self.fallback_field = name
        self.fields[name].label = _("Name")
        self.fields[name].help_text = _("You sign in with this name. Administrators can see it.")
        self.fields[name].widget.attrs["autocomplete"] = "username"
        for other in address:
            self.fields[other].label = _("E-mail")
            self.fields[other].widget.attrs["autocomplete"] = "email"

    def clean(self) -> dict[str, Any]:
        """Refuse a name that another person has, in small letters or capitals."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        name = self.fallback_field
        others = get_user_model()._default_manager.exclude(pk=self.instance.pk)
        if name in cleaned and others.filter(**{f"{name}__iexact": cleaned[name]}).exists():
            self.add_error(name, _("This name is already taken."))
        return cleaned

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - as Django has it
        """Save these columns alone: the account may be closed meanwhile."""
        self.instance.save(update_fields=list(self.fields))
        user: User = self.instance
        return user


class PasswordForm(AutofocusErrors, PasswordChangeForm):
    """A new password, for who knows the present one."""

    fallback_field = "old_password"

    def __init__(self, user: User, request: HttpRequest, data: Any = None) -> None:
        super().__init__(user, data)
        self._request = request
        self.fields["old_password"].label = _("Current password")
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""
        if data is None:
            self.fields["old_password"].widget.attrs.pop("autofocus", None)

    def clean_old_password(self) -> str:
        return _checked_password(self.user, self._request, self.cleaned_data["old_password"])

    def validate_password_for_user(self, user: User, password_field_name: str = "") -> None:
        """Show errors of the password at its first field; Django shows them where it is repeated."""
        super().validate_password_for_user(user, "new_password1")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - as Django has it
        """Save the password alone: the account may be closed meanwhile."""
        user: User = super().save(commit=False)
        user.save(update_fields=["password"])
        return user


class LinesField(forms.CharField):
    """A text of several lines. Browsers send two characters for the end of a line, and count one."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class InstructionsForm(AutofocusErrors, forms.ModelForm):  # type: ignore[type-arg]  # the same
    """Instructions to the model at the beginning of a person's conversations."""

    fallback_field = "instructions"

    class Meta:
        model = Preferences
        fields = ("instructions",)
        field_classes = {"instructions": LinesField}
        widgets = {"instructions": forms.Textarea(attrs={"rows": 6, "dir": "auto"})}
        labels = {"instructions": _("Default instructions")}
        help_texts = {
            "instructions": _(
                "For example: “Answer in German” or “I am colour-blind: name colours exactly”. "
                "Existing conversations keep the instructions they started with."
            )
        }

    def save(self, commit: bool = True) -> Preferences:  # noqa: FBT001, FBT002 - as Django has it
        """Save also where two tabs do so at once for the first time."""
        saved, _ = Preferences.objects.update_or_create(
            person_id=self.instance.person_id, defaults={"instructions": self.cleaned_data["instructions"]}
        )
        return saved


class DeletionForm(AutofocusErrors, forms.Form):
    """The password of who wants to delete their account."""

    fallback_field = "password"
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: AbstractBaseUser, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self._user = user
        self._request = request

    def clean_password(self) -> str:
        return _checked_password(self._user, self._request, self.cleaned_data["password"])
