"""The rail offers what the guard would allow, and nothing else."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from rivya_app.core import context

LABELS = {
    "home": "Home",
    "briefs:index": "Briefs",
    "briefs:new": "New brief",
    "library:index": "Library",
    "reviews:queue": "Reviews",
    "gateway:keys": "Keys",
    "webhooks:index": "Webhooks",
}


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("seller", {"home", "briefs:index", "briefs:new", "reviews:queue", "library:index"}),
        (
            "owner",
            {
                "home",
                "briefs:index",
                "briefs:new",
                "library:index",
                "reviews:queue",
                "gateway:keys",
                "webhooks:index",
            },
        ),
        ("support", {"home", "briefs:index", "reviews:queue", "library:index"}),
    ],
)
def test_it_offers_only_what_the_role_may_open(role, offered, request, client_of):
    client = client_of(request.getfixturevalue(role))
    page = client.get(reverse("home")).content.decode()
    links = {name for name in LABELS if f'class="rail-link" href="{reverse(name)}"' in page}
    assert links == offered
    assert all(client.get(reverse(name)).status_code == 200 for name in links)


def test_it_marks_the_page_one_is_on(client_of, seller):
    page = client_of(seller).get(reverse("briefs:new")).content.decode()
    assert f'href="{reverse("briefs:new")}" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1


def test_it_offers_nothing_to_a_person_without_a_workspace(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@team.example", name="New"))
    assert 'class="rail-link"' not in client.get(reverse("workspaces:profile")).content.decode()


def test_an_entry_says_how_many_things_wait_there(client_of, owner, seller, monkeypatch):
    waiting = {owner.pk: 3}
    monkeypatch.setitem(
        context._counters, "reviews:queue", lambda member: waiting.get(member.pk, 0)
    )
    assert '<span class="badge">3<' in client_of(owner).get(reverse("home")).content.decode()
    assert '<span class="badge">' not in client_of(seller).get(reverse("home")).content.decode()
    waiting[owner.pk] = 100
    assert '<span class="badge">99+<' in client_of(owner).get(reverse("home")).content.decode()


def test_an_entry_is_counted_by_one_room_alone():
    with pytest.raises(ImproperlyConfigured):
        context.count_for("reviews:queue", lambda _member: 0)
