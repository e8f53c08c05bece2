"""A package of 200 files of 5 MB through the web process, beside a bare copy of the same bytes."""

import hashlib
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import httpx
from django.conf import settings

from rivya_app.handoff.models import Package, PackedFile
from rivya_app.handoff.zipping import Zip
from tests.bench.figures import Figure
from tests.bench.peaks import forget_peak, peak
from tests.bench.shop import BenchShop
from tests.bench.stage import say
from tests.handoff.packages import finish, make_item, make_package, make_packed

FILES = 200
SIZE = 5_000_000  # bytes of each
ROUNDS = 3
MOST_MB = 100  # of the process, above what it holds at rest
MOST_FIRST_MS = 300
PIECE = 256 * 1024


def measure(shop: BenchShop) -> list[Figure]:
    package = _package(shop)
    address, whole = f"/handoff/{package.public_id}/download/", Zip(package)
    say(f"a zip of {whole.length / 1e6:.0f} MB")
    shop.stage.start("web")
    with shop.browser("seller") as browser:
        browser.head(address).raise_for_status()
        before = forget_peak(shop, "web")
        rounds = [_download(browser, address) for _round in range(ROUNDS)]
        resumed = _first_byte(browser, address, whole.length - SIZE)
        highest = peak(shop, "web")
        target = shop.stage.folder / "package.zip"
        _save(browser, address, target)
    _expect_good(target, package)
    copied = median(_timed(lambda: _copy(package, shop.stage.folder)) for _round in range(ROUNDS))
    proven = median(_timed(lambda: _read_and_hash(package)) for _round in range(ROUNDS))
    first, seconds = (median(column) for column in zip(*rounds, strict=True))
    return [
        Figure("first byte", first * 1000, MOST_FIRST_MS, "ms"),
        Figure("first byte of the last 5 MB, taken up again", resumed * 1000, MOST_FIRST_MS, "ms"),
        Figure(f"web: peak above its {before:.0f} MB at rest", highest - before, MOST_MB, "MB"),
        Figure("the whole zip over HTTP", seconds, unit="s"),
        Figure("bare copy of the files, disk to disk", copied, unit="s"),
        Figure("bare reading, SHA-256 and CRC of the files", proven, unit="s"),
        Figure("the zip against the bare copy", seconds / copied),
        Figure("the zip against bare reading and hashing", seconds / proven),
    ]


def _package(shop: BenchShop) -> Package:
    package = make_package(shop.cast["seller"], [os.urandom(SIZE)])
    for _number in range(FILES - 1):
        content = os.urandom(SIZE)
        make_packed(make_item(package, content), "original", content, mime_type="image/png")
    return finish(package)


def _download(browser: httpx.Client, address: str) -> tuple[float, float]:
    """Seconds to the first byte of the body, and to the last; nothing is kept."""
    began = time.perf_counter()
    with browser.stream("GET", address) as answer:
        answer.raise_for_status()
        pieces = answer.iter_raw()
        size = len(next(pieces))
        first = time.perf_counter() - began
        size += sum(map(len, pieces))
    if size != int(answer.headers["Content-Length"]):
        raise RuntimeError(f"{size} bytes came")
    return first, time.perf_counter() - began


def _first_byte(browser: httpx.Client, address: str, start: int) -> float:
    began = time.perf_counter()
    headers = {"Range": f"bytes={start}-"}
    with browser.stream("GET", address, headers=headers) as answer:
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            raise RuntimeError(f"answered {answer.status_code}")
        next(answer.iter_raw())
        return time.perf_counter() - began


def _save(browser: httpx.Client, address: str, target: Path) -> None:
    with browser.stream("GET", address) as answer, target.open("wb") as file:
        for piece in answer.iter_raw():
            file.write(piece)


def _expect_good(target: Path, package: Package) -> None:
    with zipfile.ZipFile(target) as archive:
        if archive.testzip() is not None or len(archive.namelist()) < FILES:
            raise RuntimeError(f"no good zip of {package}")
    target.unlink()


def _paths(package: Package) -> list[Path]:
    names = PackedFile.objects.filter(item__package=package).values_list("storage_name", flat=True)
    return [Path(settings.VAULT_DIR) / name for name in names]


def _copy(package: Package, folder: Path) -> None:
    with (folder / "bare").open("wb") as out:
        for path in _paths(package):
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    out.write(piece)
    (folder / "bare").unlink()


def _read_and_hash(package: Package) -> None:
    from zlib import crc32

    for path in _paths(package):
        digest, crc = hashlib.sha256(), 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                crc = crc32(piece, crc)


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
