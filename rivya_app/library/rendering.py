"""Makes a poster frame, a web-size picture or a waveform, in a process of its own.

`make` starts one under the limits of apart.py; `python -m rivya_app.library.rendering` is that
process. It knows no settings, no rows and no secrets.
"""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from rivya_app.library import apart, pictures, recordings, waveform
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import HEAD, Format, format_of

WEB_SIDE = 1600  # pixels, the longer side
POSTER_SIDE = 1280
SECONDS = 60  # for one file, start included
_QUALITY = 82


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
    said = apart.answer(__name__, kind, str(path), str(out), seconds=SECONDS)
    return Made(**json.loads(said))


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
    return apart.tell(lambda: json.dumps(asdict(_run(kind, path, out))), seconds=SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
