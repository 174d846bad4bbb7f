"""The admin site: its name, and the chat's rules for signing in and out."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from asgiref.sync import async_to_sync
from django.contrib.admin import site
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.views.main import ERROR_FLAG
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page

from vision_chat.admin.overview import overview_for
from vision_chat.admin.parts.filtered_lists import REFUSED
from vision_chat.admin.queues.overview import queues_for
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.forms import SignInForm
from vision_chat.server.security import CLEAR_CACHE
from vision_chat.services.presentation.sentences import sentence
from vision_chat.services.site import relay

NAME = "Vision Chat"


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    """The chat's form with its throttle, for staff only."""


View = TypeVar("View", bound=Callable[..., TemplateResponse])


def _then_recheck(view: View) -> View:
    """Wrap a view of the admin: after a POST, the person's sockets check their sessions."""

    @wraps(view)
    def wrapper(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        user_id = request.user.pk
        response = view(request, extra_context)
        if request.method == "POST" and user_id:
            async_to_sync(relay.recheck_sessions)(user_id)
        return response

    return cast(View, wrapper)


def _then_clear(view: View) -> View:
    """Wrap a view of the admin: after a POST, what the browser has cached goes."""

    @wraps(view)
    def wrapper(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        response = view(request, extra_context)
        if request.method == "POST":
            response.headers["Clear-Site-Data"] = CLEAR_CACHE
        return response

    return cast(View, wrapper)


def _with_overview(view: View) -> View:
    """Wrap the view of the admin's first page, whose template shows the overview."""

    @wraps(view)
    def wrapper(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        shown = {**overview_for(request.user), **queues_for(request.user)}
        return view(request, {**shown, **(extra_context or {})})

    return cast(View, wrapper)


ORDER = (
    "Conversation",
    "ReviewItem",
    "Queue",
    "Rubric",
    "User",
    "Group",
    "AuditEntry",
    "Endpoint",
    "LanguageModel",
    "Habit",
)
"""The names of models as menu and overview list them: what is looked for most comes first."""


def _in_order(get_app_list: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Wrap the list of what there is to administer: an entry for each model, in `ORDER`, whatever its app."""

    @wraps(get_app_list)
    def wrapper(request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = get_app_list(request, app_label)
        if app_label is not None:
            return apps
        entries = [{**app, "models": [model]} for app in apps for model in app["models"]]
        return sorted(entries, key=lambda entry: _place(entry["models"][0]["object_name"]))

    return wrapper


def _place(model_name: str) -> int:
    return ORDER.index(model_name) if model_name in ORDER else len(ORDER)


def _gzipped(admin_view: Callable[..., Any]) -> Callable[..., Any]:
    """Compress the pages of the admin, as those of the chat are."""

    @wraps(admin_view)
    def wrapper(view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - as Django has it
        return gzip_page(admin_view(_closed_without_log(_without_bad_filters(view)), cacheable))

    return wrapper


def _without_bad_filters(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap the view of a list: where the database refuses a filter, the list is shown without any.

    Django does so with filters that it refuses itself.
    """
    if getattr(view, "__name__", "") != "changelist_view":
        return view

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except REFUSED:
            if request.method != "GET" or not request.GET.keys() - {ERROR_FLAG}:
                raise  # it is no filter
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    return wrapper


def _closed_without_log(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a view of the admin: what cannot be written to the audit log is neither shown nor done."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except AuditUnavailableError as error:
            context = {
                **site.each_context(request),
                "title": _("Not now"),
                "sentence": sentence(error, error.params),
            }
            response = render(request, "admin/audit_unavailable.html", context, status=503)
            response.headers["Retry-After"] = "10"
            return response

    return wrapper


site.site_header = site.site_title = NAME
site.index_title = _("Overview")
site.empty_value_display = "–"
site.enable_nav_sidebar = False
site.login_form = AdminSignInForm
site.admin_view = _gzipped(site.admin_view)  # type: ignore[method-assign]  # as Django's manual says
site.index = _with_overview(site.index)  # type: ignore[method-assign]  # as Django's manual says
site.get_app_list = _in_order(site.get_app_list)  # type: ignore[method-assign]  # the same
site.logout = _then_clear(_then_recheck(site.logout))  # type: ignore[method-assign]  # the same
site.password_change = _then_recheck(site.password_change)  # type: ignore[method-assign]  # the same
