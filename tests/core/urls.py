"""Routes that exist only to be refused or let through."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from rivya_app.core.guard import members, public, signed_in, staff_or_demo
from rivya_app.urls import urlpatterns as real


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all by mistake")


@public
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@signed_in
def own_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("own")


@members()
def team_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"member {request.member}")


@members("owner", "manager")
def deciders_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("deciders")


@members("owner", is_confirmed=True)
def vault_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.POST.get('secret', '')}")


@staff_or_demo
def staff_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("staff")


@public
def broken_page(request: HttpRequest) -> HttpResponse:
    password = request.POST.get("secret", "")
    raise RuntimeError(f"could not use {password}")


urlpatterns = [
    *real,
    path("t/forgotten/", forgotten, name="forgotten"),
    path("t/open/", open_page, name="open"),
    path("t/own/", own_page, name="own"),
    path("t/team/", team_page, name="team"),
    path("t/deciders/", deciders_page, name="deciders"),
    path("t/vault/", vault_page, name="vault"),
    path("t/staff/", staff_page, name="staff"),
    path("t/broken/", broken_page, name="broken"),
]
