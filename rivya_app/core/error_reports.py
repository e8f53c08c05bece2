"""Django's error pages and mails, without secrets: names that say so, and texts that look so."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from rivya_app.core.redaction import redact


class SecretFilter(SafeExceptionReporterFilter):
    """Hides posted fields and settings whose name speaks of a secret, in every mode."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        return {name: self.cleanse_setting(name, value) for name, value in request.POST.items()}


class RedactedReporter(ExceptionReporter):
    """Hides what names speak of and what looks like a secret."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        for frame in data.get("frames", ()):
            frame["vars"] = self._shown(frame.get("vars", ()))
        for part in ("request_GET_items", "request_COOKIES_items"):
            if part in data:
                data[part] = self._shown(data[part])
        return data

    def _shown(self, pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
        hide = self.filter.cleanse_setting
        return [(name, hide(name, redact(str(value)))) for name, value in pairs]

    def get_traceback_html(self) -> SafeString:
        return SafeString(redact(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(redact(super().get_traceback_text()))
