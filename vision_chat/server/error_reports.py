"""Django's pages about errors, which DEBUG shows: without keys, be it on a developer's own machine."""

from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class ReportFilter(SafeExceptionReporterFilter):
    """Hides fields, variables and entries whose names say that they are secret, also while DEBUG is on."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {name: self.cleanse_setting(name, value) for name, value in self._posted(request)}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> Any:
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleanse_setting(name, value)) for name, value in variables]

    def _posted(self, request: HttpRequest | None) -> list[tuple[str, Any]]:
        return list(super().get_post_parameters(request).items())
