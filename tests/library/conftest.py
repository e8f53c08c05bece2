"""What the tests of the library share: hostile servers on loopback, media, files of a workspace."""

import io
import struct
import threading
import wave
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from rivya_app.library import sources, vault
from rivya_app.library.models import StoredFile
from rivya_app.library.sources import Source
from rivya_app.workspaces.models import Membership, Workspace

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server whose answers the test writes; it counts what it is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.headers = dict(self.headers)
                outer.answers.get(self.path.split("?")[0], status(404))(self)
                self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                """Readers who hang up are what these tests are about."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def status(code: int, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def body(content: bytes, *, said_length: int | None = None, **headers: str) -> Answer:
    """200 with `content`; `said_length` may lie about it."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(said_length or len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    this = Server()
    yield this
    this.close()


def picture(width: int = 80, height: int = 60, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, form, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A small PNG that says it is 30,000 by 30,000."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 2_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def film(seconds: float = 1.0, width: int = 128, height: int = 72) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=12)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        still = Image.new("RGB", (width, height), "teal")
        for _number in range(int(seconds * 12)):
            container.mux(stream.encode(av.VideoFrame.from_image(still)))
        container.mux(stream.encode())
    return out.getvalue()


def sound(seconds: float = 1.0) -> bytes:
    """A WAV of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(b"\0\0" * int(8000 * seconds))
    return out.getvalue()


@pytest.fixture
def vault_dir(settings: Any, tmp_path: Path) -> Path:
    """An empty vault for this test."""
    folder = tmp_path / "vault"
    storages = {**settings.STORAGES}
    storages["default"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder, "base_url": None, "file_permissions_mode": 0o600},
    }
    settings.STORAGES = storages
    assert default_storage.path("x").startswith(str(folder))
    return folder


class Told:
    """What a source of the test was told, and what it answers."""

    def __init__(self) -> None:
        self.changes: list[str] = []
        self.fresh: list[str] = []
        self.fresh_error: Exception | None = None

    def fresh_urls(self, source: str) -> list[str]:
        if self.fresh_error:
            raise self.fresh_error
        return self.fresh

    def on_change(self, file: StoredFile) -> None:
        assert transaction.get_connection().in_atomic_block
        self.changes.append(file.state)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    this = Told()
    monkeypatch.setitem(sources._sources, "test", Source(this.fresh_urls, this.on_change))
    return this


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The copy tasks that were published, by file id, instead of a broker."""
    from rivya_app.library import tasks

    ids: list[int] = []
    monkeypatch.setattr(tasks.copy_file, "delay", lambda *, file_id: ids.append(file_id))
    return ids


Expect = Callable[..., StoredFile]


@pytest.fixture
def expect(
    workspace: Workspace,
    seller: Membership,
    settings: Any,
    told: Told,
    published: list[int],
    vault_dir: Path,
) -> Expect:
    """`expect(url)`: a file that waits to be copied, private addresses allowed."""
    settings.RIVYA_ALLOW_PRIVATE_RESULTS = True

    def one(url: str, **changes: Any) -> StoredFile:
        fields = {"source": "test:1", "expected_kind": "image", "title": "A mug", **changes}
        with transaction.atomic():
            files = vault.expect(workspace=workspace, made_by=seller, urls=[url], **fields)
        return files[0]

    return one
