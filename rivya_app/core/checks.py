"""System checks of our own: every route of the URLconf says who may use it."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from rivya_app.core.guard import policy_of


def routes(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every route as (its name with namespaces, the pattern), nested ones included."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from routes(pattern, inner)
        else:
            yield prefix + (pattern.name or ""), pattern


@register("access")
def views_name_their_policy(**_kwargs: Any) -> list[CheckMessage]:
    """An error for each route whose view carries no access policy."""
    return [
        Error(
            f"The route {pattern.pattern} ({name or 'unnamed'}) says nowhere who may use it.",
            hint="Put one of the decorators of core/guard.py on its view.",
            id="access.E001",
        )
        for name, pattern in routes()
        if policy_of(pattern.callback, name) is None
    ]
