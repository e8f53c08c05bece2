"""What machines post takes a shorter road, and no other view gets in by it."""

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from rivya_app.core.guard import members, public

pytestmark = pytest.mark.django_db(transaction=True)


@public
@csrf_exempt
def hook(request):
    return HttpResponse(f"person: {hasattr(request, 'session')}")


@members()
def private(_request):
    return HttpResponse("never")


def unguarded(_request):
    return HttpResponse("never")


urlpatterns = [
    path("hooks/open/", hook, name="open"),
    path("hooks/private/", private, name="private"),
    path("hooks/unguarded/", unguarded, name="unguarded"),
    path("elsewhere/", hook, name="elsewhere"),
    path("accounts/login/", hook, name="account_login"),
]


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.ROOT_URLCONF = __name__
    settings.STRICT_GUARD = False


def test_a_machines_post_meets_nothing_about_persons():
    assert Client().post("/hooks/open/").content == b"person: False"
    assert Client().post("/elsewhere/").content == b"person: True"


def test_it_does_so_over_asgi_too():
    answer = async_to_sync(AsyncClient().post)("/hooks/open/")
    assert answer.content == b"person: False"


@pytest.mark.parametrize(
    ("address", "status"), [("/hooks/private/", 302), ("/hooks/unguarded/", 302)]
)
def test_what_is_not_public_takes_the_guarded_road(address, status):
    assert Client().get(address).status_code == status


def test_what_is_not_there_is_not_there():
    assert Client().get("/hooks/nothing/").status_code == 404
