"""What every page needs from the request."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    return {"member": getattr(request, "member", None)}
