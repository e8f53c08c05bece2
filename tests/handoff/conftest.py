"""What tests of the ways out share: a real server process, and another system that listens."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from rivya_app.local.parts import accepts, free_port, web_part
from rivya_app.local.processes import spawn, stop
from tests.waiting import wait_for


@dataclass(frozen=True)
class Served:
    """The product's own server on a port of this machine, over the test's database."""

    port: int
    path: Path

    def log(self) -> str:
        return self.path.read_text(errors="replace")


@pytest.fixture
def served(transactional_db: None, tmp_path: Path) -> Iterator[Served]:
    port = free_port("127.0.0.1")
    address = urlsplit(os.environ["DATABASE_URL"])
    here = address._replace(path="/" + str(connection.settings_dict["NAME"])).geturl()
    environment = {**os.environ, "DATABASE_URL": here, "LOG_LEVEL": "INFO"}
    program = web_part("127.0.0.1", port, environment).program
    path = tmp_path / "web.log"
    with path.open("ab") as output:
        process = spawn(program, output=output)
        try:
            wait_for(lambda: accepts(port), what="the server")
            yield Served(port, path)
        finally:
            stop(process, program)


@dataclass
class Receiver:
    """Another system: keeps what it is sent, and answers as it is told."""

    url: str = ""
    answer: Callable[[BaseHTTPRequestHandler], None] | None = None
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self) -> list[bytes]:
        return [body for _path, _headers, body in self.got]

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        """From now on every post is answered so."""

        def answer(call: BaseHTTPRequestHandler) -> None:
            call.send_response(status)
            for name, value in headers.items():
                call.send_header(name.replace("_", "-"), value)
            call.send_header("Content-Length", str(len(body)))
            call.end_headers()
            call.wfile.write(body)

        self.answer = answer


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()
    kept.says(204)

    class Calls(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((self.path, dict(self.headers), body))
            assert kept.answer is not None
            kept.answer(self)

        def do_GET(self) -> None:
            kept.got.append((self.path, dict(self.headers), b""))
            self.send_error(404)

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
