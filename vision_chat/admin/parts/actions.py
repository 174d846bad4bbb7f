"""The menu of actions above a list."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext


class NamedActions(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Begins the menu of actions with what it is for, where Django has a row of dashes."""

    def get_action_choices(self, request: HttpRequest, default_choices: Any = None) -> list[tuple[str, str]]:
        return super().get_action_choices(request, [("", gettext("Choose an action"))])
