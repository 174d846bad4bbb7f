"""`manage.py fill_review_queues`: let the rules of review queues look at what is new."""

from typing import Any

from django.core.management.base import BaseCommand

from vision_chat.services.review_queues.filling import fill_all


class Command(BaseCommand):
    help = "Fill the open review queues by their rules, as a server does by itself once a minute."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"New items: {fill_all():,}")
