"""Language models in the admin: who may use them, what is known of them, and whether they answer."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from vision_chat.admin.endpoints.calls import called, configured, environment_of
from vision_chat.admin.endpoints.language_model_form import LanguageModelForm
from vision_chat.admin.endpoints.offers import prices_shown
from vision_chat.admin.endpoints.trials import TrialView, failed_trial
from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.plain_fields import PlainFields
from vision_chat.errors.base import ChatError
from vision_chat.models import Habit, LanguageModel
from vision_chat.services.language_models.calling import endpoint_for, rules_for
from vision_chat.services.language_models.default import make_default
from vision_chat.services.language_models.records import record_trial
from vision_chat.services.language_models.trial import try_model

FIXED = ("endpoint", "model_name")
"""Fields that identify a model: conversations and habits refer to it, so they change no more."""


@admin.register(LanguageModel)
class LanguageModelAdmin(PlainFields, NamedActions):
    form = LanguageModelForm
    list_display = ("name", "endpoint", "state", "takes_pictures", "context", "prices", "who")
    list_filter = ("endpoint", "is_enabled", "groups")
    list_select_related = ("endpoint", "replaced_by", "fallback")
    search_fields = ("model_name", "label")
    search_help_text = _("Model or label")
    ordering = ("-is_from_environment", "endpoint__name", "model_name")
    actions = ("choose_default",)
    fieldsets = (
        (None, {"fields": ("endpoint", "model_name", "label")}),
        (_("Use"), {"fields": ("is_enabled", "is_default", "replaced_by", "fallback", "groups")}),
        (_("What it can do"), {"fields": ("family", "max_images", "context_tokens", "max_output_tokens")}),
        (_("Prices"), {"fields": ("input_price", "output_price")}),
    )
    shown = (
        (None, {"fields": ("endpoint", "model_name", "label")}),
        (_("Use"), {"fields": ("is_used", "is_the_default", "replaced_by", "fallback", "who")}),
        (_("What it can do"), {"fields": ("family_shown", "takes_pictures", "context", "longest", "prices")}),
    )
    """The fields of a model of which at most the fallback can be changed."""

    @admin.display(description=_("model"), ordering="model_name")
    def name(self, row: LanguageModel) -> str:
        return str(row)

    @admin.display(description=_("state"), ordering="is_enabled", empty_value="")
    def state(self, row: LanguageModel) -> str:
        """Say what is special about it; nothing of one that is used like any other."""
        if row.is_retired and row.replaced_by:
            return gettext("Replaced by %(name)s") % {"name": row.replaced_by}
        if row.is_retired:
            return gettext("Not enabled")
        if row.is_default:
            return gettext("Default")
        return gettext("From the environment") if row.is_from_environment else ""

    @admin.display(description=_("pictures"))
    def takes_pictures(self, row: LanguageModel) -> str:
        most = rules_for(row, configured()).max_images
        return gettext("Up to %(count)d") % {"count": most} if most else gettext("None")

    @admin.display(description=_("context"))
    def context(self, row: LanguageModel) -> str:
        return number_format(rules_for(row, configured()).context_tokens)

    @admin.display(description=_("longest answer"))
    def longest(self, row: LanguageModel) -> str:
        return number_format(rules_for(row, configured()).max_output_tokens)

    @admin.display(description=_("family"))
    def family_shown(self, row: LanguageModel) -> str:
        return rules_for(row, configured()).family

    @admin.display(description=_("enabled"))
    def is_used(self, row: LanguageModel) -> str:
        return gettext("Yes") if row.is_enabled else gettext("No")

    @admin.display(description=_("default"))
    def is_the_default(self, row: LanguageModel) -> str:
        """Answer also for the model of the environment, which is the default where no other one is."""
        others = LanguageModel.objects.filter(is_default=True).exclude(pk=row.pk)
        is_default = row.is_default or (row.is_from_environment and not others.exists())
        return gettext("Yes") if is_default else gettext("No")

    @admin.display(description=_("price in and out"), ordering="input_price")
    def prices(self, row: LanguageModel) -> str:
        return prices_shown(row.input_price, row.output_price) or "–"

    @admin.display(description=_("who may use it"))
    def who(self, row: LanguageModel) -> str:
        return ", ".join(group.name for group in row.groups.all()) or gettext("Everybody")

    @admin.action(description=_("Make it the default"), permissions=["change"])
    def choose_default(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        rows = list(queryset.select_related("endpoint")[:2])
        if len(rows) != 1:
            messages.error(request, gettext("Choose one model: there is one default."))
            return
        (row,) = rows
        if row.is_retired:
            messages.error(request, gettext("A model that is not enabled cannot be the default."))
            return
        make_default(row)
        self.log_change(request, row, gettext("Made the default."))
        messages.success(request, gettext("The default is now %(name)s.") % {"name": row})

    def get_queryset(self, request: HttpRequest) -> QuerySet[LanguageModel]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: LanguageModel | None = None) -> Any:
        if obj is not None and (obj.is_from_environment or not self.has_change_permission(request, obj)):
            shown = [name for _title, options in self.shown for name in options["fields"]]
            may_change = self.has_change_permission(request, obj)
            return [name for name in shown if not (may_change and name == "fallback")]
        return FIXED if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: LanguageModel | None = None) -> Any:
        if obj is not None and (obj.is_from_environment or not self.has_change_permission(request, obj)):
            return self.shown
        return super().get_fieldsets(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: LanguageModel | None = None) -> bool:
        is_read_only = obj is not None and obj.is_from_environment
        return super().has_delete_permission(request, obj) and not is_read_only

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: LanguageModel, form: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        is_default, obj.is_default = obj.is_default, False
        super().save_model(request, obj, form, change)
        if is_default:
            make_default(obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.trial_view))
        own = path("<int:pk>/test/", view, name="vision_chat_languagemodel_test")
        return [own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if row := context.get("original"):
            context.update(self._known(request, row))
        return super().render_change_form(request, context, *args, **kwargs)

    def trial_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the model two tiny questions, and show what came."""
        if not self.has_change_permission(request):  # they cost money
            raise PermissionDenied
        row = self.get_queryset(request).select_related("endpoint").filter(pk=pk).first()
        if row is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": gettext("Test"),
            "trial": self._tried(request, row),
        }
        return TemplateResponse(request, "admin/vision_chat/languagemodel/test.html", context)

    def _tried(self, request: HttpRequest, row: LanguageModel) -> TrialView:
        try:
            endpoint = Habit.objects.amended(endpoint_for(row, environment_of(request)))
        except ChatError as error:
            return failed_trial(error)
        known = len(endpoint.habits.known)
        trial = called(request, lambda client: try_model(client, endpoint))
        record_trial(request.user, trial, known)  # type: ignore[arg-type]  # one who is signed in
        return TrialView.of(trial)

    def _known(self, request: HttpRequest, row: LanguageModel) -> dict[str, Any]:
        environment = environment_of(request)
        address = environment.address if row.endpoint.is_from_environment else row.endpoint.base_url
        habits = Habit.objects.filter(endpoint=address, model_name=row.model_name)
        user: Any = request.user
        return {
            "may_test": self.has_change_permission(request),
            "address": address,
            "may_see_habits": user.has_perm("vision_chat.view_habit"),
            "may_add_habits": user.has_perm("vision_chat.add_habit"),
            "habits": habits.order_by("kind", "value"),
        }
