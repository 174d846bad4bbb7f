#!/usr/bin/env python
"""Django's command line for this project: `python manage.py help`."""

import os
import secrets
import sys

from vision_chat.errors.base import ConfigurationError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    if sys.argv[1:2] == ["restore"] and "--check" in sys.argv:
        # it needs no key and changes nothing, but the settings make a file with one where none is given
        os.environ["SECRET_KEY"] = secrets.token_urlsafe()
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - wants the variable above

    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)  # the shell's exit status after Ctrl-C
    except ConfigurationError as error:
        sys.exit(f"Cannot start: {error}")


if __name__ == "__main__":
    main()
