"""Rivya's sessions: one that is refused, gone or not told of, and what they say of a cost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rivya_app.chat import actions, schedule, sessions, settling
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.core import clock
from rivya_app.rivya_api import chat_types
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.chat.test_turn_races import answering
from tests.waiting import wait_for

STREAM = ["chat.stream", "chat.complete"]


def continued(talk: Talk, member: Membership, text: str = "And in Hindi?") -> Turn:
    """The second question of a conversation, not asked yet."""
    return talk.ask(talk.answer(talk.begin(member)).conversation, text)


def test_it_closes_a_conversation_whose_session_rivya_refuses(
    talk: Talk, researcher: Membership
) -> None:
    turn = continued(talk, researcher)
    talk.rivya.fault("error", on=STREAM, code="chat_session_conflict", status=409)
    talk.answer(turn)
    assert turn.status == Status.PENDING  # it may only be busy, so once more
    to_the_end(talk, turn)
    assert (turn.status, turn.error_code) == (Status.FAILED, "chat_session_conflict")
    conversation = turn.conversation
    conversation.refresh_from_db()
    assert conversation.closed_code == "chat_session_conflict"
    with pytest.raises(actions.ConversationClosed):
        talk.ask(conversation)
    assert_books_close(talk)


def test_it_closes_a_conversation_whose_session_is_gone(talk: Talk, researcher: Membership) -> None:
    turn = continued(talk, researcher)
    talk.rivya.fault("error", on=STREAM, code="not_found", status=404)
    to_the_end(talk, turn)
    assert (turn.status, turn.error_code) == (Status.FAILED, "not_found")
    turn.conversation.refresh_from_db()
    assert turn.conversation.closed_code == "not_found"
    assert_books_close(talk)


def test_it_waits_while_rivya_still_writes_the_turn_before(
    talk: Talk, researcher: Membership
) -> None:
    first = talk.answer(talk.begin(researcher))
    broken = talk.answer(talk.ask(first.conversation, "Break [[sse_break]]"))
    assert broken.status == Status.INTERRUPTED
    turn = talk.ask(first.conversation, "Go on")
    talk.rivya.fault("error", times=5, on=STREAM, code="chat_session_conflict", status=409)
    for _busy in range(5):
        talk.answer(turn)
        assert turn.status == Status.PENDING
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    turn.conversation.refresh_from_db()
    assert turn.conversation.closed_code == ""
    talk.settle(broken)
    assert_books_close(talk)


def test_it_finds_the_session_of_a_first_question_in_the_list(
    talk: Talk, researcher: Membership
) -> None:
    for _other in range(7):  # the account's other sessions
        talk.answer(talk.begin(researcher, "Something else"))
    talk.rivya.fault("cut_after", times=1, on=["chat.stream"])
    turn = talk.answer(talk.begin(researcher))
    assert turn.conversation.session_id == ""
    to_the_end(talk, turn)
    assert (turn.status, turn.conversation.session_id != "") == (Status.ANSWERED, True)
    second = talk.answer(talk.ask(turn.conversation))
    assert turn.conversation.session_id in second.body
    assert_books_close(talk)


def test_it_keeps_two_first_questions_in_the_same_words_apart(
    talk: Talk, researcher: Membership, seller: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_distance", lambda _turn, _session: 0)  # asked at one moment
    talk.rivya.fault("cut_after", times=2, on=["chat.stream"])
    turns = [talk.answer(talk.begin(member, "How?")) for member in (researcher, seller)]
    for turn in turns:
        to_the_end(talk, turn)
        assert turn.status == Status.ANSWERED
    assert len({turn.conversation.session_id for turn in turns}) == 2
    assert len({turn.message_id for turn in turns}) == 2
    assert_books_close(talk)


def test_it_goes_on_where_a_first_question_that_broke_off_stands(
    talk: Talk, researcher: Membership
) -> None:
    """The next question waits until the session is found: another would know nothing of it."""
    talk.rivya.fault("cut_after", times=1, on=["chat.stream"])
    first = talk.answer(talk.begin(researcher, "How?"))
    second = talk.answer(talk.ask(first.conversation, "And why?"))
    assert (second.status, second.waits_for) == (Status.PENDING, "session")
    to_the_end(talk, first)
    to_the_end(talk, second)
    assert second.status == Status.ANSWERED
    assert second.conversation.session_id in second.body
    assert_books_close(talk)


def test_it_does_not_wait_for_ever_for_a_session_that_is_not_found(
    talk: Talk, researcher: Membership
) -> None:
    """Then the next question begins another one, and the first is still found where it stands."""
    talk.rivya.fault("cut_after", times=1, on=["chat.stream"])
    talk.rivya.fault("server_error", times=sessions.LOOKS, on=["chat.sessions.list"])
    first = talk.answer(talk.begin(researcher, "How?"))
    second = talk.ask(first.conversation, "And why?")
    talk.settle(first, looks=sessions.LOOKS)
    talk.answer(second)
    assert second.status == Status.ANSWERED
    to_the_end(talk, first)
    assert first.status == Status.ANSWERED
    assert first.final_credits
    assert_books_close(talk)


def test_it_keeps_a_session_as_soon_as_it_is_told(talk: Talk, researcher: Membership) -> None:
    talk.rivya.fault("sse_slow", seconds=0.6)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    conversation = turn.conversation
    wait_for(lambda: refreshed(conversation).session_id, what="the session")
    assert worker.is_alive()
    actions.stop(member=researcher, turn_id=turn.public_id)
    worker.join(timeout=30)
    talk.settle(turn)
    assert_books_close(talk)


def refreshed(conversation: Conversation) -> Conversation:
    conversation.refresh_from_db()
    return conversation


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_it_tells_the_same_question_in_one_session_apart(
    talk: Talk, researcher: Membership, order: tuple[int, ...]
) -> None:
    begun = talk.answer(talk.begin(researcher))
    talk.rivya.fault("sse_break", times=3, after=3)
    turns = [talk.answer(talk.ask(begun.conversation, "Again")) for _turn in range(3)]
    parts = [turn.answer for turn in turns]
    for number in order:
        to_the_end(talk, turns[number])
    for turn, part in zip(turns, parts, strict=True):
        turn.refresh_from_db()
        assert turn.status == Status.ANSWERED
        assert turn.answer.startswith(part)
    assert len({turn.message_id for turn in turns}) == 3
    assert_books_close(talk)


def test_it_does_not_take_an_earlier_answer_for_a_question_that_never_arrived(
    talk: Talk, researcher: Membership
) -> None:
    first = talk.answer(talk.begin(researcher, "Again"))
    talk.rivya.fault("cut_before", times=1, on=["chat.stream"])
    turn = talk.answer(talk.ask(first.conversation, "Again"))
    to_the_end(talk, turn)
    assert (turn.status, turn.final_credits) == (Status.INTERRUPTED, 0)
    assert not turn.is_cost_guessed
    assert_books_close(talk)


# --- What Rivya never says ------------------------------------------------------------------------


@pytest.fixture
def silent_on_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions that show their messages without tokens and credits."""
    read = chat_types.ChatMessage.from_json

    def without(source: dict[str, Any]) -> chat_types.ChatMessage:
        return read({name: source[name] for name in source if name not in ("credits", "usage")})

    monkeypatch.setattr(chat_types.ChatMessage, "from_json", without)


@pytest.mark.usefixtures("silent_on_cost")
@pytest.mark.parametrize("fault", ["sse_no_totals", "sse_break"])
def test_it_counts_what_was_held_where_the_session_has_no_cost_and_says_so(
    talk: Talk, researcher: Membership, fault: str
) -> None:
    talk.rivya.fault(fault, times=1)
    turn = talk.answer(talk.begin(researcher))
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    assert turn.final_credits == turn.estimated_credits
    assert turn.is_cost_guessed
    assert_books_close(talk, is_wallet_told=False)


@pytest.mark.parametrize("code", ["not_found", ""])
def test_it_counts_what_was_held_for_an_answer_whose_session_cannot_be_read(
    talk: Talk, researcher: Membership, code: str
) -> None:
    """An answered turn is never counted as free because its session is gone, or was never there."""
    talk.rivya.fault("sse_no_totals", times=1)
    talk.rivya.fault("error", on=["chat.sessions.get", "chat.sessions.list"], code=code, status=404)
    turn = talk.answer(talk.begin(researcher))
    assert turn.status == Status.ANSWERED
    talk.settle(turn, looks=schedule.LOOKS_AFTER_BREAK)
    assert (turn.final_credits, turn.is_cost_guessed) == (turn.estimated_credits, True)
    assert_books_close(talk, is_wallet_told=False)


def test_it_holds_nothing_for_ever_for_a_session_that_cannot_be_reached(
    talk: Talk, researcher: Membership
) -> None:
    talk.rivya.fault("sse_break", times=1)
    talk.rivya.fault("server_error", on=["chat.sessions.get"])
    turn = talk.answer(talk.begin(researcher))
    talk.settle(turn, looks=schedule.LOOKS_AFTER_BREAK + 2)
    assert not turn.is_settled  # Rivya is away, which says nothing
    Turn.objects.filter(pk=turn.pk).update(check_count=schedule.MOST_LOOKS - 1)
    talk.settle(turn, looks=1)
    assert (turn.final_credits, turn.is_cost_guessed) == (turn.estimated_credits, True)
    assert_books_close(talk, is_wallet_told=False)


def test_its_looks_end_within_about_a_day() -> None:
    waits = sum(schedule.next_check(count) for count in range(schedule.MOST_LOOKS))
    assert timedelta(hours=20) < timedelta(seconds=waits) < timedelta(hours=28)


def test_it_looks_no_more_often_than_its_times_say(talk: Talk, researcher: Membership) -> None:
    turn = talk.answer(talk.begin(researcher, "Break [[sse_break]]"))
    before = len(talk.rivya.requests())
    settling.settle(turn.public_id)  # too early
    assert len(talk.rivya.requests()) == before
    with clock.at(clock.now() + timedelta(seconds=2)):
        settling.settle(turn.public_id)
    turn.refresh_from_db()
    assert turn.status == Status.ANSWERED
    assert turn.final_credits > Decimal(0)
