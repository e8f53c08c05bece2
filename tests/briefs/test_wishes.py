"""What a reviewer asked for becomes the next attempt: taken in, reworded or dropped, and kept."""

from decimal import Decimal

import pytest

from rivya_app.briefs import wish_chips
from rivya_app.briefs.recipes import of_job
from rivya_app.briefs.wish_chips import Chip
from rivya_app.briefs.wishes import Spot, Wish
from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.generations.models import Generation
from rivya_app.reviews import actions, pins, wishes
from rivya_app.reviews.pins import Place
from tests.reviewing import asked, decided, results_of

BEFORE = "A blue mug on a wooden table"


def wish(words="Make the handle larger", code="a", spot=None) -> Wish:
    return Wish(code, words, "Meera", clock.now(), spot)


def chip(words="Make the handle larger", *, taken=True, put="", **fields) -> Chip:
    return Chip(wish(**fields), 1, taken, words, put)


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [
        (0, 0, "Upper left"),
        (50, 50, "Centre"),
        (100, 100, "Lower right"),
        (33, 50, "Left side"),
        (34, 10, "Top centre"),
        (90, 50, "Right side"),
    ],
)
def test_a_place_has_words(x, y, place):
    assert Spot(x, y).for_model == place


def test_a_place_in_a_film_has_its_second():
    assert Spot(10, 10, 2.5).for_model == "Upper left at 2.5 s"
    assert Spot(10, 10, 3.0).words == "upper left, at 3 s"


def test_a_wish_becomes_one_ended_sentence_with_its_place():
    many = wish("Make the\n  handle larger", spot=Spot(10, 10))
    assert many.sentence() == "Upper left: Make the handle larger."
    assert wish("Larger!").sentence() == "Larger!"


def test_what_is_taken_is_put_at_the_end_once():
    text, chips = wish_chips.woven(BEFORE + ".", [chip()])
    assert text == "A blue mug on a wooden table.\nMake the handle larger."
    assert wish_chips.woven(text, chips) == (text, chips)


def test_a_reworded_wish_takes_the_place_of_what_was_put_in():
    text, (first,) = wish_chips.woven(BEFORE, [chip()])
    edited = Chip(first.wish, 1, True, "Double the handle", first.put)
    assert wish_chips.woven(text, [edited])[0] == f"{BEFORE}\nDouble the handle."


def test_a_dropped_wish_is_taken_out_again_and_nothing_else():
    text, (first,) = wish_chips.woven(BEFORE, [chip()])
    dropped = Chip(first.wish, 1, False, first.words, first.put)
    assert wish_chips.woven(f"{text} On grey.", [dropped])[0] == f"{BEFORE}\nOn grey."


def test_what_was_rewritten_by_hand_is_neither_put_in_again_nor_taken_out():
    _text, (first,) = wish_chips.woven(BEFORE, [chip()])
    by_hand = f"{BEFORE} with a large handle"
    assert wish_chips.woven(by_hand, [first])[0] == by_hand
    dropped = Chip(first.wish, 1, False, first.words, first.put)
    assert wish_chips.woven(by_hand, [dropped])[0] == by_hand


def test_a_wish_that_no_longer_fits_is_left_out():
    text, (first,) = wish_chips.woven(BEFORE, [chip()], limit=len(BEFORE) + 5)
    assert (text, first.is_taken) == (BEFORE, False)


def test_every_wish_has_its_answer():
    one = chip(code="one")
    edited = chip("Double the handle", code="two", put="Double the handle.")
    dropped = chip(taken=False, code="three")
    text = f"{BEFORE} Make the handle larger. Double the handle."
    kept = wish_chips.answers([one, edited, dropped], text)
    assert [answer.answer for answer in kept] == ["taken", "taken", "dropped"]
    kept = wish_chips.answers([edited], f"{BEFORE} Double the handle.")
    assert [(answer.answer, answer.text) for answer in kept] == [("edited", "Double the handle.")]


# From the review to the next attempt.


@pytest.fixture
def review(shop, seller, manager):
    """Changes wanted, with a note and a pin."""
    review = asked(shop, seller)
    pins.put(
        member=manager,
        public_id=review.public_id,
        sha256=review.sha256,
        place=Place(Decimal(10), Decimal(10)),
        note="Remove the shadow",
    )
    decided(manager, review, "changes_wanted", note="Make the handle larger")
    review.refresh_from_db()
    return review


def place(review):
    return wishes.attempt_url(review)


def codes_of(review) -> list[str]:
    return [one.code for one in wishes.of_jobs([review.generation])[review.generation_id]]


def sent(review, **fields):
    """The next attempt as a browser would post it: both wishes taken up."""
    note, pin = codes_of(review)
    values = {
        "attempt": "2",
        "like": "1",
        "model_id": "z-image",
        "controls_of": "z-image",
        "prompt": f"{BEFORE} Make the handle larger. Upper left: Remove the shadow.",
        "param_aspect_ratio": "1:1",
        f"take:{note}": "on",
        f"words:{note}": "Make the handle larger",
        f"put:{note}": "Make the handle larger.",
        f"take:{pin}": "on",
        f"words:{pin}": "Remove the shadow",
        f"put:{pin}": "Upper left: Remove the shadow.",
    }
    values |= fields
    return {name: value for name, value in values.items() if value is not None}


def test_the_form_starts_with_every_wish_in_its_text_and_shows_the_change(
    review, seller, client_of
):
    answer = client_of(seller).get(place(review))
    page = answer.content.decode()
    assert answer.context["form"]["prompt"].value() == (
        f"{BEFORE}\nMake the handle larger.\nUpper left: Remove the shadow."
    )
    assert "What is wanted otherwise" in page
    assert "<ins>" in page
    assert "Meera Manager" in page
    assert "1 attempt at this draft so far: 1 credit spent" in page
    assert '<circle cx="10.0%" cy="10.0%"' in page


def test_the_brief_page_leads_there(review, seller, client_of):
    page = client_of(seller).get(f"/briefs/{review.brief.public_id}/").content.decode()
    assert "Next attempt, from 2 notes" in page
    assert "Changes wanted: your turn" in page


def test_its_review_leads_there_until_the_attempt_is_made(
    review, shop, seller, manager, support, client_of
):
    shown = f"/reviews/{review.public_id}/"
    link = place(review).replace("&", "&amp;")
    assert f'href="{link}"' in client_of(seller).get(shown).content.decode()
    assert f'href="{link}"' not in client_of(support).get(shown).content.decode()
    client_of(seller).post(place(review), sent(review))
    assert f'href="{link}"' not in client_of(seller).get(shown).content.decode()
    shop.finish(review.brief)
    second = actions.request_review(
        member=seller, file_ids=[results_of(review.brief)[-1].public_id]
    )[0]
    page = client_of(manager).get(f"/reviews/{second.public_id}/").content.decode()
    assert "What was wanted otherwise in the round before" in page
    assert "upper left: Remove the shadow → in the text" in page


def test_the_attempt_keeps_what_became_of_each_wish(review, shop, seller, client_of):
    client_of(seller).post(place(review), sent(review))
    second = shop.job(review.brief)
    assert second.parent == review.generation
    assert "Make the handle larger." in of_job(second).prompt
    kept = wishes.answered(second)
    assert [(one.asked, one.answer, one.place) for one in kept] == [
        ("Make the handle larger", "taken", ""),
        ("Remove the shadow", "taken", "upper left"),
    ]
    assert of_job(review.generation).prompt == BEFORE
    page = client_of(seller).get(f"/briefs/{review.brief.public_id}/").content.decode()
    assert "upper left: Remove the shadow → in the text" in page


def test_a_dropped_and_a_reworded_wish_are_kept_as_such(review, shop, seller, client_of):
    note, pin = codes_of(review)
    fields = sent(review, **{f"take:{pin}": None, f"words:{note}": "Double the handle"})
    client_of(seller).post(place(review), fields)
    second = shop.job(review.brief)
    assert of_job(second).prompt == f"{BEFORE} Double the handle."
    assert [one.answer for one in wishes.answered(second)] == ["edited", "dropped"]


def test_without_a_script_a_button_shows_the_text_anew_and_starts_nothing(
    review, seller, client_of
):
    _note, pin = codes_of(review)
    answer = client_of(seller).post(
        place(review), sent(review, refresh="1", **{f"take:{pin}": None})
    )
    assert answer.status_code == 200
    assert answer.context["form"]["prompt"].value() == f"{BEFORE} Make the handle larger."
    assert Generation.objects.count() == 1


def test_the_live_parts_answer_with_chips_text_and_change(review, seller, client_of):
    _note, pin = codes_of(review)
    address = f"/briefs/{review.brief.public_id}/drafts/1/attempts"
    fields = sent(review, **{f"take:{pin}": None})
    page = client_of(seller).post(f"{address}/wishes/", fields).content.decode()
    assert 'id="wishes"' in page
    assert 'id="prompt-field"' in page
    assert 'id="changes"' in page
    assert "Left out" in page
    text = client_of(seller).post(f"{address}/text/", fields).content.decode()
    assert 'id="changes"' in text
    assert 'id="prompt-field"' not in text


def test_a_change_that_waits_for_credits_keeps_its_answers(review, shop, seller, client_of):
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")
    client_of(seller).post(place(review), sent(review))
    assert Generation.objects.count() == 1
    shop.rivya.set_credits(100)
    client_of(seller).post(f"/briefs/{review.brief.public_id}/resume/")
    assert [one.answer for one in wishes.answered(shop.job(review.brief))] == ["taken", "taken"]


def test_a_decision_that_was_taken_back_asks_for_nothing(review, manager):
    newest = review.decisions.latest("number")
    actions.take_back(member=manager, public_id=review.public_id, decision_id=newest.public_id)
    assert wishes.of_jobs([review.generation]) == {}


def test_a_decision_that_was_made_anew_asks_for_what_it_says_alone(review, manager):
    actions.reverse_decision(member=manager, public_id=review.public_id, reason="I looked again")
    assert wishes.of_jobs([review.generation]) == {}
    decided(manager, review, "changes_wanted", note="Only the colour")
    found = wishes.of_jobs([review.generation])[review.generation_id]
    assert [one.words for one in found] == ["Only the colour", "Remove the shadow"]


def test_a_wish_of_another_job_cannot_be_answered(review, seller, shop, client_of):
    other = asked(shop, seller)
    code = codes_of(review)[0]
    address = f"/briefs/{other.brief.public_id}/drafts/1/attempts/"
    fields = sent(review, like="1", prompt=BEFORE, **{f"words:{code}": "x"})
    client_of(seller).post(address, fields)
    assert wishes.answered(shop.job(other.brief)) == []
    assert of_job(shop.job(other.brief)).prompt == BEFORE
