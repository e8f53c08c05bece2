"""Makes the bytes that leave for Rivya: without camera, place and program notes, and upright.

Our own copy is never changed. Pixels and sound stay what they are wherever a format allows it:
pictures lose parts of their container, films and sounds are packed anew without being encoded
again. Only a picture that must be turned is saved anew.
"""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition
from PIL import Image, ImageOps, JpegImagePlugin

from rivya_app.library import picture_bytes
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import HEAD, Format, format_of

_ORIENTATION = 0x0112
_UPRIGHT = (None, 0, 1)
_KEPT_INFO = frozenset({"transparency", "duration", "loop", "background", "disposal"})
# Tried in this order until the turned picture fits the limit. 95 is as good as a phone's own.
QUALITIES = (95, 90, 85)

SECONDS = 120  # for one file
MOST_MEMORY = 1_536 * 1024 * 1024  # bytes of address space; about 300 MB of it are libraries
_ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_NOT_CLEANED, _NO_MEMORY, _NO_SPACE = 3, 4, 5  # exit codes
_EXITS = {
    _NO_MEMORY: "out_of_memory",
    _NO_SPACE: "no_space",
    -signal.SIGKILL: "out_of_memory",
    -signal.SIGALRM: "timed_out",
}

# How a recording is packed, by its type; "ipod" is FFmpeg's name for an MP4 of sound alone.
_CONTAINERS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "matroska",
    "audio/mp4": "ipod",
    "audio/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/aac": "adts",
    "audio/flac": "flac",
}
_OPTIONS = {
    "mp4": {"movflags": "+faststart"},
    "mov": {"movflags": "+faststart"},
    "ipod": {"movflags": "+faststart"},
    "mp3": {"id3v2_version": "0", "write_id3v1": "0"},
}

Progress = Callable[[], None]


def cleaned(
    path: Path,
    folder: Path,
    *,
    mime_type: str,
    most_bytes: int | None = None,
    on_progress: Progress = lambda: None,
) -> Path:
    """The file to send: `path` itself where nothing has to go, else a new one in `folder`.

    `on_progress` is called about once a second. Raises Trouble: not_cleaned where the notes cannot
    be taken out, too_large where the result has more than `most_bytes`, no_space, timed_out,
    out_of_memory.
    """
    target = folder / "cleaned"
    with _cleaning():
        if _needs_only_parts(path, mime_type):
            result = target if picture_bytes.without_notes(path, target, mime_type) else path
        else:
            _make_apart(path, target, mime_type, most_bytes, on_progress)
            result = target
    if most_bytes is not None and result.stat().st_size > most_bytes:
        raise Trouble("too_large")
    return result


@contextmanager
def _cleaning() -> Iterator[None]:
    """Hostile bytes bring every kind of exception; all of them mean that we cannot promise it."""
    try:
        yield
    except (Trouble, MemoryError):
        raise
    except Exception as error:
        is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        raise Trouble("no_space" if is_full else "not_cleaned") from error


def _needs_only_parts(path: Path, mime_type: str) -> bool:
    """Whether leaving out parts of the file will do. Only its head is read here."""
    if mime_type not in picture_bytes.KNOWN:
        return False
    with Image.open(path, formats=[_format(path).decoder]) as image:
        return not _must_be_turned(image)


def _must_be_turned(image: Image.Image) -> bool:
    """A moving picture is left as it lies: turning would keep only its first frame."""
    is_moving = getattr(image, "is_animated", False) and image.format not in ("MPO", "JPEG")
    return image.getexif().get(_ORIENTATION) not in _UPRIGHT and not is_moving


def _format(path: Path) -> Format:
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    if found is None:
        raise Trouble("not_cleaned")
    return found


# --- In a process of its own --------------------------------------------------------------------
# Decoding takes many times the size of a file and cannot be stopped in a thread.


def _make_apart(
    path: Path, target: Path, mime_type: str, most_bytes: int | None, on_progress: Progress
) -> None:
    command = [sys.executable, "-m", __name__, str(path), str(target), mime_type]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with subprocess.Popen(  # noqa: S603  (our own module; the paths are ours too)
        [*command, str(most_bytes or 0)],
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as maker:
        try:
            _wait(maker, on_progress)
        finally:
            maker.kill()
    if maker.returncode:
        raise Trouble(_EXITS.get(maker.returncode, "not_cleaned"))


def _wait(maker: "subprocess.Popen[bytes]", on_progress: Progress) -> None:
    for _second in range(SECONDS):
        try:
            maker.wait(timeout=1)
        except subprocess.TimeoutExpired:
            on_progress()
        else:
            return
    raise Trouble("timed_out")


def main(path: Path, target: Path, mime_type: str, most_bytes: int) -> int:
    """Make `target`; the exit code says how that went."""
    signal.alarm(SECONDS)  # even where the parent is gone
    with suppress(ValueError, OSError):  # some systems know no limit of this kind
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        with _cleaning():
            make_anew(path, target, mime_type, most_bytes or None)
    except MemoryError:
        return _NO_MEMORY
    except Trouble as trouble:
        return _NO_SPACE if trouble.code == "no_space" else _NOT_CLEANED
    return 0


def make_anew(path: Path, target: Path, mime_type: str, most_bytes: int | None) -> None:
    """Save a picture upright, or pack a recording, without notes. Raises Trouble and others."""
    found = _format(path)
    if found.kind == "image":
        with Image.open(path, formats=[found.decoder]) as image:
            _save_anew(image, target, found, most_bytes)
    else:
        _pack_anew(path, target, found, mime_type)


# --- Pictures -----------------------------------------------------------------------------------


def _save_anew(image: Image.Image, target: Path, found: Format, most_bytes: int | None) -> None:
    """Decode, turn, encode. No notes are carried over; the colour profile is."""
    ways = list(_ways_to_save(image, found))
    profile = image.info.get("icc_profile")
    # The frames of a GIF are read from its file while it is saved, and it has no turn to take.
    upright = image if found.decoder == "GIF" else ImageOps.exif_transpose(image)
    upright.info = {k: v for k, v in upright.info.items() if k in _KEPT_INFO}
    for options in ways:
        upright.save(target, found.decoder, icc_profile=profile, **options)
        if most_bytes is None or target.stat().st_size <= most_bytes:
            break


def _ways_to_save(image: Image.Image, found: Format) -> Iterator[dict[str, Any]]:
    """Best first. PNG and lossless WebP lose nothing; the others are saved as they came."""
    if found.decoder == "JPEG":
        sampling = JpegImagePlugin.get_sampling(image)
        for quality in QUALITIES:
            yield {"quality": quality, "subsampling": sampling}
    elif found.decoder == "WEBP" and not _is_lossless_webp(image):
        for quality in QUALITIES:
            yield {"quality": quality, "method": 4}
    elif found.decoder == "WEBP":
        yield {"lossless": True, "exact": True}
    elif found.decoder == "AVIF":
        yield {"quality": QUALITIES[0]}
    else:
        yield {"save_all": True} if found.decoder == "GIF" else {}


def _is_lossless_webp(image: Image.Image) -> bool:
    with Path(str(getattr(image, "filename", ""))).open("rb") as file:
        return b"VP8L" in file.read(1 << 16)


# --- Films and sounds ---------------------------------------------------------------------------


def _pack_anew(path: Path, target: Path, found: Format, mime_type: str) -> None:
    """Copy sound and moving pictures packet by packet into an empty container of the same type.

    Left behind: titles, places, times, chapters, covers, subtitles and the data tracks in which
    cameras keep their positions. The turn of a film belongs to its stream and stays.
    """
    container = _CONTAINERS[mime_type]
    options = _OPTIONS.get(container, {})
    with (
        path.open("rb") as file,
        av.open(file, mode="r", format=found.decoder, metadata_errors="ignore") as source,
        av.open(str(target), mode="w", format=container, options=options) as out,
    ):
        tracks = {s.index: out.add_stream_from_template(s) for s in source.streams if _is_kept(s)}
        if not tracks:
            raise Trouble("not_cleaned")
        for packet in source.demux([source.streams[index] for index in tracks]):
            if packet.dts is None:  # the end of a track
                continue
            packet.stream = tracks[packet.stream.index]
            out.mux(packet)


def _is_kept(stream: Any) -> bool:
    is_cover = bool(stream.disposition & Disposition.attached_pic)
    return stream.type in ("video", "audio") and not is_cover


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
