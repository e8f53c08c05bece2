"""The video an approval can order: by which model, how long, which shape, from which text."""

from decimal import Decimal

import pytest

from rivya_app.briefs.models import Brief
from rivya_app.credits import wallet
from rivya_app.gateway import kinds
from rivya_app.gateway.access import workflow_for
from rivya_app.reviews import video_offer
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Campaign
from tests.reviewing import asked


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Diwali")


@pytest.fixture
def review(shop, seller, campaign):
    return asked(shop, seller, campaign=campaign)


def offered(manager, review, **changes):
    """The offer once the campaign says otherwise."""
    Campaign.objects.filter(pk=review.campaign_id).update(**changes)
    fresh = Review.objects.select_related("campaign", "brief", "file").get(pk=review.pk)
    return video_offer.usual_order(manager, fresh)


def test_it_starts_from_the_cheapest_model_that_takes_the_picture(manager, review):
    offer = offered(manager, review)
    prices = [card.base_credits for card in offer.models]
    assert prices == sorted(prices)
    assert offer.model == offer.models[0]
    assert not offer.is_wanted
    assert all(card.takes_references for card in offer.models)


def test_the_campaigns_model_is_offered_and_meant(manager, review):
    offer = offered(manager, review, video_model_id="kling-2-6")
    assert (offer.model.model_id, offer.is_wanted) == ("kling-2-6", True)
    gone = offered(manager, review, video_model_id="no-such-model")
    assert (gone.model, gone.is_wanted) == (gone.models[0], False)


def test_models_that_the_owner_did_not_permit_are_left_out(manager, review):
    flow = workflow_for(review.workspace, kinds.VIDEO)
    flow.allowed_model_ids = ["kling-3-0"]
    flow.save()
    assert [card.model_id for card in offered(manager, review).models] == ["kling-3-0"]
    flow.allowed_model_ids = ["no-such-model"]
    flow.save()
    assert offered(manager, review) is None


@pytest.mark.parametrize(
    ("channel", "ratio"),
    [("story", "9:16"), ("marketplace", "1:1"), ("social", "1:1"), ("banner", "16:9")],
)
def test_the_shape_follows_the_channel(manager, review, channel, ratio):
    Brief.objects.update(channel=channel)
    offer = offered(manager, review, video_model_id="kling-2-6")
    assert offer.params == {"aspect_ratio": ratio}


def test_the_campaigns_length_and_shape_come_first_where_the_model_has_them(manager, review):
    formats = {"marketplace": {"duration": "10", "ratio": "9:16"}}
    offer = offered(manager, review, video_model_id="kling-2-6", video_formats=formats)
    assert offer.params == {"duration": "10", "aspect_ratio": "9:16"}
    formats = {"marketplace": {"duration": "77", "ratio": "5:4"}}
    assert offered(manager, review, video_formats=formats).params == {}


def test_the_text_is_drafted_from_the_brief_within_the_models_limit(manager, review):
    Brief.objects.update(points="\n".join(["glazed stoneware that holds"] * 60))
    offer = offered(manager, review, video_model_id="kling-2-6")
    assert offer.prompt.startswith("Short product video of Hand-thrown blue mug")
    assert len(offer.prompt) <= offer.model.prompt_limit == 1000


def test_films_and_sounds_become_no_video(manager, review):
    Review.objects.update(media_kind="video")
    assert offered(manager, review) is None


def test_its_cost_names_what_is_left_and_who_can_help(shop, manager, owner, review):
    model = offered(manager, review, video_model_id="kling-2-6").model
    cost = video_offer.cost_of(manager, review, model, {"duration": "5"})
    assert (cost.unit.expected, cost.after) == (Decimal(55), cost.balance - 55)
    assert (cost.budget_after, cost.owners, cost.is_in_budget) == (None, (), True)
    Campaign.objects.update(budget=30)
    cost = video_offer.cost_of(manager, review, model, {})
    assert (cost.budget_after, cost.is_in_budget) == (30 - 1 - 55, False)
    assert cost.owners == (str(owner),)
    shop.rivya.set_credits(20)
    wallet.read(shop.workspace, cause="test")
    cost = video_offer.cost_of(manager, review, model, {})
    assert not cost.is_enough
