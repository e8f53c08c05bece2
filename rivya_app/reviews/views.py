"""Temporary."""

from django.http import HttpResponse
from rivya_app.core.guard import members


@members()
def stub(request, **kw) -> HttpResponse:
    return HttpResponse("queue")
