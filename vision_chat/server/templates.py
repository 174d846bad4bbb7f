"""Loaders of templates without blanks around the ends of their lines.

Tags on lines of their own leave blanks behind, which HTML validators complain about. Lines stay, so that
Django's messages about a template name the right one.
"""

import re

from django.template.base import Origin
from django.template.loaders import app_directories, filesystem

_AROUND_LINE_ENDS = re.compile(r"[ \t]*\n[ \t]*")


class _Unindented:
    """Mixin of a loader."""

    def get_contents(self, origin: Origin) -> str:
        contents: str = super().get_contents(origin)  # type: ignore[misc]  # the loader's
        return _AROUND_LINE_ENDS.sub("\n", contents) if origin.name.endswith(".html") else contents


class FolderLoader(_Unindented, filesystem.Loader):
    """Loads those of the project."""


class AppLoader(_Unindented, app_directories.Loader):
    """Loads those of the installed applications, which are the admin's."""
