"""What an owner sets for reviews, and the buttons about videos that wait."""

import pytest
from django.urls import reverse

from rivya_app.reviews import access
from rivya_app.reviews.models import VideoConcept
from rivya_app.workspaces.models import Campaign
from tests.cast import make_member
from tests.reviewing import asked, decided, video_order

ADDRESS = "/reviews/settings/"


@pytest.mark.django_db
def test_the_owner_sets_them(client_of, owner, workspace):
    client = client_of(owner)
    assert "No odd hands, letters or shapes" in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, {"makers_may_approve": "on", "undo_seconds": "60"})
    settings = access.settings_of(workspace)
    assert (settings.makers_may_approve, settings.undo_seconds) == (True, 60)
    assert settings.changed_by == owner


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", ["301", "-1", "soon", ""])
def test_a_wrong_number_of_seconds_is_said_and_kept(client_of, owner, workspace, seconds):
    answer = client_of(owner).post(ADDRESS, {"undo_seconds": seconds})
    assert answer.status_code == 422
    assert f'value="{seconds}"' in answer.content.decode() or not seconds
    assert access.settings_of(workspace).undo_seconds == 10


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Diwali", budget=20)


@pytest.fixture
def waiting(shop, seller, manager, campaign):
    """A video that its campaign's budget does not allow."""
    review = asked(shop, seller, campaign=campaign)
    concept = decided(manager, review, video=video_order(review)).concept
    assert concept.state == "needs_budget"
    return concept


def press(client, name, concept, **fields):
    return client.post(reverse(f"reviews:{name}", args=[concept.public_id]), fields)


def test_the_owner_lets_it_through_from_the_first_page(waiting, client_of, owner):
    client = client_of(owner)
    page = client.get("/").content.decode()
    assert reverse("reviews:let-through", args=[waiting.public_id]) in page
    answer = press(client, "let-through", waiting, next="/")
    assert answer.url == "/"
    waiting.refresh_from_db()
    assert waiting.let_through_by == owner
    press(client, "try-video-again", waiting)
    waiting.refresh_from_db()
    assert waiting.state == "started"


def test_a_manager_sees_it_wait_and_cannot_let_it_through(waiting, client_of, manager):
    client = client_of(manager)
    page = client.get("/").content.decode()
    assert "Videos that wait" in page
    assert reverse("reviews:let-through", args=[waiting.public_id]) not in page
    assert press(client, "let-through", waiting).status_code == 403


def test_it_is_given_up_once(waiting, client_of, manager):
    client = client_of(manager)
    for _press in range(2):
        answer = press(client, "give-up-video", waiting)
        assert answer.url == reverse(
            "reviews:show-review", args=[waiting.decision.review.public_id]
        )
    waiting.refresh_from_db()
    assert waiting.state == "taken_back"
    assert "Videos that wait" not in client.get("/").content.decode()


def test_a_foreign_next_is_not_followed(waiting, client_of, owner):
    answer = press(client_of(owner), "let-through", waiting, next="https://elsewhere.example/")
    assert answer.url.startswith("/reviews/")


def test_who_does_not_decide_in_the_campaign_has_no_say(
    waiting, client_of, manager, owner, workspace, campaign
):
    named = make_member(workspace, "manager", name="Named", email="named@team.example")
    campaign.deciders.add(named)
    for name in ("try-video-again", "give-up-video"):
        assert press(client_of(manager), name, waiting).status_code == 404
    assert "Videos that wait" not in client_of(manager).get("/").content.decode()
    assert press(client_of(owner), "let-through", waiting, next="").url == "/"
    assert VideoConcept.objects.get().let_through_by == owner
