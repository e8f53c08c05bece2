"""The rail offers what the guard would allow, and nothing else."""

import pytest
from django.urls import reverse

LABELS = {
    "home": "Home",
    "briefs:index": "Briefs",
    "briefs:new": "New brief",
    "library:index": "Library",
    "gateway:keys": "Keys",
    "webhooks:index": "Webhooks",
}


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("seller", {"home", "briefs:index", "briefs:new", "library:index"}),
        (
            "owner",
            {
                "home",
                "briefs:index",
                "briefs:new",
                "library:index",
                "gateway:keys",
                "webhooks:index",
            },
        ),
        ("support", {"home", "briefs:index", "library:index"}),
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
