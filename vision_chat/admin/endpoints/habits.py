"""Habits of endpoints in the admin: seen, cleared, and set by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.models import Habit


@admin.register(Habit)
class HabitAdmin(NamedActions):
    list_display = ("model_name", "kind", "value", "words", "origin", "learned_at", "endpoint")
    list_filter = ("kind", "is_set_by_hand", "model_name")
    ordering = ("endpoint", "model_name", "kind")
    fields = ("endpoint", "model_name", "kind", "value", "words", "learned_at", "origin")
    readonly_fields = ("words", "learned_at", "origin")

    @admin.display(description=_("origin"), ordering="is_set_by_hand")
    def origin(self, habit: Habit) -> str:
        return gettext("Set by hand") if habit.is_set_by_hand else gettext("Learned")

    def get_fields(self, request: HttpRequest, obj: Habit | None = None) -> Any:
        """Return all fields of a habit, and those that can be filled in of a new one."""
        return [name for name in self.fields if obj is not None or name not in self.readonly_fields]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        choices = [("", gettext("Choose one")), *db_field.choices]
        return super().formfield_for_choice_field(db_field, request, choices=choices, **kwargs)

    def save_model(self, request: HttpRequest, obj: Habit, form: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        obj.is_set_by_hand = True
        super().save_model(request, obj, form, change)
