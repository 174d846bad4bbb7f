"""The account page: what a person changes, takes along and deletes of their own."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib import messages
from django.contrib.auth import alogout, get_user_model, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from vision_chat.errors.accounts import ExportRunningError, LastAdministratorError
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.errors.turns import NotFoundError
from vision_chat.forms import DeletionForm, InstructionsForm, PasswordForm, ProfileForm
from vision_chat.models import AuditEntry, Conversation, Preferences, UploadedImage
from vision_chat.server import exports
from vision_chat.server.refusals import refusal
from vision_chat.server.runtime import context_of, runtime_of, wake_housekeeping
from vision_chat.server.security import CLEAR_CACHE
from vision_chat.services import audit
from vision_chat.services.accounts import archive, deletion, sessions
from vision_chat.services.audit.readers import LATEST, by_day, readers_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.presentation.sentences import sentence
from vision_chat.services.reviews import consents
from vision_chat.services.site import relay
from vision_chat.views.readers import NOTICES, take_answer

THEMES = ("system", "light", "dark")
YEAR_SECONDS = 365 * 86400
Forms = Mapping[str, BaseForm]


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the page, or change what the button's `section` names and show it again, with what is wrong."""
    change = CHANGES.get(request.POST.get("section", ""))
    changed = change(request) if change else None
    if isinstance(changed, HttpResponse):
        return changed
    return render(request, "account.html", _context(request, changed or {}))


def _context(request: HttpRequest, bound: Forms) -> dict[str, Any]:
    """Return what the page shows; `bound` are forms with errors, by section."""
    person = cast(User, request.user)
    images = UploadedImage.objects.owned_by(person)
    readings = readers_of(person)
    return {
        "profile": _profile_form(request),
        "password": PasswordForm(person, request) if person.has_usable_password() else None,
        "instructions": InstructionsForm(instance=_preferences(request)),
        "notices": {notice.extra_tags: notice for notice in messages.get_messages(request)},
        "conversations": Conversation.objects.visible_to(person).begun().count(),
        "images": images.count(),
        "bytes": images.aggregate(bytes=Sum("original_bytes"))["bytes"] or 0,
        "readings": by_day(readings),
        "has_older_readings": len(readings) == LATEST,
        **_consents_context(person),
        **bound,
    }


def _consents_context(person: User) -> dict[str, Any]:
    if not consents.are_needed():
        return {}
    return {
        "seals": True,
        "requests": consents.open_requests(person)[: consents.MOST],
        "opened": consents.opened_by(person),
    }


def _profile_form(request: HttpRequest, data: Any = None) -> ProfileForm:
    # a row of its own, because a form writes also what is wrong into it
    person = cast(User, request.user)
    return ProfileForm(data, instance=get_user_model()._default_manager.get(pk=person.pk))


def _preferences(request: HttpRequest) -> Preferences:
    person = cast(User, request.user)
    return Preferences.objects.filter(person=person.pk).first() or Preferences(person_id=person.pk)


def _change_profile(request: HttpRequest) -> HttpResponse | Forms:
    form = _profile_form(request, request.POST)
    if form.is_valid():
        try:
            _save_profile(form)
        except AuditUnavailableError as error:
            return refusal(error, request.headers.get("Accept", ""))
        except IntegrityError:  # somebody else took the name at this moment
            form.add_error(form.fallback_field, _("This name is already taken."))
        else:
            return _changed(request, "profile", _("Your profile was saved."))
    return {"profile": form}


@transaction.atomic
def _save_profile(form: ProfileForm) -> None:
    """Save it, and write down another name of the staff. Raises IntegrityError and AuditUnavailableError."""
    person = form.save()
    if (person.is_staff or person.is_superuser) and person.USERNAME_FIELD in form.changed_data:
        audit.record(AuditEntry.Action.RIGHTS, person, subject=person, details={"name": "changed"})


def _change_password(request: HttpRequest) -> HttpResponse | Forms:
    person = cast(User, request.user)
    form = PasswordForm(person, request, request.POST)
    if not form.is_valid():
        return {"password": form}
    update_session_auth_hash(request, form.save())
    async_to_sync(relay.recheck_sessions)(person.pk)
    return _changed(request, "password", _("Your password was changed. You are signed out everywhere else."))


def _change_appearance(request: HttpRequest) -> HttpResponse | Forms:
    """Set the cookies that the page's script sets by itself."""
    theme = request.POST.get("theme")
    if theme not in THEMES:
        return {}
    choices = {"theme": theme, "sent_to_top": "on" if "sent_to_top" in request.POST else "off"}
    response = _changed(request, "appearance", _("Your choice was saved."))
    for name, value in choices.items():
        response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="Lax")
    return response


def _change_instructions(request: HttpRequest) -> HttpResponse | Forms:
    form = InstructionsForm(request.POST, instance=_preferences(request))
    if not form.is_valid():
        return {"instructions": form}
    form.save()
    return _changed(request, "instructions", _("Your instructions were saved. They apply to new chats."))


def _change_readers(request: HttpRequest) -> HttpResponse | Forms:
    try:
        answer = take_answer(request)
    except NotFoundError:
        return _changed(request, "readers", _("This was answered already, or it is gone."))
    except AuditUnavailableError as error:
        return refusal(error, request.headers.get("Accept", ""))
    return _changed(request, "readers", NOTICES[answer])


def _end_other_sessions(request: HttpRequest) -> HttpResponse | Forms:
    person = cast(User, request.user)
    sessions.end_others(person, request.session.session_key)
    async_to_sync(relay.recheck_sessions)(person.pk)
    return _changed(request, "sessions", _("You have been signed out everywhere else."))


def _changed(request: HttpRequest, section: str, notice: Any) -> HttpResponse:
    """Answer a change: a page that is loaded afresh, so that loading it again changes nothing."""
    messages.success(request, notice, extra_tags=section)
    return redirect("account")


CHANGES: dict[str, Callable[[HttpRequest], HttpResponse | Forms]] = {
    "profile": _change_profile,
    "password": _change_password,
    "appearance": _change_appearance,
    "instructions": _change_instructions,
    "sessions": _end_other_sessions,
    "readers": _change_readers,
}


@never_cache
@login_required
@require_GET
async def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Send everything that is the person's as a ZIP, one download at a time."""
    person = cast(User, await request.auser())
    await release_connection()
    runtime = runtime_of(request)
    try:
        runtime.exports.enter(person.pk)
    except ExportRunningError as error:
        return refusal(error, request.headers.get("Accept", ""))
    name = f"vision-chat {person.get_username()} {timezone.localdate()}.zip".replace("/", "-")
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return StreamingHttpResponse(
        exports.stream(person, runtime.export_threads, archive.pieces(person)),
        content_type="application/zip",
        headers={"Content-Disposition": disposition or "attachment"},
    )


@never_cache
@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask for the password, then close the account and let its deletion begin."""
    person = cast(User, await request.auser())
    form = DeletionForm(person, request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and await sync_to_async(form.is_valid)():
        try:
            await deletion.delete(await context_of(request))
        except LastAdministratorError as error:
            form.add_error(None, sentence(error, error.params))
        except AuditUnavailableError as error:
            return refusal(error, request.headers.get("Accept", ""))
        else:
            return await _say_goodbye(request)
    return await sync_to_async(_ask_for_deletion)(request, person, form)


async def _say_goodbye(request: HttpRequest) -> HttpResponse:
    await alogout(request)
    response = await sync_to_async(render)(request, "account_deleted.html")
    response.headers["Clear-Site-Data"] = CLEAR_CACHE
    wake_housekeeping(request)
    return response


def _ask_for_deletion(request: HttpRequest, person: User, form: DeletionForm) -> HttpResponse:
    context = {
        "form": form,
        "is_last_administrator": deletion.no_administrator_without([person]),
        "has_password": person.has_usable_password(),
        "conversations": Conversation.objects.visible_to(person).begun().count(),
        "images": UploadedImage.objects.owned_by(person).count(),
    }
    return render(request, "account_delete.html", context)
