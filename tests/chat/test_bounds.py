"""What bounds an answer where the database, Redis or Rivya are not as they should be."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from rivya_app.chat import concluding, feed, jobs, lifecycle, locks, schedule
from rivya_app.chat.models import CLOSED_STATUSES, Status, Turn
from rivya_app.chat.teller import Teller
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.sse import Delta
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk

pytestmark = pytest.mark.django_db(transaction=True)


# --- Redis ----------------------------------------------------------------------------------------

COMMAND = re.compile(rb"\*\d+\r\n\$\d+\r\n(\w+)\r\n")
GREETINGS = {b"HELLO": b"%1\r\n+proto\r\n:3\r\n", b"CLIENT": b"+OK\r\n", b"SELECT": b"+OK\r\n"}
FULL = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"


class OddRedis:
    """Greets, and then says the same to every command, or nothing."""

    def __init__(self, says: bytes) -> None:
        self.heard = b""
        self._says = says
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            while heard := peer.recv(65536):
                self.heard += heard
                names = COMMAND.findall(heard)
                peer.sendall(b"".join(GREETINGS.get(name, self._says) for name in names))

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture(params=[FULL, b""], ids=["full", "silent"])
def odd_redis(request: pytest.FixtureRequest, settings: Any) -> Iterator[OddRedis]:
    odd = OddRedis(request.param)
    settings.REDIS_URL = odd.url
    yield odd
    odd.close()


def test_an_answer_needs_no_redis(talk: Talk, researcher: Membership, odd_redis: OddRedis) -> None:
    turn = talk.answer(talk.begin(researcher))
    assert turn.status == Status.ANSWERED
    assert turn.answer
    assert turn.streamed_to == ""
    assert_books_close(talk)


def test_words_are_sent_to_a_feed_once(odd_redis: OddRedis) -> None:
    """Redis may have taken them although it did not say so in time."""
    assert feed.write([(uuid4(), feed.Entry(feed.TEXT, "once"))]) is None
    assert odd_redis.heard.count(b"once") == 1


def test_a_feed_is_bounded_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_ENTRIES", 200)
    turn_id = uuid4()
    feed.write([(turn_id, feed.Entry(feed.ASKED))])
    for _round in range(10):
        feed.write([(turn_id, feed.Entry(feed.TEXT, "word"))] * 100)
    redis = feed.connection()
    assert 200 <= redis.xlen(feed.name(turn_id)) <= 400  # trimmed in whole leaves
    assert 0 < redis.ttl(feed.name(turn_id)) <= feed.LIFE
    redis.expire(feed.name(turn_id), 5)
    feed.write([(turn_id, feed.Entry(feed.END, "answered"))])
    assert redis.ttl(feed.name(turn_id)) > 5


# --- Rows -----------------------------------------------------------------------------------------


def test_other_bytes_are_never_sent_under_the_same_key(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    Turn.objects.filter(pk=turn.pk).update(body=turn.body.replace("mug", "jug"))
    talk.answer(turn)
    assert (turn.status, turn.error_code) == (Status.FAILED, "body_changed")
    assert not talk.asked_rivya()
    assert_books_close(talk)


ALLOWED = {
    ("waiting", "pending"),
    ("pending", "streaming"),
    ("streaming", "pending"),
    *(("streaming", str(closed)) for closed in CLOSED_STATUSES),
    *((before, after) for before in ("waiting", "pending") for after in ("stopped", "failed")),
    ("interrupted", "answered"),
}


@pytest.mark.parametrize("before", Status.values)
def test_no_state_leads_where_it_may_not(talk: Talk, researcher: Membership, before: str) -> None:
    turn = Turn.objects.get(pk=talk.begin(researcher).pk)
    turn.status = before
    for after in Status:
        if (before, str(after)) not in ALLOWED:
            with pytest.raises(lifecycle.MoveRefused):
                lifecycle.move(turn, after, cause="worker")
    assert turn.status == before
    assert turn.events.count() == 1


def test_an_earlier_send_says_nothing_of_a_later_one(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    claimed = jobs._claim(turn.public_id)
    assert claimed
    teller = Teller(claimed[0])
    Turn.objects.filter(pk=turn.pk).update(send_count=2)
    teller.hear(Delta("Of the first send"))
    teller.stop()
    concluding.conclude_stopped(teller)
    concluding.conclude(teller, None)
    turn.refresh_from_db()
    assert (turn.status, turn.answer, turn.is_settled) == (Status.STREAMING, "", False)


def test_it_does_not_wait_for_ever_for_a_session_that_stays_busy(
    talk: Talk, researcher: Membership
) -> None:
    first = talk.answer(talk.begin(researcher, "Break [[sse_break]]"))
    assert not first.is_settled
    turn = talk.ask(first.conversation)
    busy = errors.api_error(code="chat_session_conflict", status=409, message="Busy.")
    for _try in range(schedule.MOST_CONFLICTS + 1):
        assert turn.status == Status.PENDING
        claimed = jobs._claim(turn.public_id)
        assert claimed
        concluding.conclude(Teller(claimed[0]), busy)
        turn.refresh_from_db()
    assert (turn.status, turn.error_code) == (Status.FAILED, "chat_session_conflict")
    turn.conversation.refresh_from_db()
    assert turn.conversation.closed_code == "chat_session_conflict"
    to_the_end(talk, first)
    assert_books_close(talk)


def test_what_is_closed_without_cost_gives_its_hold_back_once(
    talk: Talk, researcher: Membership
) -> None:
    """However often a late refusal says it again."""
    turn = talk.begin(researcher)
    claimed = jobs._claim(turn.public_id)
    assert claimed
    teller = Teller(claimed[0])
    refused = errors.api_error(code="validation_failed", status=400, message="No.")
    for _again in range(3):
        concluding.conclude(teller, refused)
    with transaction.atomic():
        assert locks.lock(turn.public_id).events.filter(kind="failed").count() == 1
    assert_books_close(talk)
