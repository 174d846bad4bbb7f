"""Fields that choose rows, without Django's links to forms in windows of their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

LINKS = ("can_add_related", "can_change_related", "can_delete_related", "can_view_related")


class PlainFields(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[arg-type]  # as Django calls it
        for link in LINKS:
            if field is not None and hasattr(field.widget, link):
                setattr(field.widget, link, False)
        return field
