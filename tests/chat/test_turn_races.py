"""Two at once on one turn or one conversation. A race has a twin without its guard, which loses."""

import threading
import time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from rivya_app.chat import access, actions, endings, feed, jobs, locks, sessions, settling
from rivya_app.chat.actions import Question, StillAnswering, WantedConversation
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.chat.scribe import scribe
from rivya_app.credits.models import LedgerEntry
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import MODEL, Talk
from tests.test_races import at_once
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


# --- Asking ---------------------------------------------------------------------------------------


def begun_at_once(talk: Talk, member: Membership) -> list[Any]:
    token = uuid4()
    wanted = WantedConversation(talk.workflow, MODEL)

    def begin(_number: int) -> Any:
        mine = Membership.objects.select_related("workspace", "user").get(pk=member.pk)
        return actions.begin(member=mine, wanted=wanted, question=Question("Hi", form_token=token))

    return at_once(6, begin)


def test_it_begins_one_conversation_of_one_form_pressed_often(
    talk: Talk, researcher: Membership
) -> None:
    turns = begun_at_once(talk, researcher)
    assert len({turn.pk for turn in turns}) == 1
    assert Conversation.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="hold").count() == 1


def test_it_would_begin_several_without_the_members_lock(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Barrier(6)
    ask = actions._ask

    def together(*given: Any) -> Turn:
        gate.wait(timeout=10)
        return ask(*given)

    monkeypatch.setattr(actions, "_ask", together)
    monkeypatch.setattr(Membership.objects, "select_for_update", Membership.objects.all)
    begun_at_once(talk, researcher)
    assert Conversation.objects.count() > 1


def asked_at_once(talk: Talk, conversation: Conversation, tokens: list[Any]) -> list[Any]:
    def ask(number: int) -> Any:
        mine = Membership.objects.select_related("workspace", "user").get(pk=conversation.member_id)
        question = Question(f"From tab {number}", form_token=tokens[number])
        return actions.ask(member=mine, conversation_id=conversation.public_id, question=question)

    return at_once(len(tokens), ask)


def test_it_asks_once_for_one_form_pressed_often(talk: Talk, researcher: Membership) -> None:
    first = talk.answer(talk.begin(researcher))
    turns = asked_at_once(talk, first.conversation, [uuid4()] * 6)
    assert len({turn.pk for turn in turns}) == 1
    assert first.conversation.turns.count() == 2


def test_it_takes_one_question_of_two_tabs_and_refuses_the_other(
    talk: Talk, researcher: Membership
) -> None:
    first = talk.answer(talk.begin(researcher))
    results = asked_at_once(talk, first.conversation, [uuid4() for _ in range(4)])
    assert [type(one) for one in results].count(StillAnswering) == 3
    assert first.conversation.turns.count() == 2
    assert LedgerEntry.objects.filter(kind="hold").count() == 2


def test_it_would_break_for_the_second_tab_without_the_conversations_lock(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = talk.answer(talk.begin(researcher))
    gate = threading.Barrier(4)
    own = access.own_conversation

    def unlocked(member: Membership, public_id: Any, *, lock: bool = False) -> Conversation:
        return own(member, public_id)

    record = actions._record

    def together(*given: Any) -> None:
        gate.wait(timeout=10)
        record(*given)

    monkeypatch.setattr(access, "own_conversation", unlocked)
    monkeypatch.setattr(actions, "_record", together)
    results = asked_at_once(talk, first.conversation, [uuid4() for _ in range(4)])
    assert "IntegrityError" in [type(one).__name__ for one in results]
    assert first.conversation.turns.count() == 2  # the constraint stands behind the lock


# --- Answering ------------------------------------------------------------------------------------


def test_it_sends_once_when_several_workers_take_a_turn(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    at_once(4, lambda _number: jobs.answer(turn.public_id))
    turn.refresh_from_db()
    assert turn.status == Status.ANSWERED
    assert len(talk.asked_rivya()) == 1
    assert_books_close(talk)


def test_it_would_send_several_times_without_the_row_lock(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = talk.begin(researcher)
    gate = threading.Barrier(4)
    locked = locks.lock_to_send

    def unlocked(turn_id: Any) -> tuple[Turn, bool]:
        related = ("api_key", "member")
        row = Turn.objects.select_related(*related).get(public_id=turn_id)
        if row.status == Status.PENDING:
            gate.wait(timeout=10)
        return row, False

    monkeypatch.setattr(locks, "lock_to_send", unlocked)
    at_once(4, lambda _number: jobs.answer(turn.public_id))
    monkeypatch.setattr(locks, "lock_to_send", locked)
    assert len(talk.asked_rivya()) > 1


def answering(talk: Talk, turn: Turn) -> threading.Thread:
    """A worker that is in the middle of the answer."""

    def run() -> None:
        jobs.answer(turn.public_id)

    worker = threading.Thread(target=run)
    worker.start()
    wait_for(lambda: scribe().open_count, what="a worker")
    return worker


def words_shown(turn: Turn) -> str:
    """What an open page has been shown of the answer."""
    entries = feed.read_after(turn.public_id, "")
    return "".join(entry.data for entry in entries if entry.kind == feed.TEXT)


@pytest.mark.parametrize("disconnect", ["settle", "release"])
def test_it_keeps_what_was_written_when_somebody_stops_it(
    talk: Talk, researcher: Membership, disconnect: str
) -> None:
    talk.rivya.set(stream_disconnect=disconnect)
    talk.rivya.fault("sse_slow", seconds=0.5)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    wait_for(lambda: words_shown(turn), what="the first word")
    actions.stop(member=researcher, turn_id=turn.public_id)
    worker.join(timeout=60)
    turn.refresh_from_db()
    assert turn.status == Status.STOPPED
    assert turn.answer == words_shown(turn)
    kinds = [entry.kind for entry in feed.read_after(turn.public_id, "")]
    assert kinds[-1] == feed.END
    to_the_end(talk, turn)
    assert turn.status == Status.STOPPED
    assert (turn.final_credits != 0) == (disconnect == "settle")
    assert_books_close(talk)


@pytest.fixture
def call_may_go(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A call that a worker has begun reaches Rivya only when this is set."""
    may_go = threading.Event()
    usual = jobs._stream

    def stream(*details: Any) -> Any:
        assert may_go.wait(60)
        return usual(*details)

    monkeypatch.setattr(jobs, "_stream", stream)
    return may_go


def is_stopped(turn: Turn) -> bool:
    return Turn.objects.get(pk=turn.pk).status == Status.STOPPED


def test_it_stops_before_the_first_byte_without_waiting_for_the_call(
    talk: Talk, researcher: Membership, call_may_go: threading.Event
) -> None:
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    actions.stop(member=researcher, turn_id=turn.public_id)
    wait_for(lambda: is_stopped(turn), what="the stop")
    call_may_go.set()
    worker.join(timeout=60)
    wait_for(lambda: talk.rivya.wallet()["reserved"] == 0, what="the end at Rivya")
    to_the_end(talk, turn)
    assert turn.status == Status.STOPPED
    assert turn.final_credits
    assert_books_close(talk)


def test_it_gives_all_back_when_what_was_stopped_turns_out_to_be_refused(
    talk: Talk, researcher: Membership, call_may_go: threading.Event
) -> None:
    turn = talk.begin(researcher)
    talk.rivya.set(hidden_models=MODEL)
    worker = answering(talk, turn)
    actions.stop(member=researcher, turn_id=turn.public_id)
    wait_for(lambda: is_stopped(turn), what="the stop")
    call_may_go.set()
    worker.join(timeout=60)
    turn.refresh_from_db()
    assert turn.status == Status.STOPPED
    assert turn.final_credits == 0
    assert not turn.is_cost_guessed
    assert_books_close(talk)


def test_it_costs_nothing_to_stop_what_was_not_sent(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    stopped = at_once(
        3,
        lambda _n: (
            actions.stop(
                member=Membership.objects.get(pk=researcher.pk), turn_id=turn.public_id
            ).status
        ),
    )
    assert stopped == [Status.STOPPED] * 3
    talk.answer(turn)
    assert turn.status == Status.STOPPED
    assert not talk.asked_rivya()
    assert turn.events.filter(kind="stopped").count() == 1
    assert_books_close(talk)


def test_it_ends_once_when_a_stop_meets_the_end(talk: Talk, researcher: Membership) -> None:
    for _round in range(4):
        turn = talk.begin(researcher)

        def act(number: int, turn: Turn = turn) -> None:
            if number:
                time.sleep(0.05 * number)
                mine = Membership.objects.get(pk=researcher.pk)
                actions.stop(member=mine, turn_id=turn.public_id)
            else:
                jobs.answer(turn.public_id)

        assert [one for one in at_once(4, act) if one is not None] == []
        wait_for(lambda: talk.rivya.wallet()["reserved"] == 0, what="the end at Rivya")
        to_the_end(talk, turn)
        closing = turn.events.filter(status_after__in=["answered", "stopped"])
        assert closing.exclude(status_before__in=["answered", "stopped"]).count() == 1
    assert_books_close(talk)


# --- The sweep beside a worker --------------------------------------------------------------------


def lease_over(turn: Turn) -> None:
    Turn.objects.filter(pk=turn.pk).update(next_check_at="2020-01-01T00:00Z")


def taken_for_dead(talk: Talk, turn: Turn) -> bool:
    """Tried until it holds: its living worker may renew the lease in between."""
    lease_over(turn)
    talk.sweep()
    turn.refresh_from_db()
    return turn.status != Status.STREAMING


def test_it_leaves_a_living_worker_alone(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.rivya.fault("sse_slow", seconds=0.03)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    while worker.is_alive():
        talk.sweep()
        time.sleep(0.05)
    turn.refresh_from_db()
    assert turn.status == Status.ANSWERED
    assert not turn.events.filter(cause="sweep").exists()
    assert_books_close(talk)


def test_it_takes_the_totals_of_a_worker_that_was_taken_for_dead(
    talk: Talk, researcher: Membership
) -> None:
    talk.rivya.fault("sse_slow", seconds=0.1)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    wait_for(lambda: words_shown(turn), what="the first word")
    wait_for(lambda: taken_for_dead(talk, turn))
    assert (turn.status, turn.error_code) == (Status.INTERRUPTED, "worker_lost")
    part = turn.answer
    assert part
    worker.join(timeout=60)
    turn.refresh_from_db()
    assert turn.status == Status.ANSWERED
    assert turn.answer.startswith(part)
    assert turn.is_settled
    assert len(talk.asked_rivya()) == 1
    assert_books_close(talk)


def test_it_keeps_every_shown_word_of_a_worker_that_was_taken_for_dead_and_then_broke(
    talk: Talk, researcher: Membership
) -> None:
    talk.rivya.set(stream_disconnect="release")  # so that no session mends it
    talk.rivya.fault("sse_slow", seconds=0.3)
    talk.rivya.fault("sse_break", after=20)
    turn = talk.begin(researcher)
    worker = answering(talk, turn)
    wait_for(lambda: words_shown(turn), what="the first word")
    wait_for(lambda: taken_for_dead(talk, turn))
    worker.join(timeout=60)
    to_the_end(talk, turn)
    assert turn.status == Status.INTERRUPTED
    assert turn.answer == words_shown(turn)
    assert turn.final_credits == 0
    assert_books_close(talk)


def test_it_stops_what_a_dead_worker_was_asked_to_stop(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = talk.begin(researcher)
    assert jobs._claim(turn.public_id)  # and its worker dies here
    actions.stop(member=researcher, turn_id=turn.public_id)
    lease_over(turn)
    talk.sweep()
    turn.refresh_from_db()
    assert turn.status == Status.STOPPED
    to_the_end(talk, turn)
    assert not talk.asked_rivya()
    assert_books_close(talk)


# --- Settling -------------------------------------------------------------------------------------


def broken(talk: Talk, member: Membership) -> Turn:
    turn = talk.answer(talk.begin(member, "Tell me about mugs [[sse_break]]"))
    assert turn.status == Status.INTERRUPTED
    lease_over(turn)
    return turn


def test_it_settles_once_when_several_look_at_once(talk: Talk, researcher: Membership) -> None:
    turn = broken(talk, researcher)
    at_once(4, lambda _number: settling.settle(turn.public_id))
    to_the_end(talk, turn)
    assert turn.events.filter(kind="recovered").count() == 1
    assert_books_close(talk)


def test_it_would_settle_several_times_without_the_turns_lock(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = broken(talk, researcher)
    gate = threading.Barrier(3)

    def unlocked(turn_id: Any) -> Turn:
        related = ("workspace", "conversation", "workflow", "api_key", "member__user")
        row = Turn.objects.select_related(*related).get(public_id=turn_id)
        gate.wait(timeout=10)
        return row

    found = []
    look = settling._look

    def looked(*given: Any) -> Any:
        found.append(look(*given))
        return found[-1]

    monkeypatch.setattr(settling, "_look", looked)
    monkeypatch.setattr(settling, "_apply", lambda *_given: None)
    settling.settle(turn.public_id)
    monkeypatch.undo()
    monkeypatch.setattr(locks, "lock_with_conversation", unlocked)
    at_once(3, lambda _number: settling._apply(turn.public_id, found[0]))
    turn.refresh_from_db()
    assert turn.events.filter(kind="recovered").count() > 1
    entries = LedgerEntry.objects.filter(reference=turn.reference, kind="settle")
    assert entries.count() == 1  # the ledger's own constraint stands behind the lock


# --- Locks in one order ---------------------------------------------------------------------------


def test_it_never_deadlocks_however_its_doors_meet(talk: Talk, researcher: Membership) -> None:
    """Ask, stop, answer, settle, rename and sweep on one conversation, over and over."""
    first = talk.answer(talk.begin(researcher))
    conversation = first.conversation

    def act(number: int) -> None:
        mine = Membership.objects.select_related("workspace", "user").get(pk=researcher.pk)
        acts = [
            lambda: talk.ask(conversation, f"Again {uuid4()}"),
            lambda: [jobs.answer(t) for t in open_turns(conversation)],
            lambda: [actions.stop(member=mine, turn_id=t) for t in open_turns(conversation)],
            lambda: actions.rename(
                member=mine, conversation_id=conversation.public_id, title="Mugs"
            ),
            lambda: talk.sweep(),
        ]
        for turn in range(6):
            try:
                acts[(number + turn) % len(acts)]()
            except StillAnswering:
                continue

    errors = [one for one in at_once(5, act) if one is not None]
    assert errors == []
    for turn in conversation.turns.order_by("number"):
        to_the_end(talk, turn)
    assert_books_close(talk)


def open_turns(conversation: Conversation) -> list[Any]:
    rows = Turn.objects.filter(conversation=conversation, finished_at=None)
    return list(rows.values_list("public_id", flat=True))


def test_it_tells_a_second_conversation_nothing_of_the_first_ones_session(
    talk: Talk, researcher: Membership
) -> None:
    """A constraint says whose a session is, for two that look for theirs at once."""
    first = talk.answer(talk.begin(researcher))
    second = talk.begin(researcher)
    with transaction.atomic():
        turn = locks.lock_with_conversation(second.public_id)
        assert not sessions.keep(turn, first.conversation.session_id)
        assert turn.conversation.session_id == ""
    assert Decimal(0) < endings.ledger.balance_of(talk.shop.workspace.credit_account).held
