"""One zip of a package: the same bytes every time, resumable, verified while it is sent."""

import asyncio
import hashlib
import io
import os
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from rivya_app.handoff import serving, zipping
from rivya_app.handoff.models import Package, PackageEvent, PackedFile
from rivya_app.handoff.zipping import Changed, Zip
from rivya_app.workspaces.models import Membership
from tests.handoff.packages import TITLE, make_package, picture

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def package(seller: Membership) -> Package:
    return make_package(seller, [picture(), os.urandom(700_000), os.urandom(300_000)])


@pytest.fixture
def reader(client_of: Browser, seller: Membership) -> Client:
    return client_of(seller)


def address(package: Package) -> str:
    return reverse("handoff:download", args=[package.public_id])


def bytes_of(answer: Any) -> bytes:
    got = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return bytes(got)


def on_disk(packed: PackedFile) -> Path:
    return Path(django_settings.VAULT_DIR) / packed.storage_name


def last_packed(package: Package) -> PackedFile:
    return PackedFile.objects.filter(item__package=package).latest("pk")


def spoil(packed: PackedFile) -> None:
    """Other bytes of the same length under the same name."""
    path = on_disk(packed)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def whole(package: Package) -> bytes:
    return b"".join(Zip(package).chunks())


def events(package: Package, kind: str) -> int:
    return PackageEvent.objects.filter(package=package, kind=kind).count()


def test_it_is_a_zip_that_others_can_read(package: Package, tmp_path: Path) -> None:
    content = whole(package)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        packed = {row.name: row for row in PackedFile.objects.filter(item__package=package)}
        names = archive.namelist()
        assert names[0] == "manifest.json"
        assert [name for name in names if name in packed] == list(packed)
        for name, row in packed.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == row.sha256
    if unzip := shutil.which("unzip"):
        (tmp_path / "it.zip").write_bytes(content)
        subprocess.run([unzip, "-tq", tmp_path / "it.zip"], check=True)


def test_its_length_is_known_before_the_first_byte(package: Package) -> None:
    assert Zip(package).length == len(whole(package))


def test_it_is_the_same_whenever_and_wherever_it_is_made(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, etag = whole(package), Zip(package).etag
    for packed in PackedFile.objects.filter(item__package=package):
        os.utime(on_disk(packed), (0, 0))
    monkeypatch.setattr("time.localtime", lambda *_: (1999, 1, 1, 0, 0, 0, 0, 1, 0))
    assert whole(package) == first
    assert Zip(package).etag == etag


def test_its_mark_changes_with_its_bytes(package: Package) -> None:
    etag = Zip(package).etag
    package.manifest["README.txt"] = "other"
    package.save()
    assert Zip(package).etag != etag


@pytest.mark.parametrize("is_remembered", [False, True])
def test_it_goes_on_from_any_byte(package: Package, is_remembered: bool) -> None:
    content = whole(package)
    assert Zip(package).length == len(content)
    for start in (1, 29, 500, len(content) // 3, len(content) // 2, len(content) - 1):
        if not is_remembered:
            cache.clear()
        assert b"".join(Zip(package).chunks(start)) == content[start:]
        assert b"".join(Zip(package).chunks(start, start + 7)) == content[start : start + 7]


def test_going_on_reads_only_what_is_wanted(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the CRCs are known from the transfer that was cut."""
    content, opened = whole(package), []
    open_blob = zipping.blobs.open_blob
    monkeypatch.setattr(
        zipping.blobs, "open_blob", lambda name: opened.append(name) or open_blob(name)
    )
    tail = b"".join(Zip(package).chunks(len(content) - 1000))
    assert tail == content[-1000:]
    assert opened == [last_packed(package).storage_name]
    cache.clear()
    opened.clear()
    assert b"".join(Zip(package).chunks(len(content) - 1000)) == tail
    assert len(opened) == 3


def test_a_transfer_that_was_cut_is_remembered_too(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, chunks = whole(package), Zip(package).chunks()
    cache.clear()
    got = 0
    while got < 750_000:  # behind the second file, in the third
        got += len(next(chunks))
    chunks.close()
    opened: list[str] = []
    open_blob = zipping.blobs.open_blob
    monkeypatch.setattr(
        zipping.blobs, "open_blob", lambda name: opened.append(name) or open_blob(name)
    )
    assert b"".join(Zip(package).chunks(got)) == content[got:]
    assert len(opened) == 1


def test_it_never_finishes_with_bytes_that_changed(package: Package) -> None:
    packed = last_packed(package)
    spoil(packed)
    good = Zip(package)
    good.check()  # by size nothing is wrong
    got: list[bytes] = []
    with pytest.raises(Changed) as refused:
        got.extend(good.chunks())
    assert refused.value.name == packed.name
    assert sum(map(len, got)) < good.length
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(got)))
    assert events(package, "changed_bytes") == 1


def test_it_would_finish_without_the_hash(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(last_packed(package))

    def unverified(member: zipping.Member) -> Any:
        yield from member._read()

    monkeypatch.setattr(zipping.Member, "pieces", unverified)
    assert zipfile.is_zipfile(io.BytesIO(whole(package)))


def test_going_on_finds_what_changed_in_the_file_it_goes_on_in(package: Package) -> None:
    length = len(whole(package))
    spoil(last_packed(package))
    with pytest.raises(Changed):
        b"".join(Zip(package).chunks(length - 1000))


@pytest.mark.parametrize("harm", ["missing", "short", "long"])
def test_it_refuses_before_the_first_byte_where_the_size_tells(
    reader: Client, package: Package, harm: str
) -> None:
    path = on_disk(last_packed(package))
    content = path.read_bytes()
    path.unlink()
    if harm != "missing":
        path.write_bytes(content[:-1] if harm == "short" else content + b"x")
    answer = reader.get(address(package))
    assert answer.status_code == 409
    assert not answer.streaming
    assert events(package, "changed_bytes") == 1
    assert events(package, "downloaded") == 0


# --- The answer -----------------------------------------------------------------------------------


def test_it_is_handed_to_a_member(reader: Client, package: Package, seller: Membership) -> None:
    answer = reader.get(address(package))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Length"] == str(Zip(package).length)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == Zip(package).etag
    assert answer.headers["Cache-Control"] == "private, no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''")
    assert unquote(disposition.partition("''")[2]) == "नीला-मग-blue-mug.zip"
    assert bytes_of(answer) == whole(package)
    event = PackageEvent.objects.get(package=package, kind="downloaded")
    assert event.member == seller


def test_a_title_without_letters_still_names_a_file(package: Package) -> None:
    package.title = "!!!"
    assert serving.file_name(package) == "package.zip"


def test_it_says_its_length_without_a_body(reader: Client, package: Package) -> None:
    answer = reader.head(address(package))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(Zip(package).length)
    assert events(package, "downloaded") == 0


def test_it_counts_a_download_and_not_its_parts(reader: Client, package: Package) -> None:
    content = whole(package)
    first = reader.get(address(package), headers={"Range": "bytes=0-999"})
    assert first.status_code == 206
    assert first.headers["Content-Range"] == f"bytes 0-999/{len(content)}"
    got = bytes_of(first)
    for start in (1000, 400_000):
        rest = reader.get(
            address(package),
            headers={"Range": f"bytes={start}-", "If-Range": first.headers["ETag"]},
        )
        assert rest.status_code == 206
        assert bytes_of(rest) == content[start:]
    assert got == content[:1000]
    assert events(package, "downloaded") == 1


def test_it_starts_anew_where_the_zip_is_another(reader: Client, package: Package) -> None:
    answer = reader.get(address(package), headers={"Range": "bytes=9-", "If-Range": '"other"'})
    assert answer.status_code == 200
    assert bytes_of(answer) == whole(package)


def test_it_refuses_a_range_behind_the_end(reader: Client, package: Package) -> None:
    answer = reader.get(address(package), headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{Zip(package).length}"


def test_a_stranger_is_told_that_it_does_not_exist(
    package: Package, stranger: Membership, client_of: Browser
) -> None:
    assert client_of(stranger).get(address(package)).status_code == 404
    assert client_of(None).get(address(package)).status_code == 302


def test_what_may_not_leave_yet_is_refused_in_words(reader: Client, package: Package) -> None:
    package.state, package.next_build_at = Package.State.BUILDING, package.created_at
    package.save()
    answer = reader.get(address(package))
    assert answer.status_code == 409
    assert TITLE in answer.content.decode()
    assert events(package, "downloaded") == 0


def test_it_is_never_built_in_memory_under_asgi(seller: Membership, rf: Any) -> None:
    package = make_package(seller, [os.urandom(8_000_000) for _ in range(6)])

    def answer() -> Any:
        return serving.zip_answer(rf.get("/"), package, on_start=lambda: None)

    made = answer()

    async def read() -> int:
        return sum([len(piece) async for piece in made])

    tracemalloc.start()
    size = asyncio.run(read())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == int(made.headers["Content-Length"]) > 48_000_000
    assert peak < 4_000_000
