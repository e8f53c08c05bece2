"""What is made of files for the screen: once, in spite of everything, and never for ever."""

import io
import signal
import subprocess
import sys
import threading
from array import array
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageCms

from rivya_app.core import clock
from rivya_app.library import apart, blobs, derivatives, jobs, rendering, waveform
from rivya_app.library.errors import Trouble
from rivya_app.library.models import Derivative, StoredFile
from rivya_app.workspaces.models import Membership
from tests.library import recorded
from tests.library.conftest import Expect, Server, Told, body, bomb, film, picture, sound

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What kill -9 is to a worker: nothing of ours runs afterwards."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tasks that were published, by derivative, instead of a broker."""
    from rivya_app.library import tasks

    ids: list[int] = []

    def note(*, derivative_id: int) -> None:
        ids.append(derivative_id)

    monkeypatch.setattr(tasks.make_derivative, "delay", note)
    return ids


@pytest.fixture
def stored(expect: Expect, server: Server, sent: list[int]) -> Callable[..., StoredFile]:
    """`stored(content, kind)`: a result that was copied."""

    def one(content: bytes, kind: str = "image", **fields: Any) -> StoredFile:
        server.answers["/file"] = body(content)
        file = expect(f"{server.url}/file", expected_kind=kind, **fields)
        jobs.copy(file.pk)
        file.refresh_from_db()
        assert file.is_stored, file.trouble
        return file

    return one


def only(file: StoredFile) -> Derivative:
    return file.derivatives.get()


def later() -> None:
    past = clock.now() - timedelta(seconds=1)
    Derivative.objects.exclude(not_before=None).update(not_before=past, next_make_at=past)


def opened(file: StoredFile) -> Image.Image:
    with blobs.open_blob(only(file).storage_name) as content:
        return Image.open(io.BytesIO(content.read()))


def test_it_announces_what_pages_need_in_the_transaction_that_stores(
    stored: Callable[..., StoredFile], sent: list[int]
) -> None:
    kinds = {
        "small": (picture(), "image"),
        "large": (picture(2000, 1000), "image"),
        "film": (film(), "video"),
        "sound": (sound(), "audio"),
    }
    made = {
        name: list(stored(*of, source=f"test:{name}").derivatives.values_list("kind", flat=True))
        for name, of in kinds.items()
    }
    assert made == {"small": [], "large": ["web"], "film": ["poster"], "sound": ["waveform"]}
    assert sorted(sent) == sorted(Derivative.objects.values_list("pk", flat=True))


def test_it_announces_once_and_only_in_a_transaction(
    stored: Callable[..., StoredFile], sent: list[int]
) -> None:
    file = stored(film(), "video")
    with pytest.raises(transaction.TransactionManagementError):
        derivatives.announce(file)
    with transaction.atomic():
        derivatives.announce(file)
    assert file.derivatives.count() == 1


def test_it_makes_a_poster_that_is_not_black(stored: Callable[..., StoredFile]) -> None:
    file = stored(recorded.film(2, (320, 180), dark=1.0), "video")
    derivatives.make(only(file).pk)
    row = only(file)
    assert (row.state, row.width, row.height, row.mime_type) == ("made", 320, 180, "image/webp")
    with opened(file) as poster:
        levels = poster.convert("L").tobytes()
    assert sum(levels) / len(levels) > 60


def test_it_makes_a_picture_in_the_size_of_a_screen(stored: Callable[..., StoredFile]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = stored(picture(4000, 2000, "JPEG", exif=exif, quality=95))
    derivatives.make(only(file).pk)
    with opened(file) as small:
        assert (small.format, small.size) == ("WEBP", (800, 1600))


def test_it_keeps_the_colours_a_picture_means(stored: Callable[..., StoredFile]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = stored(picture(2000, 1000, icc_profile=profile))
    derivatives.make(only(file).pk)
    with opened(file) as small:
        assert small.info["icc_profile"] == profile


def test_it_keeps_nothing_that_is_no_smaller(
    stored: Callable[..., StoredFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivatives, "HEAVY", 0)
    file = stored(picture(20, 20, "WEBP", quality=1))
    derivatives.make(only(file).pk)
    assert (only(file).state, only(file).trouble) == ("given_up", "no_gain")
    assert file.web_url == file.url


@pytest.mark.parametrize("mime_type", recorded.SOUNDS)
def test_it_draws_sounds_of_every_format(stored: Callable[..., StoredFile], mime_type: str) -> None:
    file = stored(recorded.sound(3, mime_type), "audio")
    derivatives.make(only(file).pk)
    file.refresh_from_db()
    peaks = file.peaks
    assert len(peaks) == waveform.PEAKS
    assert 95 <= max(peaks) <= 100
    assert 4 <= sorted(peaks[10:90])[40] <= 25  # the quiet half
    assert sorted(peaks[110:190])[40] >= 80


def test_it_draws_a_quiet_sound_quietly(stored: Callable[..., StoredFile]) -> None:
    file = stored(recorded.sound(1, loud=0.01), "audio")
    derivatives.make(only(file).pk)
    assert 20 <= max(file.peaks) <= 50


def test_it_draws_a_long_sound_with_few_numbers_in_memory() -> None:
    steps = waveform._Steps()
    for second in range(3 * 3600):
        steps.add(array("h", [second % 100] * waveform._RATE))
        assert len(steps.loudest) <= waveform._MOST_STEPS + waveform._RATE // waveform._FINEST
    assert len(waveform._drawn(steps.finish())) == waveform.PEAKS


def test_it_tells_the_page_when_a_waveform_is_there(stored: Callable[..., StoredFile]) -> None:
    file = stored(sound(), "audio")
    assert file.is_being_drawn
    before = file.changed_at
    derivatives.make(only(file).pk)
    file = StoredFile.objects.get(pk=file.pk)
    assert not file.is_being_drawn
    assert file.changed_at > before


@pytest.mark.parametrize(
    ("place", "name"),
    [(rendering, "make"), (blobs, "put"), (derivatives, "_render"), (derivatives, "_store")],
)
@pytest.mark.parametrize("is_after", [False, True])
def test_it_survives_a_worker_that_dies_anywhere(
    stored: Callable[..., StoredFile],
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    is_after: bool,
) -> None:
    file = stored(film(), "video")
    real = getattr(place, name)

    def die(*args: Any, **kwargs: Any) -> None:
        if is_after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(place, name, die)
        with pytest.raises(Killed):
            derivatives.make(only(file).pk)
    derivatives.make(only(file).pk)  # claimed: nothing happens
    later()
    derivatives.make(only(file).pk)
    assert only(file).state == "made"


def test_it_sweeps_what_was_lost_and_nothing_else(
    stored: Callable[..., StoredFile], sent: list[int]
) -> None:
    lost = only(stored(film(), "video", source="test:lost"))
    claimed = only(stored(film(), "video", source="test:claimed"))
    fresh = only(stored(film(), "video", source="test:fresh"))
    past, future = clock.now() - timedelta(seconds=1), clock.now() + timedelta(seconds=60)
    Derivative.objects.filter(pk=lost.pk).update(next_make_at=past)
    Derivative.objects.filter(pk=claimed.pk).update(next_make_at=past, not_before=future)
    sent.clear()
    assert derivatives.sweep() == 1
    assert sent == [lost.pk]
    assert derivatives.sweep() == 0  # not again while it waits in the queue
    assert fresh.state == "pending"


def test_it_lets_only_one_of_many_workers_make(
    stored: Callable[..., StoredFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = only(stored(film(), "video"))
    calls: list[str] = []
    real = rendering.make
    monkeypatch.setattr(
        rendering, "make", lambda kind, path, out: calls.append(kind) or real(kind, path, out)
    )
    at_once = threading.Barrier(4)

    def worker() -> None:
        at_once.wait()
        try:
            derivatives.make(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == ["poster"]
    row.refresh_from_db()
    assert row.state == "made"


def test_it_makes_nothing_of_a_file_that_was_removed_meanwhile(
    stored: Callable[..., StoredFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stored(film(), "video")
    real = rendering.make

    def slow(kind: str, path: Path, out: Path) -> rendering.Made:
        StoredFile.objects.filter(pk=file.pk).update(state="removed")
        return real(kind, path, out)

    monkeypatch.setattr(rendering, "make", slow)
    derivatives.make(only(file).pk)
    assert only(file).state == "pending"
    later()
    derivatives.make(only(file).pk)
    assert (only(file).state, only(file).trouble) == ("given_up", "gone")


def test_it_gives_up_on_what_is_damaged_and_shows_the_file_itself(
    stored: Callable[..., StoredFile], vault_dir: Path
) -> None:
    file = stored(picture(2000, 1000))
    (vault_dir / file.storage_name).write_bytes(picture(2000, 1000)[:400])
    derivatives.make(only(file).pk)
    assert (only(file).state, only(file).trouble) == ("given_up", "broken_media")
    assert file.web_url == file.url


@pytest.mark.parametrize("code", ["timed_out", "out_of_memory", "no_space"])
def test_it_tries_what_may_pass_a_few_times(
    stored: Callable[..., StoredFile], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    file = stored(film(), "video")
    tries = []

    def fail(*_what: object) -> rendering.Made:
        tries.append(code)
        raise Trouble(code)

    monkeypatch.setattr(rendering, "make", fail)
    for _turn in range(derivatives.MOST_ATTEMPTS + 2):
        later()
        derivatives.make(only(file).pk)
    assert (only(file).state, only(file).trouble) == ("given_up", code)
    assert len(tries) == derivatives.MOST_ATTEMPTS
    assert file.poster_url == file.thumbnail_url


def test_it_gives_up_on_a_file_that_kills_every_worker(
    stored: Callable[..., StoredFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stored(film(), "video")

    def die(*_what: object) -> rendering.Made:
        raise Killed

    monkeypatch.setattr(rendering, "make", die)
    for _turn in range(derivatives.MOST_ATTEMPTS):
        later()
        with pytest.raises(Killed):
            derivatives.make(only(file).pk)
    later()
    derivatives.make(only(file).pk)
    assert (only(file).state, only(file).trouble) == ("given_up", "gave_up")


# --- The process that decodes ---------------------------------------------------------------------


def child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let `program` run where the decoder would."""
    real = subprocess.run

    def run(command: list[str], **options: Any) -> Any:
        return real([sys.executable, "-c", program, *command[3:]], **options)

    monkeypatch.setattr(apart.subprocess, "run", run)


def reason(tmp_path: Path) -> str:
    with pytest.raises(Trouble) as refused:
        rendering.make("web", tmp_path / "none", tmp_path / "out")
    return refused.value.code


def test_it_ends_a_decoder_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "SECONDS", 1)
    child(monkeypatch, "while True: pass")
    assert reason(tmp_path) == "timed_out"


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGSEGV, "broken_media"),
        (signal.SIGKILL, "out_of_memory"),
        (signal.SIGXCPU, "timed_out"),
    ],
)
def test_it_outlives_a_decoder_that_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: int, code: str
) -> None:
    child(monkeypatch, f"import os; os.kill(os.getpid(), {int(ending)})")
    assert reason(tmp_path) == code


def test_it_bounds_the_decoders_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(
        monkeypatch,
        "import sys; from pathlib import Path; from rivya_app.library import rendering as r; "
        "r._run = lambda *what: bytearray(r.apart.MOST_MEMORY); "
        "sys.exit(r.main('web', Path('a'), Path('b')))",
    )
    assert reason(tmp_path) == "out_of_memory"


def test_it_hands_the_decoder_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "very-secret")
    child(
        monkeypatch, "import os, sys; sys.exit(len(set(os.environ) - {'PATH', 'LC_CTYPE'}) and 5)"
    )
    with pytest.raises(ValueError, match="Expecting value"):  # it ran, and said nothing
        rendering.make("web", tmp_path / "none", tmp_path / "out")


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("web", bomb(), "too_many_pixels"),
        ("web", b"<html>", "wrong_kind"),
        ("poster", sound(), "wrong_kind"),
        ("poster", b"\0\0\0\x18ftypisom" + b"\xff" * 400, "broken_media"),
        ("waveform", b"OggS" + b"\xff" * 400, "broken_media"),
    ],
)
def test_it_names_what_is_wrong_with_a_file(
    tmp_path: Path, kind: str, content: bytes, code: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(Trouble) as refused:
        rendering.make(kind, path, tmp_path / "out")
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == [path]


# --- Handing it out -------------------------------------------------------------------------------


def test_it_serves_what_was_made_to_members_alone(
    stored: Callable[..., StoredFile],
    client_of: Callable[[Membership | None], Client],
    seller: Membership,
    stranger: Membership,
    told: Told,
) -> None:
    file = stored(film(), "video")
    address = reverse("library:serve-derivative", args=[file.public_id, "poster"])
    assert client_of(seller).get(address).status_code == 404
    assert file.poster_url == file.thumbnail_url
    derivatives.make(only(file).pk)
    file = StoredFile.objects.get(pk=file.pk)
    assert file.poster_url == address
    answer = client_of(seller).get(address)
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"
    answer.close()
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    seen = {"HTTP_IF_NONE_MATCH": answer.headers["ETag"]}
    assert client_of(seller).get(address, **seen).status_code == 304
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(seller).get(address.replace("poster", "web")).status_code == 404
