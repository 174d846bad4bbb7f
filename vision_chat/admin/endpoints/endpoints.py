"""Endpoints in the admin: address and key, their models, and the models that they offer."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from vision_chat.admin.endpoints.calls import called, environment_of, look_again
from vision_chat.admin.endpoints.endpoint_form import EndpointForm
from vision_chat.admin.endpoints.offers import offers_of
from vision_chat.admin.endpoints.states import StateView, state_word
from vision_chat.admin.parts.actions import NamedActions
from vision_chat.errors.base import ChatError
from vision_chat.errors.turns import ModelKeyError
from vision_chat.models import Endpoint, EndpointState, LanguageModel
from vision_chat.services.endpoint_states import rows
from vision_chat.services.language_models.calling import endpoint_at
from vision_chat.services.language_models.imports import import_models
from vision_chat.services.language_models.keys import key_of

MODEL_LIST = "admin:vision_chat_languagemodel_changelist"


@admin.register(Endpoint)
class EndpointAdmin(NamedActions):
    form = EndpointForm
    list_display = ("name", "address", "key_state", "model_count", "state")
    search_fields = ("name", "base_url")
    search_help_text = _("Name or address")
    ordering = ("-is_from_environment", "name")
    readonly_fields = ("address", "key_state", "most_replies", "is_used")

    @admin.display(description=_("address"), ordering="base_url")
    def address(self, endpoint: Endpoint) -> str | None:
        return endpoint.base_url or None

    @admin.display(description=_("key"))
    def key_state(self, endpoint: Endpoint) -> str:
        """Say where its key is, and why it cannot be had; never the key."""
        if endpoint.is_from_environment:
            return gettext("From the environment")
        try:
            has_key = bool(key_of(endpoint))
        except ModelKeyError as error:
            return error.detail
        if endpoint.key_variable:
            return endpoint.key_variable
        return gettext("A key is stored") if has_key else gettext("None")

    @admin.display(description=_("models"), ordering="model_count")
    def model_count(self, endpoint: Any) -> int:
        count: int = endpoint.model_count
        return count

    @admin.display(description=_("state"), ordering="is_enabled", empty_value="")
    def state(self, endpoint: Endpoint) -> str:
        if not endpoint.is_enabled:
            return gettext("Not enabled")
        row = EndpointState.objects.filter(address=endpoint.base_url).first()
        if row is not None and (word := state_word(row, timezone.now())):
            return word
        return gettext("From the environment") if endpoint.is_from_environment else ""

    @admin.display(description=_("answers at once"))
    def most_replies(self, endpoint: Endpoint) -> str:
        return gettext("No limit") if endpoint.max_replies is None else str(endpoint.max_replies)

    @admin.display(description=_("enabled"))
    def is_used(self, endpoint: Endpoint) -> str:
        return gettext("Yes") if endpoint.is_enabled else gettext("No")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        rows: QuerySet[Endpoint] = super().get_queryset(request)
        return rows.annotate(model_count=Count("language_models"))

    def get_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> Any:
        """Return the fields of the form, or of what can only be read."""
        may_change = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_change:
            return ["name", "address", "key_state", "most_replies", "is_used"]
        has_key = obj is not None and obj.encrypted_key
        key = ["key", "remove_key"] if has_key else ["key"]
        return ["name", "base_url", *key, "key_variable", "max_replies", "is_enabled"]

    def has_change_permission(self, request: HttpRequest, obj: Endpoint | None = None) -> bool:
        is_read_only = obj is not None and obj.is_from_environment
        return super().has_change_permission(request, obj) and not is_read_only

    def has_delete_permission(self, request: HttpRequest, obj: Endpoint | None = None) -> bool:
        is_read_only = obj is not None and obj.is_from_environment
        return super().has_delete_permission(request, obj) and not is_read_only

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse to list endpoints by what their keys look like, encrypted or not."""
        return "encrypted_key" not in lookup and super().lookup_allowed(lookup, value, request)

    @method_decorator(sensitive_post_parameters("key"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        close = self.admin_site.admin_view(require_POST(self.close_view))
        return [
            path("<int:pk>/import/", view, name="vision_chat_endpoint_import"),
            path("<int:pk>/ask-again/", close, name="vision_chat_endpoint_ask_again"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        endpoint = context.get("original")
        if endpoint is not None:
            context["models"] = endpoint.language_models.order_by("model_name")
            context["first_model"] = context["models"].filter(is_enabled=True).first()
            context["may_import"] = request.user.has_perm("vision_chat.add_languagemodel")
            context["may_test"] = request.user.has_perm("vision_chat.change_languagemodel")
            context["trouble"] = StateView.at(_address_of(endpoint, request))
            context["may_close"] = self.has_change_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the endpoint offers, and import what is chosen of it, with figures read from it anew."""
        may_import = request.user.has_perm("vision_chat.add_languagemodel")
        if not may_import or not self.has_view_permission(request):
            raise PermissionDenied
        endpoint = Endpoint.objects.filter(pk=pk).first()
        if endpoint is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": endpoint,
            "title": gettext("Import models"),
        }
        try:
            place = endpoint_at(endpoint, environment_of(request))
        except ChatError as error:
            return self._page(request, {**context, "problem": error.detail or str(error)})
        entries = called(request, lambda client: client.entries(place))
        chosen = set(request.POST.getlist("model")) if request.method == "POST" else set()
        if chosen:
            new = import_models(endpoint, [entry for entry in entries if entry.model_name in chosen])
            self._log(request, new)
            text = ngettext("%(count)d model was imported.", "%(count)d models were imported.", len(new))
            messages.success(request, text % {"count": len(new)})
            return HttpResponseRedirect(f"{reverse(MODEL_LIST)}?endpoint__id__exact={endpoint.pk}")
        context["offers"] = offers_of(endpoint, entries, request.GET)
        context["nothing_chosen"] = request.method == "POST"
        return self._page(request, context)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the endpoint for well: questions are sent to it again at once."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        endpoint = Endpoint.objects.filter(pk=pk).first()
        if endpoint is None:
            raise Http404
        if rows.close(_address_of(endpoint, request)):
            look_again(request)
            self.log_change(request, endpoint, gettext("Asked again."))
            messages.success(request, gettext("Questions are sent to this endpoint again."))
        return HttpResponseRedirect(reverse("admin:vision_chat_endpoint_change", args=[pk]))

    def _page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(request, "admin/vision_chat/endpoint/import.html", context)

    def _log(self, request: HttpRequest, rows: list[LanguageModel]) -> None:
        if request.user.pk is not None and rows:
            LogEntry.objects.log_actions(request.user.pk, rows, ADDITION, gettext("Imported."))


def _address_of(endpoint: Endpoint, request: HttpRequest) -> str:
    """Return the address under which an endpoint's state is kept; that of the demo is in no row."""
    return environment_of(request).address if endpoint.is_from_environment else endpoint.base_url
