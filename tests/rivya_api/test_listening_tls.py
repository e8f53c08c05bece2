"""The same streams behind TLS, where a read brings a record and the socket is not what it seems."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.listening import Listener
from tests.rivya_api.certificates import make_certificate
from tests.rivya_api.raw_server import RawServer
from tests.rivya_api.streams import (
    HEAD,
    WORDS,
    Heard,
    Rounds,
    begins_and_is_silent,
    body_of,
    chunk,
    client_of,
    delta,
    sends,
)
from tests.waiting import wait_for


@pytest.fixture
def listener() -> Listener:
    return Rounds().listener


class TlsServer(RawServer):
    """The same behind TLS, with a certificate of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.certificate, key = make_certificate(folder)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(self.certificate, key)

    @property
    def base_url(self) -> str:
        return super().base_url.replace("http:", "https:").replace("127.0.0.1", "localhost")

    def _serve(self, peer: socket.socket) -> None:
        try:
            inside = self._tls.wrap_socket(peer, server_side=True)
        except OSError:
            return
        super()._serve(inside)


@pytest.fixture
def tls_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[TlsServer, RivyaClient]]:
    with TlsServer(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with client_of(server) as client:
            yield server, client


def test_it_hears_what_comes_over_tls(
    tls_client: tuple[TlsServer, RivyaClient], listener: Listener
) -> None:
    server, client = tls_client
    long = [f"{number} " * 9_000 for number in range(12)]  # each more than a record holds
    records = [chunk(delta(word)) for word in WORDS]
    server.behave = sends(HEAD, *records, body_of(long), every=0.001)
    heard = Heard(listener, client).wait()
    assert heard.failure is None
    assert heard.text == "".join(WORDS + long)


def test_it_reads_every_record_that_came_while_it_rested(
    tls_client: tuple[TlsServer, RivyaClient],
) -> None:
    server, client = tls_client
    rounds = Rounds(pause=0.5)
    records = [chunk(delta(word)) for word in WORDS * 20]
    server.behave = sends(HEAD + chunk(delta("Hi ")), *records, chunk(b"data: [DONE]\n\n"))
    began = time.monotonic()
    heard = Heard(rounds.listener, client).wait()
    assert heard.text == "Hi " + "".join(WORDS * 20)
    assert rounds.count <= (time.monotonic() - began) / 0.5 + 3  # of 180 records


def test_somebody_may_end_it_below_tls(
    tls_client: tuple[TlsServer, RivyaClient], listener: Listener
) -> None:
    server, client = tls_client

    begins_and_is_silent(server)
    heard = Heard(listener, client)
    wait_for(lambda: heard.events, what="the first word")
    heard.stream.abort()
    assert isinstance(heard.wait().failure, errors.StreamInterrupted)
