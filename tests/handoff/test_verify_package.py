"""A zip that comes back: whole or not, ours or not, and whatever a stranger makes of it."""

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rivya_app.handoff import verifying
from rivya_app.handoff.models import Package, PackedFile
from rivya_app.handoff.verifying import NotAPackage
from rivya_app.handoff.zipping import Zip
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership
from tests.handoff.packages import make_package

pytestmark = pytest.mark.django_db(transaction=True)

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def package(seller: Membership) -> Package:
    return make_package(seller)


@pytest.fixture
def path(package: Package, tmp_path: Path) -> Path:
    target = tmp_path / "back.zip"
    target.write_bytes(b"".join(Zip(package).chunks()))
    return target


def said(path: Path, *words: str) -> str:
    """What the command says; the refusal where it refuses."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_package", str(path), *words, stdout=out, stderr=err)
    except CommandError as refusal:
        return f"{err.getvalue()}refused: {refusal}"
    return out.getvalue()


def holds(path: Path, *words: str) -> bool:
    return said(path, *words).startswith("It holds")


def made_anew(path: Path, change: Change, *, compression: int = zipfile.ZIP_STORED) -> Path:
    """The same zip as another program would write it, after `change`."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def picture_in(files: dict[str, bytes]) -> str:
    return next(name for name in files if name.startswith("originals/"))


def nothing(_files: dict[str, bytes]) -> None:
    pass


def test_what_left_here_holds(path: Path, package: Package) -> None:
    words = said(path)
    assert words.startswith("It holds: 2 files")
    assert package.title in words


def test_another_program_may_have_packed_it_again(path: Path) -> None:
    assert holds(made_anew(path, nothing, compression=zipfile.ZIP_DEFLATED))


def test_offline_it_asks_no_database(path: Path) -> None:
    Package.objects.update(title="Something else")
    with CaptureQueriesContext(connection) as seen:
        assert holds(path, "--offline")
    assert not seen.captured_queries


def flip(files: dict[str, bytes]) -> None:
    name = picture_in(files)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])


def lengthen(files: dict[str, bytes]) -> None:
    files[picture_in(files)] += b"x"


def drop(files: dict[str, bytes]) -> None:
    del files[picture_in(files)]


def add(files: dict[str, bytes]) -> None:
    files["square/02-more.jpg"] = b"more"


def climb(files: dict[str, bytes]) -> None:
    files["../../etc/cron.d/more"] = b"more"


def no_csv(files: dict[str, bytes]) -> None:
    del files["manifest.csv"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (flip, "changed: originals/"),
        (lengthen, "changed (another size): originals/"),
        (drop, "missing: originals/"),
        (add, "not in the manifest: square/02-more.jpg"),
        (climb, "leads out of the folder: ../../etc/cron.d/more"),
        (no_csv, "missing: manifest.csv"),
    ],
)
def test_it_names_what_does_not_hold(path: Path, change: Change, words: str) -> None:
    found = said(made_anew(path, change), "--offline")
    assert words in found
    assert "refused: It does not hold" in found


def test_damaged_bytes_are_named(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = next(each for each in archive.infolist() if each.filename.startswith("originals/"))
    content[info.header_offset + 120] ^= 1
    path.write_bytes(content)
    assert "originals/" in said(path, "--offline")


def test_a_cut_zip_is_no_zip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])
    assert "no zip" in said(path, "--offline")


def test_a_manifest_that_was_changed_too_is_found_by_asking(path: Path) -> None:
    def forge(files: dict[str, bytes]) -> None:
        document = json.loads(files["manifest.json"])
        document["items"][0]["approval"]["approver"] = "Somebody Else"
        files["manifest.json"] = json.dumps(document).encode()

    forged = made_anew(path, forge)
    assert holds(forged, "--offline")
    assert "Not as it was written here" in said(forged)


def test_an_approval_that_was_taken_away_is_said(path: Path) -> None:
    Review.objects.update(state="withdrawn")
    assert "Not approved any more: Hand-thrown blue mug" in said(path)


def test_a_failed_check_without_an_answer_is_said(path: Path) -> None:
    failed = {"code": "sides", "result": "fail", "value": 64, "limit": 1000, "areas": []}
    PackedFile.objects.update(checks=[failed])
    assert "A failed check has no answer" in said(path)


def test_a_package_of_nobody_here_is_said(path: Path) -> None:
    def stranger(files: dict[str, bytes]) -> None:
        document = json.loads(files["manifest.json"])
        document["package"]["id"] = "8d7e0f6e-0b5b-4c8c-9a3e-0d8f5f0b6c1d"
        files["manifest.json"] = json.dumps(document).encode()

    assert "No workspace here knows this package" in said(made_anew(path, stranger))


# --- Strangers ------------------------------------------------------------------------------------


def refusal(path: Path) -> str:
    with pytest.raises(NotAPackage) as refused:
        verifying.verify(path)
    return str(refused.value)


@pytest.mark.parametrize("content", [b"", b"PK", b"words" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    odd = tmp_path / "odd.zip"
    odd.write_bytes(content)
    assert refusal(odd)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert "cannot be read" in said(tmp_path / "none.zip")


@pytest.mark.parametrize(
    "manifest",
    [
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": 1, "items": [{"files": [{"name": "a"}]}], "package": {}}',
        b'{"format": 1, "items": [{"files": [{"name": 1, "sha256": "", "size": 1}]}]}',
        b'{"format": 2, "items": []}',
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(path: Path, manifest: bytes) -> None:
    def write(files: dict[str, bytes]) -> None:
        files["manifest.json"] = manifest

    assert "manifest.json" in refusal(made_anew(path, write))


def test_a_zip_without_a_manifest_is_refused(path: Path) -> None:
    def write(files: dict[str, bytes]) -> None:
        del files["manifest.json"]

    assert "no package" in refusal(made_anew(path, write))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_named(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        name = next(each for each in archive.namelist() if each.startswith("originals/"))
        archive.writestr(name, b"other")
    assert "named more than once: originals/" in said(path, "--offline")


def bomb(path: Path, *, promised: int, real: int) -> Path:
    """A file of zeros that unfolds to `real` bytes, promised as `promised`."""

    def write(files: dict[str, bytes]) -> None:
        document = json.loads(files["manifest.json"])
        document["items"][0]["files"][0]["size"] = promised
        files["manifest.json"] = json.dumps(document).encode()
        files[picture_in(files)] = bytes(real)

    return made_anew(path, write, compression=zipfile.ZIP_DEFLATED)


def test_a_bomb_is_not_unfolded(path: Path) -> None:
    assert "promises far more" in refusal(bomb(path, promised=10**12, real=80_000_000))
    found = said(bomb(path, promised=1000, real=90_000_000), "--offline")
    assert "changed (another size)" in found


def test_a_manifest_that_is_a_bomb_is_not_unfolded(path: Path) -> None:
    def write(files: dict[str, bytes]) -> None:
        files["manifest.json"] = bytes(verifying.MOST_MANIFEST_BYTES + 10)

    assert "larger than it ever is" in refusal(
        made_anew(path, write, compression=zipfile.ZIP_DEFLATED)
    )


def test_a_size_that_lies_gains_nothing(path: Path) -> None:
    """The list says few bytes; the stream behind it has many."""
    bombed = bomb(path, promised=1000, real=50_000_000)
    content = bytearray(bombed.read_bytes())
    with zipfile.ZipFile(bombed) as archive:
        info = next(each for each in archive.infolist() if each.filename.startswith("originals/"))
    place = content.rfind(b"PK\x01\x02", 0, content.rfind(info.filename.encode()))
    struct.pack_into("<L", content, place + 24, 1000)
    bombed.write_bytes(content)
    tracemalloc.start()
    found = said(bombed, "--offline")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "originals/" in found
    assert peak < 20_000_000


def test_an_endless_list_is_not_read(path: Path) -> None:
    content = bytearray(path.read_bytes())
    place = content.rfind(b"PK\x05\x06")
    struct.pack_into("<HHL", content, place + 8, 60_000, 60_000, 200_000_000)
    path.write_bytes(content)
    assert "more files" in refusal(path)


def test_an_encrypted_zip_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    path.write_bytes(content)
    assert "encrypted" in refusal(path)


def test_names_do_no_harm_on_a_terminal(path: Path) -> None:
    def write(files: dict[str, bytes]) -> None:
        files["\x1b[2Jgone.jpg"] = b"more"

    found = said(made_anew(path, write), "--offline")
    assert "\x1b[2J" not in found
    assert "gone.jpg" in found


def test_it_ends_with_an_error_for_scripts(path: Path) -> None:
    made_anew(path, flip)
    with pytest.raises(CommandError) as refused:
        call_command("verify_package", str(path), "--offline", stderr=io.StringIO())
    assert refused.value.returncode == 1
