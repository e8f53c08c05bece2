"""The page of one review: what it shows, what it refuses, and what a press leads to."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.reviews import actions, checklist
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.workspaces.models import Campaign
from tests.library.conftest import picture
from tests.reviewing import approved, asked, decided

REQUIRED = [item.code for item in checklist.USUAL if item.is_required]
FILM = Decimal(55)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(
        workspace=workspace, name="Diwali", video_model_id="kling-2-6", budget=200
    )


@pytest.fixture
def review(shop, seller, campaign):
    return asked(shop, seller, campaign=campaign)


@pytest.fixture
def browser(client_of, manager):
    return client_of(manager)


def address(review, name="show-review", *more):
    return reverse(f"reviews:{name}", args=[review.public_id, *more])


def page(browser, review, query="", status=200):
    answer = browser.get(address(review) + query)
    assert answer.status_code == status
    return answer


def press(browser, review, kind="approved", **fields):
    """The form as the page sends it, with every required item ticked and no video."""
    typed = {"kind": kind, "sha256": review.sha256, "note": "", "ticked": REQUIRED}
    return browser.post(address(review, "decide"), {**typed, **fields})


def with_video(**fields):
    typed = {
        "video_offered": "1",
        "with_video": "on",
        "model_id": "kling-2-6",
        "controls_of": "kling-2-6",
        "param_duration": "5",
        "param_sound": "false",
        "param_aspect_ratio": "1:1",
        "prompt": "The mug turns slowly",
        "price_seen": str(FILM),
    }
    return {**typed, **fields}


def test_it_shows_the_draft_its_brief_and_the_three_buttons(review, browser, seller):
    html = page(browser, review).content.decode()
    for words in ("Hand-thrown blue mug", "holds 300 ml", "Draft 1", str(seller), "Diwali"):
        assert words in html
    assert f'data-full="{review.file.url}"' in html
    assert html.count('data-decide="') == 3
    assert "A blue mug on a wooden table" in html
    assert review.sha256[:12] in html
    assert html.count("data-required") == len(REQUIRED)
