"""A film beside pictures: it goes by its own job everywhere, not by the kind of its brief."""

from decimal import Decimal

import pytest

from rivya_app.briefs import actions, again, attempts
from rivya_app.briefs.models import Brief
from rivya_app.briefs.recipes import of_job
from rivya_app.credits import wallet
from rivya_app.credits.models import CreditAccount
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.reviews.models import VideoConcept
from tests.reviewing import after_undo, asked, decided, video_order

STILL, FILM = Decimal(1), Decimal(55)


@pytest.fixture
def filmed(shop, seller, manager):
    """A brief of one picture, approved, and its film, made."""
    review = asked(shop, seller)
    decision = decided(manager, review, video=video_order(review))
    after_undo(VideoConcept.objects.get(decision=decision))
    shop.finish(review.brief)
    return review.brief


def film_of(brief: Brief) -> Generation:
    newest = Generation.objects.filter(draft__brief=brief, media_kind="video").order_by("-id")
    return newest[0]


def again_at(brief: Brief, position: int = 2) -> str:
    return f"/briefs/{brief.public_id}/drafts/{position}/attempts/"


def test_the_brief_page_calls_it_video_1_beside_draft_1(filmed, seller, client_of):
    page = client_of(seller).get(f"/briefs/{filmed.public_id}/").content.decode()
    assert "Video 1" in page
    assert "Draft 1 is ready" in page
    assert "Video 1 is ready" in page
    assert "Draft 2" not in page
    assert "player.css" in page


def test_it_is_offered_again_at_the_price_of_the_film(filmed, seller):
    drafts = list(filmed.drafts.select_related("generation", "brief"))
    offers = again.offers(filmed, drafts, seller)
    assert offers[1].same.words == "Same again, 1 credit"
    assert offers[2].same.words == "Same again, 55 credits"


def test_the_same_again_is_a_film_of_the_same_still(filmed, shop, seller, client_of):
    still = uses.files_of(film_of(filmed).reference)
    client_of(seller).post(again_at(filmed), {"attempt": "2"})
    second = film_of(filmed)
    assert Generation.objects.filter(media_kind="video").count() == 2
    assert second.workflow.moment == "short_video"
    assert second.estimated_credits == FILM
    assert uses.files_of(second.reference) == still
    assert second.parent.media_kind == "video"


def test_its_form_offers_films_alone_and_starts_one_with_changes(filmed, seller, client_of):
    browser = client_of(seller)
    page = browser.get(again_at(filmed))
    text = page.content.decode()
    assert "Video 1, attempt 2" in text
    assert {card.media_kind for card in page.context["models"]} == {"video"}
    assert page.context["price"].total == FILM
    form = page.context["form"]
    answer = browser.post(
        again_at(filmed),
        {
            "attempt": "2",
            "model_id": form.model.model_id,
            "controls_of": form.model.model_id,
            "prompt": "The mug turns the other way",
            "param_duration": "5",
            "param_sound": "false",
            "param_aspect_ratio": "1:1",
            "references": [str(file.public_id) for file in form.references.chosen],
        },
    )
    assert answer.status_code == 302
    assert of_job(film_of(filmed)).prompt == "The mug turns the other way"
    assert film_of(filmed).media_kind == "video"


def test_the_form_of_the_picture_still_offers_pictures(filmed, seller):
    form = attempts.form_for(seller, filmed.public_id, 1)
    assert {card.media_kind for card in form.models} == {"image"}


def test_it_waits_for_credits_and_is_resumed_as_a_film(filmed, shop, seller):
    shop.rivya.set_credits(2)
    wallet.read(shop.workspace, cause="test")
    draft = actions.new_attempt(member=seller, public_id=filmed.public_id, position=2, attempt=2)
    filmed.refresh_from_db()
    assert draft is None
    assert (filmed.state, filmed.waiting_positions) == ("needs_credits", [2])
    assert filmed.needed_credits == FILM
    shop.rivya.set_credits(200)
    actions.resume(member=seller, public_id=filmed.public_id)
    filmed.refresh_from_db()
    assert filmed.state == "started"
    assert film_of(filmed).draft.attempt == 2
    assert film_of(filmed).workflow.moment == "short_video"
    assert CreditAccount.objects.get(workspace=shop.workspace).held == FILM


def test_a_picture_and_a_film_are_resumed_together_each_at_its_price(filmed, shop, seller):
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")
    for position in (1, 2):
        actions.new_attempt(member=seller, public_id=filmed.public_id, position=position, attempt=2)
    filmed.refresh_from_db()
    assert filmed.needed_credits == STILL + FILM
    shop.rivya.set_credits(200)
    actions.resume(member=seller, public_id=filmed.public_id)
    kinds = Generation.objects.filter(draft__attempt=2).values_list("media_kind", flat=True)
    assert sorted(kinds) == ["image", "video"]
    assert CreditAccount.objects.get(workspace=shop.workspace).held == STILL + FILM


def test_a_film_that_waits_is_not_told_of_the_pictures_lost_model(filmed, shop, seller, client_of):
    shop.rivya.set_credits(2)
    wallet.read(shop.workspace, cause="test")
    actions.new_attempt(member=seller, public_id=filmed.public_id, position=2, attempt=2)
    Brief.objects.filter(pk=filmed.pk).update(model_id="gone-model")
    page = client_of(seller).get(f"/briefs/{filmed.public_id}/")
    assert page.context["lost"] is None
    Brief.objects.filter(pk=filmed.pk).update(waiting_positions=[1])
    assert client_of(seller).get(f"/briefs/{filmed.public_id}/").context["lost"]
