"""Every refusal of a review has words, in both languages."""

from decimal import Decimal

import pytest
from django.utils import translation

from rivya_app.reviews import actions, refusals
from rivya_app.reviews.checklist import Item
from rivya_app.reviews.refusal_words import words_of
from tests.reviewing import asked, decided

SAMPLES = [
    refusals.NothingToReview(),
    refusals.BytesChanged(),
    refusals.OwnWork(),
    refusals.WordsMissing(),
    refusals.TooLate(),
    refusals.ChecklistOpen([Item("claims"), Item("own", text="The lamp is lit")]),
    refusals.ModelRefused("model_gone"),
    refusals.PriceMoved(Decimal(9)),
]


@pytest.mark.parametrize("refusal", SAMPLES, ids=lambda refusal: type(refusal).__name__)
def test_each_is_said_in_both_languages(refusal):
    english = words_of(refusal)
    with translation.override("hi"):
        assert words_of(refusal) != english
    assert english.endswith(".")


def test_no_refusal_is_without_words():
    known = {type(refusal) for refusal in SAMPLES} | {refusals.AlreadyDecided}
    assert set(refusals.ReviewRefused.__subclasses__()) == known


def test_it_names_the_open_items():
    assert "Nothing is claimed that is not true; The lamp is lit" in words_of(SAMPLES[5])


def test_it_says_who_was_first_and_when(shop, seller, manager, owner):
    review = asked(shop, seller)
    decided(manager, review)
    with pytest.raises(refusals.AlreadyDecided) as refused:
        decided(owner, review)
    assert "Someone already did this: Meera Manager approved it" in words_of(refused.value)


def test_it_says_that_it_was_withdrawn(shop, seller, manager):
    review = asked(shop, seller)
    actions.withdraw(member=seller, public_id=review.public_id)
    with pytest.raises(refusals.AlreadyDecided) as refused:
        decided(manager, review)
    assert "withdrawn" in words_of(refused.value)
