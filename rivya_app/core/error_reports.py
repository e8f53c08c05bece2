"""Django's error pages and mails, without secrets: names that say so, and texts that look so."""

from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from rivya_app.core.redaction import redact


class SecretFilter(SafeExceptionReporterFilter):
    """Hides posted fields and settings whose name speaks of a secret, in every mode."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        return {name: self.cleanse_setting(name, value) for name, value in request.POST.items()}


class RedactedReporter(ExceptionReporter):
    """The finished report, redacted as a whole: frames, messages, addresses and headers."""

    def get_traceback_html(self) -> str:
        return redact(super().get_traceback_html())

    def get_traceback_text(self) -> str:
        return redact(super().get_traceback_text())
