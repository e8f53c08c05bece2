"""The live stream of a real server process: restarted, ended, and looked at from the database."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.db import connection

from rivya_app.chat import tickets
from rivya_app.local.parts import accepts, free_port, web_part
from rivya_app.local.processes import spawn, stop
from tests.chat.streaming import MEMBER, Listener, Told
from tests.waiting import wait_for

STREAMS = 50
NAME = "live-streams-of-a-test"


class Web:
    """The product's own web process, as the local run and the compose file start it."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self._environment = environment
        self.port = free_port("127.0.0.1")
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "LOG_LEVEL": "DEBUG", "PYTHONPATH": str(Path.cwd())}
        environment |= self._environment
        self.program = web_part("127.0.0.1", self.port, environment).program
        with self.log.open("ab") as output:
            self.process: subprocess.Popen[bytes] = spawn(self.program, output=output)
        wait_for(lambda: accepts(self.port), 30)

    def stop(self) -> None:
        stop(self.process, self.program)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    server = Web(tmp_path / "web.log")
    yield server
    server.stop()


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_no_word_is_lost_or_doubled_where_the_web_process_is_restarted(web: Web, way: str) -> None:
    told = Told().say(*(f"{number} " for number in range(20)))
    page = Listener(web.address, told.turn_id)
    wait_for(lambda: len(page.events) == 20)
    getattr(web, way)()
    page.to_the_end()
    told.say("meanwhile ")
    web.start()
    told.say("then").end()
    again = Listener(web.address, told.turn_id, after=page.ids[-1]).to_the_end()
    assert page.ids + again.ids == told.ids[1:]
    assert (page.text + again.text).endswith("19 meanwhile then")


def test_it_ends_at_once_with_streams_open(web: Web) -> None:
    pages = [Listener(web.address, Told().say("a").turn_id) for _page in range(5)]
    wait_for(lambda: all(page.text for page in pages))
    web.process.send_signal(signal.SIGTERM)
    web.process.wait(30)
    for page in pages:
        assert page.to_the_end().kinds == ["text"]
    log = web.log.read_text()
    assert "Cancel" not in log  # which it says after three seconds, when it is forced
    assert "Traceback" not in log


@pytest.fixture
def named_web(tmp_path: Path) -> Iterator[Web]:
    """One whose connections to the database say that they are its own."""
    url = os.environ["DATABASE_URL"]
    url += f"{'&' if '?' in url else '?'}application_name={NAME}"
    server = Web(tmp_path / "web.log", DATABASE_URL=url)
    yield server
    server.stop()


@pytest.mark.django_db
def test_open_streams_hold_no_database_connection(named_web: Web) -> None:
    told = Told().say("a")
    pages = [Listener(named_web.address, told.turn_id) for _page in range(STREAMS)]
    wait_for(lambda: all(page.text == "a" for page in pages))
    assert connections() == 0
    told.end()
    for page in pages:
        page.to_the_end()
    assert connections() == 0
    httpx.get(f"{named_web.address}/readyz")
    assert connections() > 0  # a page that asks does have one


def connections() -> int:
    with connection.cursor() as cursor:
        # A transaction goes on seeing whom it saw at its first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [NAME])
        return int(cursor.fetchone()[0])


def test_no_ticket_is_in_a_log(web: Web) -> None:
    told = Told().say("a").end()
    ticket = tickets.make(told.turn_id, MEMBER)
    assert Listener(web.address, told.turn_id, ticket=ticket).to_the_end().text == "a"
    Listener(web.address, told.turn_id, ticket="made-up-ticket-value").to_the_end()
    web.stop()
    log = web.log.read_text()
    assert re.search(r"GET /stream/turns/.* 200", log)  # it does say that somebody was there
    assert ticket not in log
    assert "made-up-ticket-value" not in log


def test_it_needs_no_models() -> None:
    """What was never loaded asks no database."""
    code = (
        "import sys, django.conf; import rivya_app.chat.stream;"
        "print(sorted(name for name in sys.modules if name.endswith('.models')))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"
