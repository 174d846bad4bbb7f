"""Habits of endpoints in the admin: seen, cleared, and set by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from vision_chat.admin.actions import NamedActions
from vision_chat.models import Habit


@admin.register(Habit)
class HabitAdmin(NamedActions):
    list_display = ("model_name", "kind", "value", "words", "learned_at", "is_set_by_hand", "endpoint")
    list_filter = ("kind", "is_set_by_hand", "model_name")
    ordering = ("endpoint", "model_name", "kind")
    fields = ("endpoint", "model_name", "kind", "value", "words", "learned_at", "is_set_by_hand")
    readonly_fields = ("words", "learned_at", "is_set_by_hand")

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        choices = [("", gettext("Choose one")), *db_field.choices]
        return super().formfield_for_choice_field(db_field, request, choices=choices, **kwargs)

    def save_model(self, request: HttpRequest, obj: Habit, form: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        obj.is_set_by_hand = True
        super().save_model(request, obj, form, change)
