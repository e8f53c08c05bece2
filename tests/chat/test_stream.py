"""What a browser hears of an answer while it is written."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from rivya_app.chat import feed, hub, tickets
from rivya_app.local.services import start_valkey
from tests.chat.streaming import MEMBER, Served, Told, served, wait_for


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def told() -> Told:
    return Told()


def test_it_tells_what_was_said_and_what_is_said_then(server: Served, told: Told) -> None:
    told.write(feed.state("paused")).say("One ", "two\n")
    told.write(feed.block("<p>One two</p>", "तीन"))
    page = server.listen(told.turn_id)
    wait_for(lambda: len(page.events) == 4)
    told.say("तीन\r\n\u2028चार 🙂").end()
    page.to_the_end()
    assert [(kind, data) for kind, _id, data in page.events] == [
        ("state", {"code": "paused"}),
        ("text", "One "),
        ("text", "two\n"),
        ("block", {"html": "<p>One two</p>", "rest": "तीन"}),
        ("text", "तीन\r\n\u2028चार 🙂"),
        ("end", "answered"),
    ]
    assert page.ids == told.ids[1:]


def test_it_is_neither_kept_nor_pressed_on_the_way(server: Served, told: Told) -> None:
    page = server.listen(told.say("Hello").end().turn_id).to_the_end()
    assert page.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache, no-transform"
    assert page.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in page.headers


def test_it_tells_two_tabs_the_same(server: Served, told: Told) -> None:
    first = server.listen(told.say("a", "b").turn_id)
    wait_for(lambda: first.text == "ab")
    second = server.listen(told.turn_id)
    told.say("c").end()
    assert first.to_the_end().events == second.to_the_end().events
    assert first.text == "abc"


@pytest.mark.parametrize("by_header", [True, False])
def test_it_goes_on_behind_every_entry(server: Served, told: Told, by_header: bool) -> None:
    told.say(*(f"{number} " for number in range(30)), "last").end()
    whole = server.listen(told.turn_id).to_the_end()
    for number, entry_id in enumerate(whole.ids[:-1]):
        rest = server.listen(told.turn_id, after=entry_id, by_header=by_header).to_the_end()
        assert whole.events[: number + 1] + rest.events == whole.events


def test_it_leaves_no_gap_and_doubles_nothing_where_pages_come_and_go(
    server: Served, told: Told
) -> None:
    """Pages join at any entry, while the next ones are written and others listen."""
    pieces = [f"{number};" for number in range(400)]

    def write() -> None:
        for piece in pieces:
            told.say(piece)
            time.sleep(random.random() * 0.004)
        told.end()

    writing = threading.Thread(target=write)
    writing.start()
    pages = [("", server.listen(told.turn_id))]
    while writing.is_alive():
        after = random.choice(told.ids)
        pages.append((after, server.listen(told.turn_id, after=after)))
        time.sleep(0.02)
    writing.join()
    assert len(pages) > 10
    for after, page in pages:
        expected = told.ids[told.ids.index(after) + 1 :] if after else told.ids[1:]
        assert page.to_the_end().ids == expected


def test_it_takes_the_header_before_the_address(server: Served, told: Told) -> None:
    """A browser that comes back by itself repeats the address it was given first."""
    told.say("a", "b").end()
    address = f"{server.address}{tickets.path_of(told.turn_id)}?from={told.ids[0]}"
    cookie = f"ticket={tickets.make(told.turn_id, MEMBER)}"
    answer = httpx.get(address, headers={"Cookie": cookie, "Last-Event-ID": told.ids[1]})
    assert '"a"' not in answer.text
    assert '"b"' in answer.text


def test_it_says_gone_where_there_is_no_feed(server: Served) -> None:
    assert server.listen(str(uuid4())).to_the_end().kinds == ["gone"]


@pytest.mark.parametrize("after", ["x", "1", "-", "1-2-3", "9" * 40 + "-1"])
def test_it_says_gone_for_an_entry_that_cannot_be(server: Served, told: Told, after: str) -> None:
    assert server.listen(told.say("a").turn_id, after=after).to_the_end().kinds == ["gone"]


@pytest.mark.parametrize("is_over", [True, False])
def test_it_says_gone_for_an_entry_that_is_still_to_come(
    server: Served, told: Told, is_over: bool
) -> None:
    """Forged, or of a feed that Redis lost and a clock that was set back: nothing that is there
    would be told behind it, not even the end."""
    told.say("One")
    if is_over:
        told.end()
    ahead = f"{int(told.ids[-1].partition('-')[0]) + 3_600_000}-0"
    for after in (ahead, "9" * 15 + "-0"):
        assert server.listen(told.turn_id, after=after).to_the_end().kinds == ["gone"]


def test_it_says_gone_where_a_wanted_entry_was_trimmed(server: Served, told: Told) -> None:
    told.say("a", "b", "c").end()
    feed.connection().xtrim(feed.name(told.turn_id), maxlen=2, approximate=False)
    assert server.listen(told.turn_id).to_the_end().kinds == ["gone"]
    assert server.listen(told.turn_id, after=told.ids[1]).to_the_end().kinds == ["gone"]
    assert server.listen(told.turn_id, after=told.ids[3]).to_the_end().kinds == ["end"]


def test_it_asks_for_a_new_ticket_when_its_time_is_over(server: Served, told: Told) -> None:
    brief = tickets.make(told.say("a").turn_id, MEMBER, life=1)
    page = server.listen(told.turn_id, ticket=brief).to_the_end()
    assert page.kinds == ["text", "renew"]
    told.say("b").end()
    assert server.listen(told.turn_id, after=page.ids[-1]).to_the_end().text == "b"


def test_it_lets_nobody_in_without_a_ticket_of_this_turn(server: Served, told: Told) -> None:
    told.say("secret").end()
    mine = str(uuid4())
    over = tickets.make(told.turn_id, MEMBER, life=-1)
    for cookie in ("", "ticket=", "ticket=x", f"ticket={tickets.make(mine, MEMBER)}"):
        assert _answer(server, told.turn_id, cookie).status_code == 401
    answer = _answer(server, told.turn_id, f"ticket={over}")
    assert answer.status_code == 401
    assert "secret" not in answer.text


def _answer(server: Served, turn_id: str, cookie: str) -> httpx.Response:
    return httpx.get(f"{server.address}{tickets.path_of(turn_id)}", headers={"Cookie": cookie})


def test_it_answers_nothing_else_below_its_address(server: Served, told: Told) -> None:
    for path in ("/stream/", "/stream/turns/", "/stream/turns/1/", "/stream/other/"):
        assert httpx.get(f"{server.address}{path}").status_code == 404
    posted = httpx.post(f"{server.address}{tickets.path_of(told.turn_id)}")
    assert posted.status_code == 405


def test_it_keeps_a_silent_line_alive(
    server: Served, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT", 0.5)
    page = server.listen(told.turn_id)
    opened = page.heartbeats
    wait_for(lambda: page.heartbeats >= opened + 2)
    assert page.events == []
    told.end()
    page.to_the_end()


def test_it_closes_when_the_membership_ends_and_opens_when_it_is_back(
    server: Served, told: Told
) -> None:
    leaver = random.randrange(10**6, 10**7)
    page = server.listen(told.say("a").turn_id, ticket=tickets.make(told.turn_id, leaver))
    other = server.listen(told.turn_id)
    began = time.monotonic()
    feed.close_streams_of(leaver)
    page.to_the_end()
    assert time.monotonic() - began < 2.5
    told.say("b")
    wait_for(lambda: other.text == "ab")
    assert page.text == "a"
    refused = server.listen(told.turn_id, ticket=tickets.make(told.turn_id, leaver)).to_the_end()
    assert refused.status == 401
    feed.open_streams_of(leaver)
    told.end()
    back = server.listen(told.turn_id, ticket=tickets.make(told.turn_id, leaver)).to_the_end()
    assert back.text == "ab"


def test_it_closes_to_others_what_is_shared_no_more(server: Served, told: Told) -> None:
    told.say("a")
    own, other = tickets.make(told.turn_id, MEMBER), tickets.make(told.turn_id, MEMBER + 1)
    pages = [server.listen(told.turn_id, ticket=ticket) for ticket in (own, other)]
    wait_for(lambda: [page.text for page in pages] == ["a", "a"])
    feed.close_streams_of_others(told.turn_id, MEMBER)
    assert pages[1].to_the_end().kinds == ["text", "gone"]
    assert server.listen(told.turn_id, ticket=other).to_the_end().status == 401
    again = server.listen(told.turn_id, ticket=own)
    feed.open_streams_to_others(told.turn_id)
    late = server.listen(told.turn_id, ticket=other)
    told.say("b").end()
    assert [one.to_the_end().text for one in (pages[0], again, late)] == ["ab"] * 3


def test_it_lets_go_of_who_reads_too_slowly(
    server: Served, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_WAITING", 100_000)
    monkeypatch.setattr(hub, "LONGEST_SEND", 1.0)
    sleeper = _silent_reader(server, told.turn_id)
    wait_for(lambda: server.watch_count == 1)
    quick = server.listen(told.turn_id)
    for piece in range(400):
        told.say("x" * 20_000)
        wait_for(lambda piece=piece: len(quick.ids) >= piece - 2)  # else it is a slow one too
    wait_for(lambda: server.watch_count == 1)  # the quick one
    sleeper.close()
    told.end()
    wait_for(quick.is_over.is_set, 20)
    assert quick.kinds[-1] == "end"
    assert len(quick.text) == 400 * 20_000


def test_it_lets_go_of_who_takes_nothing_though_nobody_else_listens(
    server: Served, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_WAITING", 100_000)
    monkeypatch.setattr(hub, "LONGEST_SEND", 3.0)  # long behind the last feed's end
    with _silent_reader(server, told.turn_id):
        wait_for(lambda: server.watch_count == 1)
        for _piece in range(400):
            told.say("x" * 20_000)
        wait_for(lambda: server.watch_count == 0, 10)


def _silent_reader(server: Served, turn_id: str) -> socket.socket:
    host, port = server.address.removeprefix("http://").split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    cookie = f"Cookie: ticket={tickets.make(turn_id, MEMBER)}"
    line.sendall(f"GET {tickets.path_of(turn_id)} HTTP/1.1\r\nHost: x\r\n{cookie}\r\n\r\n".encode())
    return line


def test_it_forgets_who_left(server: Served, told: Told) -> None:
    page = server.listen(told.say("a").turn_id)
    wait_for(lambda: server.watch_count == 1)
    page.leave()
    told.say("b")
    wait_for(lambda: server.watch_count == 0)


def test_it_hears_a_newcomer_at_once_while_others_are_silent(server: Served, told: Told) -> None:
    silent = Told()
    waiting = server.listen(silent.turn_id)
    time.sleep(0.1)  # the reader waits on the silent feed alone
    told.say("a")
    delays = []
    for _round in range(10):
        began = time.monotonic()
        page = server.listen(told.turn_id)
        wait_for(lambda page=page: page.text == "a")
        delays.append(time.monotonic() - began)
        page.leave()
    assert sorted(delays)[5] < 0.3
    for answer in (told, silent):
        answer.end()
    waiting.to_the_end()


def test_it_takes_in_many_at_once_over_few_connections(server: Served, told: Told) -> None:
    """As after a restart, when every browser comes back in the same second."""
    told.say("a")
    before = int(feed.connection().info("clients")["connected_clients"])
    pages: list[Any] = []
    coming = [
        threading.Thread(target=lambda: pages.append(server.listen(told.turn_id)))
        for _page in range(60)
    ]
    for page in coming:
        page.start()
    for page in coming:
        page.join()
    wait_for(lambda: all(page.text == "a" for page in pages))
    assert int(feed.connection().info("clients")["connected_clients"]) <= before + 6
    told.end()
    assert all(page.to_the_end().kinds == ["text", "end"] for page in pages)


def test_it_asks_no_database(server: Served, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", lambda *_: asked.append(1))
    monkeypatch.setattr(BaseDatabaseWrapper, "connect", lambda *_: asked.append(1))
    page = server.listen(told.say("a").turn_id)
    wait_for(lambda: page.text == "a")
    told.end()
    page.to_the_end()
    assert asked == []


def test_it_says_gone_when_redis_goes_away_and_goes_on_when_it_is_back(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REDIS_URL", "REDIS_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    valkey = start_valkey(tmp_path / "valkey", durable=True)
    settings.REDIS_URL = valkey.url
    with served() as server:
        told = Told().say("One ", "two ")
        page = server.listen(told.turn_id)
        wait_for(lambda: page.text == "One two ")
        valkey.stop()
        page.to_the_end()
        assert page.kinds == ["text", "text", "gone"]
        assert server.listen(told.turn_id).to_the_end().kinds == ["gone"]
        valkey = start_valkey(tmp_path / "valkey", durable=True)
        assert valkey.url == settings.REDIS_URL
        told.say("three").end()
        again = server.listen(told.turn_id, after=page.ids[-1]).to_the_end()
    valkey.stop()
    assert page.text + again.text == "One two three"


def test_places_are_told_apart_as_numbers() -> None:
    """As words "10" would stand before "9", and a page would be told things twice."""
    ids = ["9-9", "9-10", "10-0", "10-1"]
    assert all(hub.place_of(one) < hub.place_of(two) for one, two in pairwise(ids))
