"""The local server's front, over ASGI itself."""

import gc
import gzip

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse

from rivya_app.asgi import HashedStaticFiles, StaticOrPages, application, bounded


async def no_pages(scope, receive, send):
    await StreamingResponse(iter([b"data: 1\n\n" * 100]), media_type="text/event-stream")(
        scope, receive, send
    )


@pytest.fixture
def ask():
    async def ask_for(front, path):
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "root_path": "",
            "query_string": b"",
            "headers": [(b"accept-encoding", b"gzip"), (b"host", b"localhost")],
        }
        talk = ApplicationCommunicator(front, scope)
        await talk.send_input({"type": "http.request", "body": b""})
        start = await talk.receive_output(5)
        body, is_open = b"", True
        while is_open:
            part = await talk.receive_output(5)
            body += part.get("body", b"")
            is_open = part.get("more_body", False)
        await talk.wait()
        headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
        return start["status"], headers, body

    return async_to_sync(ask_for)


@pytest.fixture
def get(ask, tmp_path):
    (tmp_path / "app.0123456789ab.css").write_text("p{margin:0}" * 100)
    (tmp_path / "app.css").write_text("p{margin:0}")
    front = GZipMiddleware(StaticOrPages(HashedStaticFiles(directory=tmp_path), no_pages))

    def get_path(path):
        status, headers, body = ask(front, path)
        return status, dict(headers), body

    return get_path


def test_it_lets_browsers_keep_a_file_whose_name_carries_its_hash(get):
    status, headers, body = get("/static/app.0123456789ab.css")
    assert status == 200
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).startswith(b"p{margin:0}")


def test_it_has_browsers_ask_again_for_any_other_file(get):
    assert get("/static/app.css")[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/../asgi.py", "/static/missing.css", "/static/"])
def test_it_gives_nothing_else_from_the_disk(get, path):
    assert get(path)[0] in {404, 405}


def test_it_hands_streams_on_as_they_are(get):
    status, headers, _body = get("/stream")
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in headers


@pytest.mark.django_db(transaction=True)
def test_it_compresses_a_page_of_ours_and_says_its_length_once(ask):
    """Django spells header names its own way; a second length would break the answer off."""
    status, headers, body = ask(application, "/accounts/login/")
    assert status == 200
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    assert lengths == [str(len(body))]
    assert b"<form" in gzip.decompress(body)


@pytest.fixture
def nothing_frozen():
    gc.unfreeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("nothing_frozen")
def test_it_answers_the_server_starting_and_stopping():
    async def start_and_stop():
        talk = ApplicationCommunicator(StaticOrPages(no_pages, no_pages), {"type": "lifespan"})
        said = []
        for word in ("startup", "shutdown"):
            await talk.send_input({"type": f"lifespan.{word}"})
            said.append(await talk.receive_output())
        await talk.wait()
        return [message["type"] for message in said]

    assert async_to_sync(start_and_stop)() == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    # What was loaded is not looked through again while pages and live words wait.
    assert gc.get_freeze_count() > 100_000


# --- Bodies that are too large ---


async def _takes_all(scope, receive, send):
    """Reads a whole body, as Django does; an application that was hung up on answers nothing."""
    taken = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        taken += len(message["body"])
        if not message.get("more_body"):
            break
    await PlainTextResponse(str(taken))(scope, receive, send)


@pytest.fixture
def post(settings):
    settings.REQUEST_MAX_BYTES = 1000

    async def send(pieces, said_length=None, path="/"):
        """The status, and how many of the pieces were taken from the wire."""
        headers = [] if said_length is None else [(b"content-length", str(said_length).encode())]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        left = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        left.append({"type": "http.request", "body": b"", "more_body": False})
        sent = []

        async def receive():
            return left.pop(0)

        async def answer(message):
            sent.append(message)

        count = len(left)
        await bounded(_takes_all)(scope, receive, answer)
        return sent[0]["status"], count - len(left)

    return async_to_sync(send)


def test_it_takes_a_body_up_to_the_limit(post):
    assert post([b"x" * 500, b"x" * 500], said_length=1000) == (200, 3)


def test_it_refuses_a_body_that_says_it_is_too_large_before_reading_any(post):
    assert post([b"x" * 600, b"x" * 600], said_length=1200) == (413, 0)


def test_it_stops_reading_a_body_that_does_not_say_its_length_at_the_limit(post):
    assert post([b"x" * 600] * 10) == (413, 2)


def test_it_holds_what_is_posted_to_a_hook_to_far_less(post, settings):
    settings.WEBHOOK_MAX_BYTES = 100
    hook = "/hooks/rivya/00000000-0000-0000-0000-000000000000/"
    assert post([b"x" * 100], said_length=100, path=hook) == (200, 2)
    assert post([b"x" * 101], said_length=101, path=hook) == (413, 0)
    assert post([b"x" * 60] * 10, path=hook) == (413, 2)
