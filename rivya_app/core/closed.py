"""An address that must have a name and leads nowhere."""

from typing import Any, NoReturn

from django.http import Http404, HttpRequest

from rivya_app.core.guard import public


@public
def closed(_request: HttpRequest, **_kwargs: Any) -> NoReturn:
    """404 for everybody."""
    raise Http404
