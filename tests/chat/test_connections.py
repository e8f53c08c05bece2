"""A worker that listens holds no connection to the database, however many answers are open."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from rivya_app.chat import jobs
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.scribe import Scribe, scribe
from rivya_app.chat.teller import Teller
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close
from tests.chat.talk import Talk
from tests.waiting import wait_for

OPEN = 30


@pytest.fixture
def may_end(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """No answer is over before this is set, however slow this machine is."""
    set_later = threading.Event()
    drop = Scribe.drop

    def drop_later(scribe: Scribe, teller: Teller) -> None:
        assert set_later.wait(120)
        drop(scribe, teller)

    monkeypatch.setattr(Scribe, "drop", drop_later)
    return set_later


@pytest.fixture
def thirty(
    talk: Talk, researcher: Membership, may_end: threading.Event
) -> Iterator[list[threading.Thread]]:
    """So many workers in the middle of an answer."""
    talk.rivya.set(stream_disconnect="release")
    talk.rivya.fault("sse_slow", seconds=0.15)
    turns = [talk.begin(researcher, f"Question {number}") for number in range(OPEN)]

    def answer(turn: Turn) -> None:
        jobs.answer(turn.public_id)
        connection.close()

    workers = [threading.Thread(target=answer, args=(turn,)) for turn in turns]
    for worker in workers:
        worker.start()
    wait_for(lambda: is_written(OPEN), 60, "the answers")
    yield workers
    may_end.set()
    for worker in workers:
        worker.join(timeout=60)


def is_written(count: int) -> bool:
    rows = Turn.objects.filter(status=Status.STREAMING)
    return scribe().open_count == count and rows.count() == count


def taken_out() -> int:
    """Connections of this process that some thread holds now, this thread's own aside."""
    pool = connection.pool
    stats = pool.get_stats()
    return int(stats["pool_size"] - stats.get("pool_available", 0)) - 1


def test_it_holds_none_while_thirty_answers_are_open(
    talk: Talk, thirty: list[threading.Thread], may_end: threading.Event
) -> None:
    wait_for(lambda: taken_out() <= 1, what="the workers' connections back")  # the scribe's own
    seen = [taken_out() for _look in range(200)]
    assert is_written(OPEN)
    assert max(seen) <= 2
    # More than one statement takes are kept all the same, while they are written.
    wait_for(lambda: Turn.objects.exclude(answer="").count() == OPEN, what="the words in the rows")
    assert is_written(OPEN)
    may_end.set()
    for worker in thirty:
        worker.join(timeout=60)
    assert set(Turn.objects.values_list("status", flat=True)) == {Status.ANSWERED}
    assert_books_close(talk)


def test_each_would_hold_one_if_it_did_not_let_go(
    talk: Talk,
    researcher: Membership,
    may_end: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "_let_go_of_the_database", lambda: None)
    talk.rivya.fault("sse_slow", seconds=0.15)
    turns = [talk.begin(researcher, f"Question {number}") for number in range(6)]

    def answer(turn: Turn) -> None:
        jobs.answer(turn.public_id)
        connection.close()

    workers = [threading.Thread(target=answer, args=(turn,)) for turn in turns]
    for worker in workers:
        worker.start()
    wait_for(lambda: is_written(6), 60, "the answers")
    held = taken_out()
    may_end.set()
    for worker in workers:
        worker.join(timeout=60)
    assert held >= 6


def answering_at_once(talk: Talk, researcher: Membership, count: int) -> int:
    """The most connections that were taken out while so many answers began and ended together."""
    turns = [talk.begin(researcher, f"Question {number}") for number in range(count)]
    gate = threading.Barrier(count)

    def answer(turn: Turn) -> None:
        gate.wait(timeout=10)
        jobs.answer(turn.public_id)
        connection.close()

    workers = [threading.Thread(target=answer, args=(turn,)) for turn in turns]
    for worker in workers:
        worker.start()
    most = 0
    while any(worker.is_alive() for worker in workers):
        most = max(most, taken_out())
        time.sleep(0.002)
    for worker in workers:
        worker.join(timeout=60)
    return most


def test_a_few_at_a_time_begin_and_end_however_many_are_open(
    talk: Talk, researcher: Membership
) -> None:
    most = answering_at_once(talk, researcher, OPEN)
    assert most <= settings.CHAT_AT_THE_BOOKS + 1  # the scribe's own
    assert set(Turn.objects.values_list("status", flat=True)) == {Status.ANSWERED}
    assert_books_close(talk)


def test_many_would_if_nothing_held_them_back(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_at_the_books", threading.BoundedSemaphore(OPEN))
    assert answering_at_once(talk, researcher, OPEN) > settings.CHAT_AT_THE_BOOKS + 1
