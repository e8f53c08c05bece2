"""What is kept of an answer while it is written, when Redis or PostgreSQL do not take it."""

from typing import Any

import pytest

from rivya_app.chat import concluding, feed, jobs
from rivya_app.chat import scribe as scribes
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.scribe import Scribe
from rivya_app.chat.tasks import settle_turn
from rivya_app.chat.teller import Teller
from rivya_app.rivya_api.sse import Delta
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk


@pytest.fixture
def lost(talk: Talk, researcher: Membership) -> Turn:
    """An answer whose worker is gone: "abc" is in its row, and in its feed."""
    turn = talk.begin(researcher)
    assert jobs._claim(turn.public_id)
    ids = feed.write([(turn.public_id, feed.Entry(feed.TEXT, "abc"))])
    assert ids
    over = {"answer": "abc", "streamed_to": ids[0], "next_check_at": "2020-01-01T00:00Z"}
    Turn.objects.filter(pk=turn.pk).update(**over)
    return turn


def swept(talk: Talk, turn: Turn) -> str:
    talk.sweep()
    turn.refresh_from_db()
    assert turn.status == Status.INTERRUPTED
    return turn.answer


def shown(turn: Turn, text: str) -> None:
    feed.write([(turn.public_id, feed.Entry(feed.TEXT, text))])


def test_it_takes_what_the_feed_holds_beyond_the_row(talk: Talk, lost: Turn) -> None:
    shown(lost, "def")
    assert swept(talk, lost) == "abcdef"


def test_it_takes_nothing_from_behind_a_hole(talk: Talk, lost: Turn) -> None:
    """Redis lost the feed, and with it "def"; the worker wrote on into a new one."""
    feed.connection().delete(feed.name(lost.public_id))
    shown(lost, "ghi")
    assert swept(talk, lost) == "abc"


def test_it_takes_no_feed_without_its_beginning(talk: Talk, lost: Turn) -> None:
    Turn.objects.filter(pk=lost.pk).update(answer="", streamed_to="")
    feed.connection().delete(feed.name(lost.public_id))
    shown(lost, "ghi")
    assert swept(talk, lost) == ""


def test_it_takes_the_whole_feed_where_the_row_holds_nothing_yet(talk: Talk, lost: Turn) -> None:
    Turn.objects.filter(pk=lost.pk).update(answer="", streamed_to="")
    assert swept(talk, lost) == "abc"


def telling(talk: Talk, member: Membership) -> tuple[Scribe, Teller, Turn]:
    """An answer that a worker of ours has heard the first word of."""
    turn = talk.begin(member)
    claimed = jobs._claim(turn.public_id)
    assert claimed
    teller = Teller(claimed[0])
    teller.hear(Delta("Hello"))
    return Scribe(), teller, turn


def test_it_saves_at_the_next_try_what_postgresql_did_not_take(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribe, teller, turn = telling(talk, researcher)
    scribe._write([teller])
    statement = scribes._SAVE
    monkeypatch.setattr(scribes, "_SAVE", "SELECT 1 / 0")
    with pytest.raises(scribes.DatabaseError):
        scribe._save([teller])
    monkeypatch.setattr(scribes, "_SAVE", statement)
    scribe._save([teller])
    turn.refresh_from_db()
    assert turn.answer == "Hello"


@pytest.mark.parametrize("trouble", [ValueError("odd"), None])
def test_it_sends_pages_to_the_row_once_the_feed_has_a_hole(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch, trouble: Exception | None
) -> None:
    scribe, teller, turn = telling(talk, researcher)

    def fail(_entries: Any) -> None:
        if trouble:
            raise trouble

    with monkeypatch.context() as broken:
        broken.setattr(feed, "write", fail)
        scribe._write([teller])
    teller.hear(Delta(" there"))
    scribe._write([teller])
    scribe._save([teller])
    turn.refresh_from_db()
    assert (turn.answer, turn.streamed_to) == ("Hello there", "")
    assert [entry.kind for entry in feed.read_after(turn.public_id, "")] == [feed.ASKED]


def test_a_late_row_of_an_earlier_send_is_not_written_over(
    talk: Talk, researcher: Membership
) -> None:
    """A worker that was taken for dead writes into no send but its own."""
    scribe, teller, turn = telling(talk, researcher)
    scribe._write([teller])
    Turn.objects.filter(pk=turn.pk).update(send_count=2, answer="Another")
    scribe._save([teller])
    turn.refresh_from_db()
    assert turn.answer == "Another"


def test_its_looks_do_not_pile_up_while_no_worker_takes_them(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = talk.answer(talk.begin(researcher, "Break [[sse_break]]"))
    Turn.objects.filter(pk=turn.pk).update(next_check_at="2020-01-01T00:00Z")
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(settle_turn, "apply_async", lambda **given: sent.append(given))
    talk.sweep()
    assert sent[0]["kwargs"] == {"turn_id": str(turn.public_id)}
    assert 0 < sent[0]["expires"] <= 60
    monkeypatch.undo()
    to_the_end(talk, turn)
    assert_books_close(talk)


def test_it_hears_nothing_behind_a_stop(talk: Talk, researcher: Membership) -> None:
    """Whoever stopped it has its text already; open pages must not be shown more than the row."""
    scribe, teller, turn = telling(talk, researcher)
    teller.stop()
    concluding.conclude_stopped(teller)
    teller.hear(Delta(" there"))
    scribe._write([teller])
    turn.refresh_from_db()
    texts = [one.data for one in feed.read_after(turn.public_id, "") if one.kind == feed.TEXT]
    assert (turn.status, turn.answer, "".join(texts)) == (Status.STOPPED, "Hello", "Hello")
