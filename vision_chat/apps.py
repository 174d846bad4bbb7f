from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VisionChatConfig(AppConfig):
    name = "vision_chat"
    verbose_name = _("Vision Chat")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from vision_chat.checks import audit_log_is_kept, codecs_are_present  # noqa: PLC0415 - after the registry

        register(codecs_are_present)
        register(audit_log_is_kept, Tags.database)
        post_migrate.connect(_make_groups, sender=self)


def _make_groups(apps: Any, using: str, **kwargs: object) -> None:
    from vision_chat.services.accounts.groups import make_groups  # noqa: PLC0415 - after the registry

    make_groups(apps, using)
