"""Pins: notes on places of the exact file that was shown, kept by decisions, dimmed afterwards."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from rivya_app.briefs import actions as briefs
from rivya_app.reviews import actions, pins
from rivya_app.reviews.models import Decision, Pin
from tests.reviewing import asked, decided, results_of


@pytest.fixture
def review(shop, seller):
    return asked(shop, seller)


@pytest.fixture
def desk(client_of, manager):
    return client_of(manager)


def address(review, name="show-review", *more):
    return reverse(f"reviews:{name}", args=[review.public_id, *more])


def put(desk, review, **fields):
    typed = {"x": "30.5", "y": "40", "pin_note": "Thin handle", "sha256": review.sha256}
    return desk.post(address(review, "put-pin") + "?kind=image&zoom=100", {**typed, **fields})


def html_of(desk, review):
    return desk.get(address(review)).content.decode()


def test_it_is_put_on_the_picture_and_shown_in_list_and_drawing(review, desk, manager):
    answer = put(desk, review)
    assert answer.url == address(review) + "?kind=image&zoom=100#pins"
    pin = Pin.objects.get()
    assert (pin.x, pin.y, pin.seconds, pin.made_by) == (Decimal("30.50"), 40, None, manager)
    assert pin.sha256 == review.sha256
    html = html_of(desk, review)
    x, y = review.file.width * 0.305, review.file.height * 0.4
    assert f'transform="translate({x:.2f} {y:.2f})"' in html
    assert 'aria-label="Pin 1: Thin handle"' in html
    assert 'id="pin-1"' in html


@pytest.mark.parametrize(
    "wrong", [{"x": "101"}, {"x": "-1"}, {"y": "NaN"}, {"pin_note": " "}, {"pin_note": "x" * 501}]
)
def test_a_place_off_the_picture_or_no_words_are_refused_and_kept(review, desk, wrong):
    answer = put(desk, review, **wrong)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert '<details class="pin-new" id="pin-new" open>' in html
    assert 'aria-invalid="true"' in html
    assert Pin.objects.count() == 0


def test_a_pin_on_other_bytes_is_refused(review, desk):
    assert put(desk, review, sha256="0" * 64).status_code == 422
    assert Pin.objects.count() == 0


def test_there_is_an_end_of_pins(review, desk, monkeypatch):
    monkeypatch.setattr(pins, "MOST", 1)
    put(desk, review)
    answer = put(desk, review)
    assert answer.status_code == 422
    assert "more than anybody reads" in answer.content.decode()


def test_it_is_reworded_and_removed(review, desk):
    put(desk, review)
    pin = Pin.objects.get()
    reword = address(review, "reword-pin", pin.public_id)
    assert desk.post(reword, {"pin_note": " "}).status_code == 422
    assert desk.post(reword, {"pin_note": "Thinner"}).status_code == 302
    pin.refresh_from_db()
    assert pin.note == "Thinner"
    assert desk.post(address(review, "reword-pin", uuid4()), {"pin_note": "x"}).status_code == 404
    remove = address(review, "remove-pin", pin.public_id)
    assert desk.post(remove).status_code == desk.post(remove).status_code == 302
    assert Pin.objects.count() == 0


def test_nobody_pins_on_what_is_decided_or_not_theirs_to_decide(
    review, desk, client_of, seller, stranger, manager
):
    put(desk, review)
    pin = Pin.objects.get()
    assert put(client_of(seller), review).status_code == 403
    assert put(client_of(stranger), review).status_code == 404
    decided(manager, review, "changes_wanted", note="")
    assert put(desk, review).status_code == 422
    assert desk.post(address(review, "remove-pin", pin.public_id)).status_code == 422
    reword = desk.post(address(review, "reword-pin", pin.public_id), {"pin_note": "x"})
    assert reword.status_code == 422
    kept = Decision.objects.get().pins
    assert kept == [{"x": 30.5, "y": 40.0, "seconds": None, "note": "Thin handle"}]
    assert "Thin handle" in html_of(client_of(seller), review)


def test_earlier_pins_are_shown_on_the_same_file_only(shop, review, desk, manager, seller):
    put(desk, review)
    decided(manager, review, "rejected")
    again = actions.request_review(member=seller, file_ids=[review.file.public_id])[0]
    html = html_of(desk, again)
    assert 'class="pin-dot is-earlier"' in html
    assert "From an earlier round, on the same file" in html
    decided(manager, again, "rejected", note="Still no.")
    brief = review.brief
    briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2)
    shop.finish(brief)
    other = actions.request_review(member=seller, file_ids=[results_of(brief)[1].public_id])[0]
    assert "is-earlier" not in html_of(desk, other)


@pytest.mark.parametrize(("kind", "model_id"), [("video", "kling-2-6"), ("audio", "suno-music")])
def test_on_film_and_sound_it_has_its_second(shop, seller, desk, kind, model_id):
    shop.rivya.fault("instant")
    review = asked(
        shop, seller, product="Turning mug", media_kind=kind, model_id=model_id, params={}
    )
    html = html_of(desk, review)
    assert 'name="seconds"' in html
    assert ('name="x"' in html) == (kind == "video")
    assert put(desk, review, seconds="1.5").status_code == 302
    pin = Pin.objects.get()
    assert pin.seconds == 1.5
    assert pin.y == (40 if kind == "video" else 50)
    assert "0:01" in html_of(desk, review)
