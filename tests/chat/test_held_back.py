"""Questions that are held back and let go: a pause, a key, an owner's yes, somebody who leaves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from rivya_app.chat import actions, feed, jobs, memberships, schedule
from rivya_app.chat.actions import Question
from rivya_app.chat.models import Status, Turn
from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.credits import gate
from rivya_app.gateway import actions as keys
from rivya_app.gateway import rotation
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces import pauses, team
from rivya_app.workspaces.models import Membership, User
from tests.cast import make_member
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.chat.test_gate import asked, rule
from tests.chat.test_turn_races import answering, words_shown
from tests.test_races import at_once
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def due(turn: Turn) -> bool:
    turn.refresh_from_db()
    return turn.next_check_at is not None and turn.next_check_at <= clock.now()


# --- A pause --------------------------------------------------------------------------------------


def test_a_pause_holds_questions_back_and_lets_them_go(
    talk: Talk, researcher: Membership, support: Membership
) -> None:
    pauses.begin(member=support, reason="Rivya is down")
    turn = talk.begin(researcher)
    talk.answer(turn)
    assert (turn.status, turn.waits_for, turn.send_count) == (Status.PENDING, "paused", 0)
    Turn.objects.update(next_check_at="2020-01-01T00:00Z")
    talk.sweep()
    talk.answer(turn)
    assert not talk.asked_rivya()
    assert turn.events.filter(kind="waiting").count() == 1
    pauses.end(member=support)
    assert due(turn)
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    assert_books_close(talk)


def test_it_has_its_whole_hour_behind_a_long_pause(
    talk: Talk, researcher: Membership, support: Membership
) -> None:
    """An hour of waiting begins with the first send."""
    turn = talk.begin(researcher)
    talk.rivya.fault("rate_limited", times=3)
    with clock.at(clock.now() + timedelta(hours=5)):
        talk.answer(turn)
        assert turn.status == Status.PENDING
    with clock.at(clock.now() + timedelta(hours=5, seconds=schedule.MOST_WAITING + 5)):
        talk.rivya.fault("rate_limited", times=3)
        talk.answer(turn)
    assert (turn.status, turn.error_code) == (Status.FAILED, "waited_too_long")
    assert_books_close(talk)


def test_it_calls_nothing_free_that_may_have_arrived(talk: Talk, researcher: Membership) -> None:
    """A gateway's 503, then a 429: the first send may have been taken up."""
    talk.rivya.fault("server_error", times=1, status=503)
    talk.rivya.fault("rate_limited", times=2, retry_after=60)  # armed once beside the other
    turn = talk.answer(talk.begin(researcher))
    assert (turn.status, turn.is_uncertain) == (Status.PENDING, True)
    actions.stop(member=researcher, turn_id=turn.public_id)
    turn.refresh_from_db()
    assert (turn.status, turn.is_settled) == (Status.STOPPED, False)
    talk.settle(turn)
    assert turn.final_credits == 0
    assert_books_close(talk)


# --- Keys -----------------------------------------------------------------------------------------


def test_a_refused_key_makes_it_wait_and_a_new_secret_wakes_it(
    talk: Talk, researcher: Membership, owner: Membership
) -> None:
    turn = talk.begin(researcher)
    talk.rivya.change_key("production-image-workflow", state="revoked")
    talk.answer(turn)
    assert (turn.status, turn.waits_for) == (Status.PENDING, "api_key_revoked")
    talk.answer(turn)  # the key is refused by now, so nothing is sent
    assert len(talk.asked_rivya()) == 1
    assert not due(turn)
    secret = Secret(talk.rivya.new_key("a new one"))
    rotation.rotate_key(member=owner, public_id=talk.shop.key.public_id, secret=secret)
    assert due(turn)
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    sent = [call["idempotency_key"] for call in talk.asked_rivya()]
    assert sent == [str(turn.idempotency_key)] * 2
    assert_books_close(talk)


def test_a_missing_scope_makes_it_wait(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    talk.rivya.change_key("production-image-workflow", scopes=["credits:read"])
    talk.answer(turn)
    assert (turn.status, turn.waits_for) == (Status.PENDING, "api_scope_denied")
    actions.stop(member=researcher, turn_id=turn.public_id)
    to_the_end(talk, turn)
    assert_books_close(talk)


def test_a_key_replaced_in_its_middle_changes_nothing_for_an_answer(
    talk: Talk, researcher: Membership, owner: Membership
) -> None:
    talk.rivya.fault("sse_slow", seconds=0.05)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    wait_for(lambda: words_shown(turn), what="the first word")
    secret = Secret(talk.rivya.new_key("a new one"))
    rotation.rotate_key(member=owner, public_id=talk.shop.key.public_id, secret=secret)
    worker.join(timeout=30)
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    assert len(talk.asked_rivya()) == 1
    second = to_the_end(talk, talk.ask(turn.conversation))
    assert second.status == Status.ANSWERED
    assert second.api_key.purpose == talk.shop.key.purpose
    assert_books_close(talk)


def test_a_broken_answer_is_settled_although_its_key_was_retired(
    talk: Talk, researcher: Membership, owner: Membership
) -> None:
    turn = talk.answer(talk.begin(researcher, "Break [[sse_break]]"))
    other = talk.rivya.new_key("another purpose")
    keys.add_key(
        member=owner, purpose="chat", environment=ApiKey.Environment.PRODUCTION, secret=other
    )
    keys.retire_key(member=owner, public_id=talk.shop.key.public_id)
    talk.rivya.change_key("production-image-workflow", state="revoked")
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    assert_books_close(talk)


# --- An owner's yes -------------------------------------------------------------------------------


def test_a_yes_that_meets_a_withdrawal_comes_to_one_end(
    talk: Talk, researcher: Membership, owner: Membership
) -> None:
    rule(owner)
    for _round in range(4):
        turn = talk.begin(researcher)
        ask = asked(turn)
        seen = gate.shown_as(ask, gate.price_now(ask))

        def act(number: int, turn: Turn = turn, ask: Any = ask, seen: str = seen) -> None:
            if number == 0:
                mine = Membership.objects.get(pk=researcher.pk)
                actions.stop(member=mine, turn_id=turn.public_id)
                return
            try:
                boss = Membership.objects.select_related("workspace", "user").get(pk=owner.pk)
                gate.answer(member=boss, public_id=ask.public_id, is_yes=True, seen=seen)
            except gate.NotPending:
                return
            gate.carry_out_all()

        assert [one for one in at_once(3, act) if one is not None] == []
        gate.carry_out_all()
        to_the_end(talk, turn)
        assert turn.status in (Status.STOPPED, Status.ANSWERED)
    assert_books_close(talk)


# --- Somebody leaves ------------------------------------------------------------------------------


@pytest.fixture
def heir(researcher: Membership) -> Membership:
    return make_member(researcher.workspace, "seller", name="Heir", email="heir@team.example")


def leave(researcher: Membership, heir: Membership) -> None:
    team.leave(member=researcher, heir_id=heir.public_id)


def test_it_sends_nothing_of_somebody_who_left(
    talk: Talk, researcher: Membership, heir: Membership, owner: Membership
) -> None:
    turn = talk.begin(researcher)
    rule(owner)
    waiting = talk.begin(researcher)
    leave(researcher, heir)
    for one in (turn, waiting):
        talk.answer(one)
        assert one.status == Status.STOPPED
    assert asked(waiting).state == "withdrawn"
    assert not talk.asked_rivya()
    assert_books_close(talk)


def test_it_sends_nothing_that_was_recorded_while_they_left(
    talk: Talk, researcher: Membership
) -> None:
    turn = talk.begin(researcher)
    Membership.objects.filter(pk=researcher.pk).update(is_active=False)
    talk.answer(turn)
    assert turn.status == Status.STOPPED
    assert not talk.asked_rivya()
    assert_books_close(talk)


def test_it_sends_nothing_of_somebody_whose_account_was_closed(
    talk: Talk, researcher: Membership
) -> None:
    turn = talk.begin(researcher)
    User.objects.filter(pk=researcher.user_id).update(is_active=False)
    talk.answer(turn)
    assert turn.status == Status.STOPPED
    assert not talk.asked_rivya()
    assert_books_close(talk)


def test_it_stops_what_is_written_for_somebody_who_left(
    talk: Talk, researcher: Membership, heir: Membership
) -> None:
    talk.rivya.fault("sse_slow", seconds=0.5)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    wait_for(lambda: words_shown(turn), what="the first word")
    leave(researcher, heir)
    worker.join(timeout=60)
    to_the_end(talk, turn)
    assert turn.status == Status.STOPPED
    assert turn.answer == words_shown(turn)
    assert_books_close(talk)


def test_it_stops_what_is_written_for_somebody_whose_account_was_closed(
    talk: Talk, researcher: Membership, owner: Membership
) -> None:
    talk.rivya.fault("sse_slow", seconds=0.1)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    wait_for(lambda: words_shown(turn), what="the first word")
    queued = talk.begin(researcher)
    rule(owner)
    waiting = talk.begin(researcher)
    close_account(researcher.user)
    worker.join(timeout=20)
    for one in (turn, queued, waiting):
        to_the_end(talk, one)
        assert one.status == Status.STOPPED
    assert turn.answer == words_shown(turn)
    assert len(talk.asked_rivya()) == 1
    assert_books_close(talk)


@transaction.atomic
def close_account(user: User) -> None:
    """As the staff's pages do."""
    user.is_active = False
    user.save()
    memberships.follow(user)


def test_what_they_shared_stays_to_be_read(
    talk: Talk, researcher: Membership, heir: Membership, client_of: Any
) -> None:
    shared, private = (talk.answer(talk.begin(researcher)).conversation for _one in range(2))
    actions.share(member=researcher, conversation_id=shared.public_id, is_shared=True)
    leave(researcher, heir)
    browser = client_of(heir)
    codes = [
        browser.get(reverse("chat:show-conversation", args=[one.public_id])).status_code
        for one in (shared, private)
    ]
    assert codes == [200, 404]


# --- One open question a conversation -------------------------------------------------------------


def test_a_refused_question_leaves_nothing_behind(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    before = list(feed.read_after(turn.public_id, ""))
    with pytest.raises(actions.StillAnswering):
        talk.ask(turn.conversation)
    with pytest.raises(actions.StillAnswering):
        actions.ask(
            member=researcher,
            conversation_id=turn.conversation.public_id,
            question=Question("From another tab"),
        )
    assert Turn.objects.count() == 1
    assert list(feed.read_after(turn.public_id, "")) == before
    jobs.answer(turn.public_id)
    to_the_end(talk, turn)
    assert_books_close(talk)
