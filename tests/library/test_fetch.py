"""Fetching from servers that mean no good."""

import hashlib
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from rivya_app.core import addresses
from rivya_app.library.fetch import fetch
from rivya_app.library.troubles import Trouble
from tests.library.conftest import Server, body, status


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "bytes"


@pytest.fixture(autouse=True)
def private_allowed(settings: Any) -> None:
    settings.RIVYA_ALLOW_PRIVATE_RESULTS = True


def get(url: str, target: Path, **options: Any) -> Any:
    return fetch(url, target, on_progress=lambda: None, **options)


def trouble(url: str, target: Path, **options: Any) -> str:
    with pytest.raises(Trouble) as refused:
        get(url, target, **options)
    return refused.value.code


def test_it_fetches_and_hashes(server: Server, target: Path) -> None:
    content = bytes(range(256)) * 4096
    server.answers["/ok"] = body(content)
    fetched = get(f"{server.url}/ok?token=abc", target)
    assert target.read_bytes() == content
    assert fetched.sha256 == hashlib.sha256(content).hexdigest()
    assert fetched.size == len(content)
    assert server.asked == ["/ok?token=abc"]
    assert server.headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in server.headers


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_it_takes_a_refusal_for_an_expired_link(server: Server, target: Path, code: int) -> None:
    server.answers["/gone"] = status(code)
    with pytest.raises(Trouble) as refused:
        get(f"{server.url}/gone", target)
    assert refused.value.is_expired_link


def test_it_refuses_by_the_length_that_is_announced(
    server: Server, target: Path, settings: Any
) -> None:
    settings.RESULT_MAX_BYTES = 1000
    server.answers["/huge"] = body(b"x", said_length=10**12)
    assert trouble(f"{server.url}/huge", target) == "too_large"
    assert not target.exists()


def test_it_stops_when_more_arrives_than_allowed(
    server: Server, target: Path, settings: Any
) -> None:
    settings.RESULT_MAX_BYTES = 100_000

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65536)

    server.answers["/endless"] = endless
    assert trouble(f"{server.url}/endless", target) == "too_large"
    assert target.stat().st_size <= 200_000


def drip_into(request: BaseHTTPRequestHandler) -> None:
    """A sign now and then, without end: only who hangs up is done with it."""
    while True:
        request.wfile.write(b"x")
        time.sleep(0.05)


def test_it_ends_a_body_that_drips(server: Server, target: Path) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        drip_into(request)

    server.answers["/drip"] = drip
    assert trouble(f"{server.url}/drip", target, total=0.5) == "too_slow"


def test_it_ends_headers_that_drip(server: Server, target: Path) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        drip_into(request)

    server.answers["/drip"] = drip
    assert trouble(f"{server.url}/drip", target, total=0.5) == "too_slow"


def test_it_notices_a_body_that_was_cut(server: Server, target: Path) -> None:
    server.answers["/cut"] = body(b"x" * 10, said_length=1000)
    assert trouble(f"{server.url}/cut", target) == "cut"


def test_it_notices_an_empty_body(server: Server, target: Path) -> None:
    server.answers["/empty"] = status(200)
    assert trouble(f"{server.url}/empty", target) == "empty"


def test_it_notices_a_server_that_is_not_there(target: Path) -> None:
    assert trouble("http://127.0.0.1:9/x", target) == "unreachable"


def test_it_follows_three_redirects_and_no_more(server: Server, target: Path) -> None:
    for number in range(4):
        server.answers[f"/{number}"] = status(302, Location=f"/{number + 1}")
    server.answers["/4"] = body(b"there")
    assert get(f"{server.url}/1", target).size == 5
    assert trouble(f"{server.url}/0", target) == "link_refused"


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "ftp://example.com/x",
        "gopher://x",
        "http://user:pass@example.com/x",
        "http://",
        "/relative",
        "",
        "http://" + "x" * 9000,
    ],
)
def test_it_refuses_what_is_no_web_address(link: str, target: Path) -> None:
    assert trouble(link, target) == "link_refused"


def test_it_refuses_to_be_sent_to_another_scheme(server: Server, target: Path) -> None:
    server.answers["/x"] = status(302, Location="file:///etc/passwd")
    assert trouble(f"{server.url}/x", target) == "link_refused"


def test_it_refuses_private_addresses_before_a_byte_is_sent(
    server: Server, target: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RIVYA_ALLOW_PRIVATE_RESULTS = False
    port = server.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "[::ffff:127.0.0.1]"):
        assert trouble(f"https://{host}:{port}/x", target) == "link_refused"
    assert trouble(f"{server.url}/x", target) == "link_refused"  # plain http
    assert not server.asked


def test_it_checks_the_address_behind_each_redirect(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first name counts as public here; the one it leads to does not."""
    server.answers["/x"] = status(302, Location=f"{server.url}/inside")
    server.answers["/inside"] = body(b"secret")
    looked_up: list[str] = []

    def of(host: str, port: int, *, may_be_private: bool) -> list[str]:
        looked_up.append(host)
        if len(looked_up) > 1:
            raise addresses.Refused
        return [host]

    monkeypatch.setattr(addresses, "of", of)
    assert trouble(f"{server.url}/x", target) == "link_refused"
    assert server.asked == ["/x"]


def test_it_connects_to_the_address_it_looked_at(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that turns to another address after the check gains nothing: it is looked up once."""
    server.answers["/x"] = body(b"hello")
    monkeypatch.setattr(addresses, "of", lambda *_args, **_kwargs: ["127.0.0.1"])
    port = server.url.rpartition(":")[2]
    assert get(f"http://turning.example:{port}/x", target).size == 5
    assert server.headers["Host"] == f"turning.example:{port}"


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("ff02::1", False),
        ("not an address", False),
    ],
)
def test_it_knows_the_open_internet(address: str, is_public: bool) -> None:
    assert addresses.is_public(address) is is_public


def test_it_never_says_the_link(
    server: Server, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    server.answers["/cut"] = body(b"x", said_length=1000)
    with pytest.raises(Trouble) as refused:
        get(f"{server.url}/cut?signature=very-secret", target)
    assert "very-secret" not in repr(refused.value) + str(refused.value)
    assert "very-secret" not in caplog.text
