"""Handing files out: to members only, in parts, by any server, under harmless headers."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.db import connections
from django.http import HttpResponseBase
from django.test import AsyncClient, Client

from rivya_app.library import access, jobs, serving
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership
from tests.library.conftest import Expect, Server, body, picture

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]


@pytest.fixture
def content() -> bytes:
    return picture(300, 200)


@pytest.fixture
def file(expect: Expect, server: Server, content: bytes) -> StoredFile:
    server.answers["/a.png"] = body(content)
    waiting = expect(f"{server.url}/a.png", title="नीला मग / 'blue' \"mug\"\r\nX: y")
    jobs.copy(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.is_stored
    return waiting


@pytest.fixture
def reader(client_of: Browser, seller: Membership) -> Client:
    return client_of(seller)


def bytes_of(answer: Any) -> bytes:
    got = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return bytes(got)


def test_it_gives_a_member_the_whole_file(reader: Client, file: StoredFile, content: bytes) -> None:
    answer = reader.get(file.url)
    assert answer.status_code == 200
    assert bytes_of(answer) == content
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["ETag"] == f'"{file.sha256}"'
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline")


def test_it_lets_nobody_else_in(
    client_of: Browser, file: StoredFile, stranger: Membership, researcher: Membership
) -> None:
    for path in (file.url, file.thumbnail_url):
        assert client_of(stranger).get(path).status_code == 404
        assert client_of(None).get(path).status_code == 302
        answer = client_of(researcher).get(path)
        assert answer.status_code == 200
        answer.close()


def test_it_does_not_serve_what_is_not_stored(
    reader: Client, expect: Expect, server: Server
) -> None:
    waiting = expect(f"{server.url}/a.png")
    assert reader.get(waiting.url).status_code == 404
    assert waiting.thumbnail_url == ""
    assert reader.get(f"{waiting.url}thumbnail/").status_code == 404


def test_it_says_404_when_the_bytes_are_gone(reader: Client, file: StoredFile) -> None:
    default_storage.delete(file.storage_name)
    assert reader.get(file.url).status_code == 404


def test_it_serves_the_thumbnail(reader: Client, file: StoredFile) -> None:
    answer = reader.get(file.thumbnail_url)
    assert bytes_of(answer)[8:12] == b"WEBP"
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["ETag"] != f'"{file.sha256}"'


def test_it_names_a_download_after_its_title_in_any_script(
    reader: Client, file: StoredFile
) -> None:
    answer = reader.get(file.download_url)
    bytes_of(answer)
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename*=utf-8''")
    assert unquote(said).endswith("नीला-मग-'blue'-mug-X-y.png")
    assert "\r" not in said


def test_it_names_a_download_even_without_a_title(file: StoredFile) -> None:
    file.title, file.position = "../..", 2
    assert serving.file_name(file) == "image-3.png"


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=0-99999999", 0, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_it_serves_a_part(
    reader: Client,
    file: StoredFile,
    content: bytes,
    header: str,
    start: int,
    stop: int | None,
) -> None:
    answer = reader.get(file.url, headers={"Range": header})
    part = content[start:stop]
    assert answer.status_code == 206
    assert bytes_of(answer) == part
    begin = start if start >= 0 else len(content) + start
    said = f"bytes {begin}-{begin + len(part) - 1}/{len(content)}"
    assert answer.headers["Content-Range"] == said
    assert answer.headers["Content-Length"] == str(len(part))


@pytest.mark.parametrize(
    "header", ["bytes=5-2", "bytes=0-1,4-5", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "x"]
)
def test_it_serves_all_where_the_range_makes_no_sense(
    reader: Client, file: StoredFile, content: bytes, header: str
) -> None:
    answer = reader.get(file.url, headers={"Range": header})
    assert answer.status_code == 200
    assert bytes_of(answer) == content


@pytest.mark.parametrize("header", ["bytes=99999999-", "bytes=-0"])
def test_it_refuses_a_range_behind_the_end(
    reader: Client, file: StoredFile, content: bytes, header: str
) -> None:
    answer = reader.get(file.url, headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(content)}"


def test_it_serves_a_part_only_of_the_same_bytes(
    reader: Client, file: StoredFile, content: bytes
) -> None:
    same = {"Range": "bytes=0-9", "If-Range": f'"{file.sha256}"'}
    answer = reader.get(file.url, headers=same)
    assert answer.status_code == 206
    answer.close()
    for mark in ('"other"', f'W/"{file.sha256}"', "Sun, 22 Nov 2026 00:00:00 GMT"):
        answer = reader.get(file.url, headers={"Range": "bytes=0-9", "If-Range": mark})
        assert answer.status_code == 200
        assert bytes_of(answer) == content


def test_it_sends_nothing_again_that_the_reader_has(reader: Client, file: StoredFile) -> None:
    answer = reader.get(file.url, headers={"If-None-Match": f'"{file.sha256}"'})
    assert answer.status_code == 304
    assert bytes_of(answer) == b""
    assert answer.headers["ETag"] == f'"{file.sha256}"'


def test_it_answers_head_without_a_body(reader: Client, file: StoredFile, content: bytes) -> None:
    answer = reader.head(file.url)
    assert answer.status_code == 200
    assert bytes_of(answer) == b""
    assert answer.headers["Content-Length"] == str(len(content))
    part = reader.head(file.url, headers={"Range": "bytes=0-9"})
    assert part.status_code == 206
    assert part.headers["Content-Length"] == "10"


def test_it_accepts_no_other_method(reader: Client, file: StoredFile) -> None:
    assert reader.post(file.url).status_code == 405


@pytest.mark.parametrize("mime_type", ["text/html", "image/svg+xml", "", "application/pdf"])
def test_it_never_names_a_type_outside_its_table(
    reader: Client, file: StoredFile, mime_type: str
) -> None:
    StoredFile.objects.update(mime_type=mime_type)
    answer = reader.get(file.url)
    bytes_of(answer)
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_it_closes_the_file_when_the_reader_leaves(reader: Client, file: StoredFile) -> None:
    answer: Any = reader.get(file.url)
    next(iter(answer.streaming_content))
    answer.close()
    assert answer._pieces._file.closed


@pytest.fixture
def large(file: StoredFile) -> StoredFile:
    """The stored file grown to 64 MB on the disk."""
    with open(default_storage.path(file.storage_name), "r+b") as blob:  # noqa: PTH123
        blob.truncate(64 * 1024 * 1024)
    return file


def blob_of(file: StoredFile) -> serving.Blob:
    return serving.original(file, is_download=False)


def test_it_streams_under_asgi_without_collecting(large: StoredFile, rf: Any) -> None:
    answer: HttpResponseBase = serving.respond(rf.get("/"), blob_of(large))

    async def read() -> int:
        total = 0
        pieces: AsyncIterator[bytes] = answer.__aiter__()  # type: ignore[attr-defined]
        async for piece in pieces:
            assert len(piece) <= serving.PIECE
            total += len(piece)
        return total

    tracemalloc.start()
    assert asyncio.run(read()) == 64 * 1024 * 1024
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    answer.close()
    assert peak < 8 * 1024 * 1024


def test_it_streams_under_wsgi_without_collecting(large: StoredFile, rf: Any) -> None:
    answer: Any = serving.respond(rf.get("/"), blob_of(large))
    pieces: Iterator[bytes] = iter(answer)
    tracemalloc.start()
    assert sum(map(len, pieces)) == 64 * 1024 * 1024
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    answer.close()
    assert peak < 8 * 1024 * 1024


def test_it_serves_through_the_whole_asgi_stack(
    file: StoredFile, content: bytes, seller: Membership
) -> None:
    reader = AsyncClient()
    reader.force_login(seller.user)

    async def ask() -> tuple[int, bytes]:
        answer: Any = await reader.get(file.url)
        got = b"".join([piece async for piece in answer])
        answer.close()
        await sync_to_async(connections.close_all)()  # those of the thread that served
        return answer.status_code, got

    assert asyncio.run(ask()) == (200, content)


def test_it_sends_readers_to_object_storage_by_a_short_lived_link(
    reader: Client, file: StoredFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    class Bucket:
        """What S3Storage offers here: no path, and a signed link."""

        def path(self, name: str) -> str:
            raise NotImplementedError

        def url(self, name: str, parameters: dict[str, str], expire: int) -> str:
            asked.update(parameters, expire=expire)
            return f"https://bucket.example/{name}?X-Amz-Signature=abc"

    monkeypatch.setattr("rivya_app.library.blobs.default_storage", Bucket())
    answer = reader.get(file.download_url)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://bucket.example/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert asked["ResponseContentType"] == "image/png"
    assert asked["ResponseContentDisposition"].startswith("attachment")
    assert asked["expire"] <= 300


def test_it_finds_the_files_of_many_sources_with_what_was_made_of_them(
    file: StoredFile, expect: Expect, server: Server, django_assert_num_queries: Any
) -> None:
    others = [expect(f"{server.url}/x", source=f"test:{number}") for number in range(2, 6)]
    wanted = [file.source, *(other.source for other in others), "test:none"]
    with django_assert_num_queries(2):
        found = access.files_for(wanted)
    assert [each.source for each in found] == sorted(wanted[:-1])
