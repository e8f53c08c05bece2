"""Makes a poster frame, a web-size picture or a waveform, in a process of its own.

A thread that decodes hostile bytes cannot be stopped and takes its worker with it; a process can
be. `make` starts one under limits; `python -m rivya_app.library.rendering` is that process. It
knows no settings, no rows and no secrets.
"""

import contextlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from rivya_app.library import pictures, recordings, waveform
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import HEAD, Format, format_of

WEB_SIDE = 1600  # pixels, the longer side
POSTER_SIDE = 1280
SECONDS = 60  # for one file, start included
MOST_MEMORY = 1_536 * 1024 * 1024  # bytes of address space; about 300 MB of it are libraries
_ROOT = Path(__file__).resolve().parents[2]
_QUALITY = 82
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_TROUBLE, _NO_MEMORY = 3, 4  # exit codes


@dataclass(frozen=True, slots=True)
class Made:
    """What came out: a picture's size in pixels, or a waveform's peaks, 0 to 100."""

    width: int | None = None
    height: int | None = None
    peaks: list[int] | None = None


def make(kind: str, path: Path, out: Path) -> Made:
    """Make `kind` ("poster", "web" or "waveform") of the file at `path`; a picture goes to `out`.

    Raises Trouble: broken_media, wrong_kind, too_many_pixels, no_gain, timed_out, out_of_memory.
    """
    command = [sys.executable, "-m", __name__, kind, str(path), str(out)]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  (our own module; the paths are ours too)
            command, cwd=_ROOT, env=environment, timeout=SECONDS, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        raise Trouble("timed_out") from None
    if done.returncode == 0:
        return Made(**json.loads(done.stdout))
    raise Trouble(_reason(done.returncode, done.stdout))


def _reason(code: int, said: bytes) -> str:
    if code == _TROUBLE:
        return said.decode("ascii", "replace").strip()
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        return "timed_out"
    if code in (_NO_MEMORY, -signal.SIGKILL):
        return "out_of_memory"
    return "broken_media"  # a decoder that crashed


# --- In the process itself ----------------------------------------------------------------------


def _poster(path: Path, found: Format) -> tuple[Made, bytes | None]:
    with recordings.opened(path, found, seconds=SECONDS) as container:
        stream = recordings.film_of(container)
        if stream is None:
            raise Trouble("wrong_kind")
        frame = recordings.good_frame(container, stream)
        image = recordings.picture_of(frame, stream, side=POSTER_SIDE)
    return Made(*image.size), _webp(image)


def _web(path: Path, found: Format) -> tuple[Made, bytes | None]:
    with pictures.opened(path, found) as image:
        profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
        small = pictures.scaled(image, WEB_SIDE)
    content = _webp(small, icc_profile=profile)
    if len(content) >= path.stat().st_size:
        raise Trouble("no_gain")
    return Made(*small.size), content


def _waveform(path: Path, found: Format) -> tuple[Made, bytes | None]:
    with recordings.opened(path, found, seconds=SECONDS) as container:
        return Made(peaks=waveform.peaks(container, recordings.sound_of(container))), None


_MAKERS: dict[str, Callable[[Path, Format], tuple[Made, bytes | None]]] = {
    "poster": _poster,
    "web": _web,
    "waveform": _waveform,
}


def _webp(image: Image.Image, icc_profile: bytes | None = None) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=4, icc_profile=icc_profile or b"")
    return out.getvalue()


def _limit() -> None:
    """Ends this process when it takes too long or too much, even where its parent is gone."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.alarm(SECONDS)
    with contextlib.suppress(ValueError, OSError):  # some systems know no limit of this kind
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _run(kind: str, path: Path, out: Path) -> Made:
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    if found is None:
        raise Trouble("wrong_kind")
    made, content = _MAKERS[kind](path, found)
    if content is not None:
        out.write_bytes(content)
    return made


def main(kind: str, path: Path, out: Path) -> int:
    """The exit code; what was made, or the code of the trouble, is on the standard output."""
    _limit()
    try:
        with pictures.decoding():
            said, code = json.dumps(asdict(_run(kind, path, out))), 0
    except Trouble as trouble:
        said, code = trouble.code, _TROUBLE
    except MemoryError:
        said, code = "", _NO_MEMORY
    sys.stdout.write(said)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
