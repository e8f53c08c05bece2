"""A video that an approval orders, where an owner must say yes first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from rivya_app.core import clock
from rivya_app.credits import gate, gate_rules
from rivya_app.credits.models import Ask, CreditAccount, LedgerEntry
from rivya_app.generations.models import Generation
from rivya_app.notices.models import Notice
from rivya_app.reviews import actions, bulk, concepts
from rivya_app.reviews.models import Review, VideoConcept
from tests.credits.test_gate import rule, seen
from tests.reviewing import after_undo, asked, decided, video_order

FILM = Decimal(55)


@pytest.fixture
def review(shop, seller, owner):
    rule(owner, above=Decimal(30))
    return asked(shop, seller)


def ordered(manager, review) -> VideoConcept:
    decision = decided(manager, review, video=video_order(review))
    return VideoConcept.objects.get(decision=decision)


def answer(owner, concept, *, is_yes: bool, note: str = "") -> None:
    ask = Ask.objects.filter(reference=concept.ask_reference).latest("id")
    gate.answer(member=owner, public_id=ask.public_id, is_yes=is_yes, seen=seen(ask), note=note)


def state(review: Review) -> str:
    return Review.objects.get(pk=review.pk).state


def films() -> int:
    return Generation.objects.filter(media_kind="video").count()


def held() -> Decimal:
    return CreditAccount.objects.get().held


def test_the_decision_stands_and_the_video_waits_without_a_hold(shop, review, manager, owner):
    concept = ordered(manager, review)
    assert (concept.state, state(review), held()) == ("needs_yes", "approved", 0)
    ask = Ask.objects.get()
    assert (ask.amount, ask.asked_by) == (FILM, manager)
    assert {notice.member for notice in Notice.objects.filter(kind="yes_asked")} == {owner}
    for _round in range(3):
        concept = after_undo(concept)
    assert (concept.state, films(), Ask.objects.count()) == ("needs_yes", 0, 1)


def test_a_yes_holds_it_and_it_starts_once_after_the_undo_window(shop, review, manager, owner):
    concept = ordered(manager, review)
    answer(owner, concept, is_yes=True)
    gate.carry_out_all()
    gate.carry_out_all()
    concept.refresh_from_db()
    assert (concept.state, held(), films()) == ("waiting", FILM, 0)
    assert concept.starts_at == concept.decision.undo_until
    concept = after_undo(concept)
    assert (concept.state, films()) == ("started", 1)


def test_a_no_takes_the_video_back_and_leaves_the_still(
    shop, review, manager, seller, owner, client_of
):
    concept = ordered(manager, review)
    answer(owner, concept, is_yes=False, note="Not this month.")
    gate.carry_out_all()
    concept.refresh_from_db()
    assert (concept.state, state(review), films()) == ("taken_back", "approved", 0)
    assert not LedgerEntry.objects.filter(reference=concept.ledger_reference).exists()
    page = client_of(manager).get(f"/reviews/{review.public_id}/").content.decode()
    assert "Vikram Owner said no to the video: “Not this month.”" in page
    page = client_of(seller).get(f"/briefs/{review.brief.public_id}/").content.decode()
    assert "Not this month." in page


def test_nobody_answers_and_it_is_asked_again_by_a_press_alone(
    shop, review, manager, owner, client_of
):
    concept = ordered(manager, review)
    with clock.at(clock.now() + timedelta(hours=80)):
        gate.carry_out_all()
        concepts.start(concept.public_id)
        concept.refresh_from_db()
        assert (concept.state, Ask.objects.count()) == ("needs_yes", 1)
        assert "Ask again" in client_of(manager).get("/").content.decode()
        for _press in range(2):
            actions.try_video_again(member=manager, public_id=concept.public_id)
        assert list(Ask.objects.order_by("id").values_list("state", flat=True)) == [
            "expired",
            "pending",
        ]


def test_taking_the_decision_back_ends_the_question(shop, review, manager):
    concept = ordered(manager, review)
    actions.take_back(
        member=manager, public_id=review.public_id, decision_id=concept.decision.public_id
    )
    assert Ask.objects.get().state == "withdrawn"


def test_a_yes_to_a_video_that_was_given_up_starts_nothing(shop, review, manager, owner):
    concept = ordered(manager, review)
    answer(owner, concept, is_yes=True)
    actions.give_up_video(member=manager, public_id=concept.public_id)
    gate.carry_out_all()
    assert (VideoConcept.objects.get().state, held()) == ("taken_back", 0)


def test_a_killed_worker_loses_no_answer(shop, review, manager, owner, monkeypatch, caplog):
    concept = ordered(manager, review)
    answer(owner, concept, is_yes=True)
    save = concepts._save

    def killed(row: VideoConcept) -> None:
        save(row)
        raise RuntimeError("the worker is gone")

    monkeypatch.setattr(concepts, "_save", killed)
    gate.carry_out_all()
    assert (VideoConcept.objects.get().state, held()) == ("needs_yes", 0)
    monkeypatch.setattr(concepts, "_save", save)
    gate.carry_out_all()
    assert (VideoConcept.objects.get().state, held()) == ("waiting", FILM)


def test_an_owners_own_approval_asks_nobody(shop, review, owner):
    assert ordered(owner, review).state == "waiting"
    assert not Ask.objects.exists()


def test_a_yes_with_too_few_credits_waits_for_them_and_asks_no_more(shop, review, manager, owner):
    concept = ordered(manager, review)
    CreditAccount.objects.update(available=10)
    answer(owner, concept, is_yes=True)
    gate.carry_out_all()
    concept.refresh_from_db()
    assert concept.state == "needs_credits"
    CreditAccount.objects.update(available=100)
    assert after_undo(concept).state == "started"
    assert Ask.objects.count() == 1


def test_once_the_rule_ends_it_starts_by_itself(shop, review, manager, owner):
    concept = ordered(manager, review)
    gate_rules.end_rule(member=owner, public_id=Ask.objects.get().rule.public_id)
    assert after_undo(concept).state in ("waiting", "started")
    assert Ask.objects.get().state == "withdrawn"


def test_the_panel_says_it_before_the_press(shop, review, manager, owner, client_of):
    rule(owner, above=Decimal(1))  # the cheapest model is offered first
    page = client_of(manager).get(f"/reviews/{review.public_id}/").content.decode()
    assert "It needs an owner’s yes (more than 1 credit)" in page
    page = client_of(owner).get(f"/reviews/{review.public_id}/").content.decode()
    assert "It needs an owner’s yes" not in page


def test_several_approved_at_once_count_together(shop, seller, manager, owner):
    """Each is below the rule; together they are above it."""
    reviews = [asked(shop, seller) for _number in range(2)]
    form = QueryDict(mutable=True)
    form.setlist("review", [str(review.public_id) for review in reviews])
    form["with_video"] = "1"
    each = next(iter(bulk.confirm_page(manager, form)["video"].lines.values())).price
    rule(owner, above=each)
    shown = bulk.confirm_page(manager, form)
    assert shown["video"].rule_words.startswith("more than ")
    form.setlist("tick", [tick.key for tick in shown["ticks"]])
    for review in reviews:
        line = shown["video"].lines[review.pk]
        form[f"shown_{review.public_id}"] = review.sha256
        form[f"price_{review.public_id}"] = str(line.price)
        form[f"model_{review.public_id}"] = line.offer.model.model_id
    outcomes = bulk.approve_many(manager, form)
    assert all(outcome.is_approved for outcome in outcomes)
    assert set(VideoConcept.objects.values_list("state", flat=True)) == {"needs_yes"}
    assert Ask.objects.count() == 2
