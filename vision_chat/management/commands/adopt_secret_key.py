"""`manage.py adopt_secret_key`: let servers with the SECRET_KEY of these settings start, and no others."""

from typing import Any

from django.core.management.base import BaseCommand

from vision_chat.services.site import secret_key


class Command(BaseCommand):
    help = "Make the SECRET_KEY of these settings that of the site. Everybody must then sign in again."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if secret_key.adopt():
            self.stdout.write("From now on servers with this SECRET_KEY start, and no others.")
        else:
            self.stdout.write("This SECRET_KEY is that of the site already.")
