"""An answer is being written when its worker dies, or Redis or PostgreSQL goes away.

Nothing is asked twice, no word that was shown is lost, and nothing stays held.
"""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from rivya_app.chat import attachments, feed
from rivya_app.chat.models import Status, Turn
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close
from tests.chat.talk import Talk
from tests.flows.crash_points import CHAT_POINTS
from tests.flows.plant import Plant
from tests.flows.services import OwnService
from tests.flows.test_restarts import (  # noqa: F401  fixtures
    broker,
    database,
    plant_at_broker,
    plant_at_database,
)
from tests.waiting import wait_for

SLOW = 0.06  # seconds a word


@pytest.fixture(autouse=True)
def soon_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that was lost is published again at the next tick."""
    monkeypatch.setattr(attachments, "LOST_AFTER", attachments.timedelta(seconds=0))


def shown(turn: Turn) -> str:
    """What an open page has seen of the answer."""
    entries = feed.read_after(turn.public_id, "")
    return "".join(entry.data for entry in entries if entry.kind == feed.TEXT)


def is_over(turn: Turn) -> bool:
    turn.refresh_from_db()
    return turn.is_settled


def assert_told_once(talk: Talk, turn: Turn, seen: str, *, seconds: float = 40) -> None:
    """It comes to its end with every word that was seen, asked once, and the books close."""
    wait_for(lambda: is_over(turn), seconds, f"the end of {turn}")
    assert turn.answer.startswith(seen)
    assert len(talk.asked_rivya()) <= 1
    assert_books_close(talk)


# Where a worker may die, and how often Rivya was asked then.
ASKED = {
    "answer: while claiming": (1, Status.ANSWERED),  # taken back with it, so another one asks
    "answer: claimed, not asked": (0, Status.INTERRUPTED),
    "answer: asked, no word yet": (1, Status.ANSWERED),
    "answer: being written": (1, Status.ANSWERED),
    "answer: last byte, not recorded": (1, Status.ANSWERED),
    "answer: recorded, not committed": (1, Status.ANSWERED),
}


@pytest.mark.parametrize("step", CHAT_POINTS)
def test_it_ends_an_answer_whose_worker_was_killed(
    talk: Talk, researcher: Membership, plant: Plant, step: str
) -> None:
    talk.rivya.fault("sse_slow", seconds=0.01)
    plant.clock()
    doomed = plant.worker(die_at=step)
    turn = talk.begin(researcher)
    plant.wait_until_dead(doomed, step)
    seen = shown(turn)
    plant.worker()
    assert_told_once(talk, turn, seen)
    assert (len(talk.asked_rivya()), turn.status) == ASKED[step]
    assert bool(turn.final_credits) == bool(talk.asked_rivya())
    if step == "answer: being written":
        assert seen
        assert turn.events.filter(kind="interrupted").count() == 1


def test_it_keeps_what_was_shown_where_rivya_gave_the_turn_back(
    talk: Talk, researcher: Membership, plant: Plant
) -> None:
    """No session holds the answer then: all there is of it is what pages have seen."""
    step = "answer: being written"
    talk.rivya.set(stream_disconnect="release")
    talk.rivya.fault("sse_slow", seconds=0.05)
    plant.clock()
    doomed = plant.worker(die_at=step)
    turn = talk.begin(researcher)
    plant.wait_until_dead(doomed, step)
    seen = shown(turn)
    assert seen
    plant.worker()
    assert_told_once(talk, turn, seen)
    assert (turn.status, turn.answer) == (Status.INTERRUPTED, seen)
    assert turn.final_credits == 0


def test_it_would_ask_twice_if_the_sweep_sent_again(
    talk: Talk, researcher: Membership, plant: Plant
) -> None:
    step = "answer: being written"
    talk.rivya.fault("sse_slow", seconds=0.01)
    plant.clock()
    doomed = plant.worker(die_at=step)
    turn = talk.begin(researcher)
    plant.wait_until_dead(doomed, step)
    plant.worker(without="asking the session only")
    wait_for(lambda: is_over(turn), what="the end of the turn")
    assert len({call["idempotency_key"] for call in talk.asked_rivya()}) == 2


def test_it_would_leave_a_lost_answer_open_without_the_sweep(
    talk: Talk, researcher: Membership, plant: Plant
) -> None:
    step = "answer: being written"
    talk.rivya.fault("sse_slow", seconds=0.01)
    doomed = plant.worker(die_at=step)
    turn = talk.begin(researcher)
    plant.wait_until_dead(doomed, step)
    seen = shown(turn)
    plant.worker()
    time.sleep(4)  # twice the lease of these tests
    turn.refresh_from_db()
    assert turn.status == Status.STREAMING
    plant.clock()
    assert_told_once(talk, turn, seen)


def test_it_ends_many_answers_whose_worker_was_killed_from_outside(
    talk: Talk, researcher: Membership, plant: Plant
) -> None:
    talk.rivya.fault("sse_slow", seconds=SLOW)
    plant.clock()
    doomed = plant.worker()
    turns = [talk.begin(researcher, f"Question {number}") for number in range(4)]
    wait_for(lambda: all(map(shown, turns)), what="the first words of all")
    plant.kill(doomed)
    seen = {turn.pk: shown(turn) for turn in turns}
    plant.worker()
    for turn in turns:
        wait_for(lambda turn=turn: is_over(turn), 40, "the end")
        assert turn.status == Status.ANSWERED
        assert turn.answer.startswith(seen[turn.pk])
    assert len(talk.asked_rivya()) == len(turns)
    assert_books_close(talk)


# --- Redis ----------------------------------------------------------------------------------------


@pytest.fixture
def feed_at_broker(broker: OwnService, settings: Any) -> Iterator[None]:  # noqa: F811
    """This test's own process writes and reads feeds where its workers do."""
    settings.REDIS_URL = broker.url
    yield
    feed._connection.cache_clear()


@pytest.mark.usefixtures("feed_at_broker")
def test_it_loses_no_word_when_redis_goes_away_in_its_middle(
    talk: Talk,
    researcher: Membership,
    broker: OwnService,  # noqa: F811
    plant_at_broker: Plant,  # noqa: F811
) -> None:
    plant = plant_at_broker
    talk.rivya.fault("sse_slow", seconds=SLOW)
    plant.clock()
    worker = plant.worker()
    turn = talk.begin(researcher)
    wait_for(lambda: shown(turn), what="the first word")
    seen = shown(turn)
    broker.kill()
    time.sleep(0.5)
    broker.start_again()
    assert_told_once(talk, turn, seen)
    assert turn.status == Status.ANSWERED
    assert not turn.events.filter(kind="interrupted").exists()
    assert worker in plant.running, plant.log()[-2000:]


@pytest.mark.usefixtures("feed_at_broker")
def test_it_keeps_the_last_batch_when_redis_and_then_the_worker_went_away(
    talk: Talk,
    researcher: Membership,
    broker: OwnService,  # noqa: F811
    plant_at_broker: Plant,  # noqa: F811
) -> None:
    plant = plant_at_broker
    talk.rivya.set(stream_disconnect="release")
    talk.rivya.fault("sse_slow", seconds=0.4)  # it is not to end before its worker
    clock = plant.clock()
    worker = plant.worker()
    turn = talk.begin(researcher)
    wait_for(lambda: shown(turn), what="the first word")
    broker.kill()
    broken_at = Turn.objects.get(pk=turn.pk).answer
    wait_for(lambda: len(Turn.objects.get(pk=turn.pk).answer) > len(broken_at) + 20, 30, "a batch")
    plant.kill(worker)
    plant.kill(clock)
    kept = Turn.objects.get(pk=turn.pk).answer
    broker.start_again()
    plant.clock()
    plant.worker()
    assert_told_once(talk, turn, kept)
    assert (turn.status, turn.answer) == (Status.INTERRUPTED, kept)


# --- The database ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_it_loses_no_word_when_the_database_was_restarted_in_its_middle(
    database: OwnService,  # noqa: F811
    plant_at_database: Plant,  # noqa: F811
    talk: Talk,
    researcher: Membership,
    end: signal.Signals,
) -> None:
    plant = plant_at_database
    talk.rivya.fault("sse_slow", seconds=SLOW)
    plant.clock()
    worker = plant.worker()
    turn = talk.begin(researcher)
    wait_for(lambda: shown(turn), what="the first word")
    database.kill(end)
    time.sleep(1)
    database.start_again()
    connection.close()
    connection.close_pool()
    seen = shown(turn)
    assert_told_once(talk, turn, seen)
    assert turn.status == Status.ANSWERED
    assert worker in plant.running, plant.log()[-2000:]
