"""What is known only when a call comes back: of a question that somebody stopped meanwhile, or
whose worker was taken for dead."""

from typing import Any

import pytest
from django.db import transaction

from rivya_app.chat import actions, concluding, endings, jobs, locks, settling
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.scribe import Scribe
from rivya_app.chat.teller import Teller
from rivya_app.gateway.clients import client_for
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.chat_types import Completion
from rivya_app.rivya_api.sse import Delta, Done
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.chat.test_turn_races import lease_over

pytestmark = pytest.mark.django_db(transaction=True)

TOTALS = {"message": {"id": "msg_1", "content": ""}, "credits": {"reserved": 3, "final": 2}}


def claimed(talk: Talk, member: Membership) -> tuple[Teller, Turn]:
    """A question that a worker of ours has just taken up."""
    turn = talk.begin(member)
    taken = jobs._claim(turn.public_id)
    assert taken
    return Teller(taken[0]), turn


def rate_limited(*, retry_after: float | None = None, follows_doubt: bool = False) -> Any:
    error = errors.api_error(
        code="rate_limited", status=429, message="Later.", retry_after=retry_after
    )
    error.follows_doubt = follows_doubt
    return error


# --- Stopped --------------------------------------------------------------------------------------


@pytest.mark.parametrize("follows_doubt", [False, True])
def test_it_sends_nothing_again_that_somebody_stopped_while_it_was_refused(
    talk: Talk, researcher: Membership, follows_doubt: bool
) -> None:
    """The press comes before the refusal is recorded, and nobody has heard of it yet."""
    teller, turn = claimed(talk, researcher)
    actions.stop(member=researcher, turn_id=turn.public_id)
    concluding.conclude(teller, rate_limited(follows_doubt=follows_doubt))
    turn.refresh_from_db()
    assert (turn.status, turn.is_settled) == (Status.STOPPED, not follows_doubt)
    to_the_end(talk, turn)
    assert (turn.status, turn.final_credits, turn.send_count) == (Status.STOPPED, 0, 1)
    assert not talk.asked_rivya()
    assert_books_close(talk)


@pytest.mark.parametrize("is_streamed", [True, False])
def test_it_does_not_ask_what_was_stopped_before_the_call(
    talk: Talk, researcher: Membership, is_streamed: bool
) -> None:
    teller, turn = claimed(talk, researcher)
    teller.stop()
    concluding.conclude_stopped(teller)
    turn.refresh_from_db()
    turn.is_streamed = is_streamed
    with client_for(turn.api_key) as rivya, pytest.raises(errors.TransportError) as caught:
        jobs._opened(rivya, turn, b"{}", teller)
    assert not caught.value.maybe_sent
    assert not talk.asked_rivya()
    concluding.conclude(teller, caught.value)
    turn.refresh_from_db()
    assert (turn.status, turn.final_credits) == (Status.STOPPED, 0)
    assert_books_close(talk)


# --- Refused for longer than a question lasts -----------------------------------------------------


def test_it_does_not_wait_for_tomorrow(talk: Talk, researcher: Membership) -> None:
    """A question is of its hour: nobody wants it asked, and paid, a day later."""
    teller, turn = claimed(talk, researcher)
    concluding.conclude(teller, rate_limited(retry_after=86_400))
    turn.refresh_from_db()
    assert (turn.status, turn.error_code) == (Status.FAILED, "waited_too_long")
    assert_books_close(talk)


# --- Taken for dead -------------------------------------------------------------------------------


def taken_for_dead(talk: Talk, turn: Turn) -> None:
    lease_over(turn)
    talk.sweep()
    turn.refresh_from_db()
    assert turn.status == Status.INTERRUPTED


def test_no_session_is_looked_at_while_its_worker_still_hears_it(
    talk: Talk, researcher: Membership
) -> None:
    """Else a long answer would be given up for free, and then come with words and a price."""
    teller, turn = claimed(talk, researcher)
    teller.hear(Delta("Hello"))
    taken_for_dead(talk, turn)
    scribe = Scribe()
    for _look in range(20):
        lease_over(turn)
        scribe._renew([teller])
        settling.settle(turn.public_id)
    turn.refresh_from_db()
    assert (turn.is_settled, turn.check_count) == (False, 0)
    teller.hear(Delta(" there"))
    teller.hear(Done(Completion.from_json(TOTALS)))
    concluding.conclude(teller, None)
    turn.refresh_from_db()
    assert (turn.status, turn.answer, turn.final_credits) == (Status.ANSWERED, "Hello there", 2)
    assert_books_close(talk, is_wallet_told=False)


def test_a_worker_keeps_no_lease_but_of_its_own_send(talk: Talk, researcher: Membership) -> None:
    teller, turn = claimed(talk, researcher)
    lease_over(turn)
    Turn.objects.filter(pk=turn.pk).update(send_count=2)
    Scribe()._renew([teller])
    talk.sweep()
    turn.refresh_from_db()
    assert turn.status == Status.INTERRUPTED


def test_it_keeps_the_words_of_an_answer_that_was_given_up(
    talk: Talk, researcher: Membership
) -> None:
    teller, turn = claimed(talk, researcher)
    teller.hear(Delta("Hello"))
    taken_for_dead(talk, turn)
    close_without_an_answer(turn)
    teller.hear(Delta(" there"))
    teller.hear(Done(Completion.from_json(TOTALS)))
    concluding.conclude(teller, None)
    turn.refresh_from_db()
    assert (turn.status, turn.answer) == (Status.INTERRUPTED, "Hello there")
    assert turn.final_credits == 0  # its hold is closed for good; the wallet shows the difference
    assert_books_close(talk, is_wallet_told=False)


def close_without_an_answer(turn: Turn) -> None:
    with transaction.atomic():
        row = locks.lock_with_conversation(turn.public_id)
        endings.no_answer_found(row, has_question=True)
