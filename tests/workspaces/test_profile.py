from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone, translation

from rivya_app.workspaces.models import User
from rivya_app.workspaces.requests import MemberRequest

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Asha", "language": "hi", "time_zone": "Asia/Kolkata", "theme": "dark"}


@pytest.fixture
def seen(monkeypatch):
    """The language and the hour in which a page was made."""
    from rivya_app.notices import views

    found = {}

    def look(request: MemberRequest, *_: object) -> None:
        noon = Template("{{ noon|date:'H:i' }}").render(
            Context({"noon": datetime(2026, 5, 1, 12, tzinfo=UTC)})
        )
        found.update(language=translation.get_language(), noon=noon)

    monkeypatch.setattr(views, "render", lambda *args: look(*args) or views.HttpResponse())
    return found


def test_it_keeps_what_a_person_chose(client_of, seller):
    browser = client_of(seller)
    answer = browser.post(reverse("workspaces:profile"), PROFILE)
    assert answer.status_code == 302
    seller.user.refresh_from_db()
    assert {name: getattr(seller.user, name) for name in PROFILE} == PROFILE
    assert answer.cookies["language"].value == "hi"


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Mars/Olympus"), ("language", "xx"), ("name", " ")]
)
def test_it_refuses_what_is_not_offered_and_keeps_what_was_typed(client_of, seller, field, value):
    answer = client_of(seller).post(reverse("workspaces:profile"), PROFILE | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert answer.context["form"]["theme"].value() == "dark"
    seller.user.refresh_from_db()
    assert seller.user.theme == "system"


def test_it_is_open_to_a_person_without_a_workspace(client_of, seller):
    seller.is_active = False
    seller.save()
    assert client_of(seller).get(reverse("workspaces:profile")).status_code == 200


def test_pages_are_made_in_the_persons_language_and_time(client_of, seller, seen):
    User.objects.filter(pk=seller.user.pk).update(language="hi", time_zone="Asia/Kolkata")
    client_of(seller).get(reverse("notices:index"), headers={"Accept-Language": "en"})
    assert seen == {"language": "hi", "noon": "17:30"}


def test_one_readers_choices_do_not_stay_for_the_next(client_of, seller, owner, seen):
    User.objects.filter(pk=seller.user.pk).update(language="hi", time_zone="Asia/Kolkata")
    client_of(seller).get(reverse("notices:index"))
    client_of(owner).get(reverse("notices:index"))
    assert seen == {"language": "en", "noon": "12:00"}


def test_a_time_zone_does_not_stay_for_a_reader_who_is_not_signed_in(client, client_of, seller):
    User.objects.filter(pk=seller.user.pk).update(time_zone="Asia/Kolkata")
    client_of(seller).get(reverse("workspaces:profile"))
    client.get("/healthz")
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_cookie_comes_before_the_browser_and_the_person_before_both(client_of, seller, seen):
    browser = client_of(seller)
    browser.get(reverse("notices:index"), headers={"Accept-Language": "hi"})
    assert seen["language"] == "hi"
    browser.cookies["language"] = "en"
    browser.get(reverse("notices:index"), headers={"Accept-Language": "hi"})
    assert seen["language"] == "en"
    User.objects.filter(pk=seller.user.pk).update(language="hi")
    browser.get(reverse("notices:index"))
    assert seen["language"] == "hi"


def test_anybody_changes_the_language_of_their_browser(client):
    answer = client.post(reverse("set_language"), {"language": "hi", "next": "/accounts/login/"})
    assert (answer.url, answer.cookies["language"].value) == ("/accounts/login/", "hi")
    elsewhere = client.post(
        reverse("set_language"), {"language": "hi", "next": "https://elsewhere.example/"}
    )
    assert "elsewhere" not in elsewhere.url
    assert client.get(reverse("set_language")).status_code == 405


def test_a_person_signed_in_changes_their_own_language_with_it(client_of, seller):
    client_of(seller).post(reverse("set_language"), {"language": "hi", "next": "/"})
    seller.user.refresh_from_db()
    assert seller.user.language == "hi"
    client_of(seller).post(reverse("set_language"), {"language": "xx", "next": "/"})
    seller.user.refresh_from_db()
    assert seller.user.language == "hi"


def test_an_unknown_time_zone_is_read_as_utc(client_of, seller, seen):
    User.objects.filter(pk=seller.user.pk).update(time_zone="Mars/Olympus")
    client_of(seller).get(reverse("notices:index"))
    assert seen["noon"] == "12:00"


@pytest.fixture(autouse=True)
def as_found():
    yield
    translation.activate("en")
    timezone.deactivate()
