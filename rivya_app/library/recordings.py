"""Opens films and sound that strangers sent: one known container, one decoder thread, a deadline.

Knows no Django and no rows, so that a process of its own can do the work (rendering.py).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.stream import Disposition
from PIL import Image

from rivya_app.library import pictures
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import Format

MOST_SECONDS = 24 * 3600.0  # what says it is longer is not believed
_MOST_PACKETS_TO_A_FRAME = 500
_MOST_PACKETS = 2_000_000  # of a whole file; an hour of MP3 has 140,000
_MOST_LAST_PACKET = 10.0  # seconds
_FRAMES_LOOKED_AT = 48  # about two seconds
_DARK, _FLAT = 24, 24  # of 255: mean brightness, and its spread
_LOOK_SIDE = 32  # pixels

Container = Any  # PyAV's classes carry few types
Stream = Any
Frame = Any


class _Watched:
    """A file that nobody reads from after its time: containers are read only through this."""

    def __init__(self, file: BinaryIO, seconds: float) -> None:
        self._file = file
        self._until = time.monotonic() + seconds

    def read(self, size: int) -> bytes:
        self.check()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def check(self) -> None:
        if time.monotonic() > self._until:
            raise Trouble("broken_media")


@contextmanager
def opened(path: Path, found: Format, *, seconds: float) -> Iterator[Container]:
    """The container, for at most so many seconds.

    An open file and a named format: a playlist or a reference to another file is not followed.
    """
    with path.open("rb") as file:
        watched = _Watched(file, seconds)
        with av.open(
            watched, mode="r", format=found.decoder, metadata_errors="ignore", io_open=_nothing_else
        ) as container:
            yield container


def _nothing_else(*_what: object) -> Any:
    """A container that asks for another file is damaged to us."""
    raise Trouble("broken_media")


def film_of(container: Container) -> Stream | None:
    """The moving picture, or None. The cover of a song is none."""
    return next((each for each in container.streams.video if not _is_cover(each)), None)


def sound_of(container: Container) -> Stream:
    """The sound. Raises Trouble("broken_media") where there is none."""
    if not container.streams.audio:
        raise Trouble("broken_media")
    return container.streams.audio[0]


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


# --- What it shows and sounds like --------------------------------------------------------------


def frames(container: Container, stream: Stream) -> Iterator[Frame]:
    """Decoded frames in order; damage before the first one is an error, after it an end."""
    stream.codec_context.thread_count = 1
    # A frame may be far larger than its container says: the decoder itself must refuse it.
    stream.codec_context.options = {"max_pixels": str(pictures.MOST_PIXELS)}
    since_frame, is_begun = 0, False
    for packet in container.demux(stream):
        try:
            decoded = packet.decode()
        except av.FFmpegError:
            if is_begun:
                return
            raise
        for frame in decoded:
            is_begun = True
            yield frame
        since_frame = 0 if decoded else since_frame + 1
        if since_frame > _MOST_PACKETS_TO_A_FRAME:
            return


def first_frame(container: Container, stream: Stream) -> Frame:
    """Raises Trouble("broken_media") where nothing can be decoded."""
    for frame in frames(container, stream):
        return frame
    raise Trouble("broken_media")


def good_frame(container: Container, stream: Stream) -> Frame:
    """The first frame that is neither dark nor of one colour, else the liveliest of the first ones.

    Raises Trouble("broken_media") where there is no frame at all.
    """
    best, best_score = None, -1
    for number, frame in enumerate(frames(container, stream), start=1):
        brightness, spread = _look(frame)
        if brightness >= _DARK and spread >= _FLAT:
            return frame
        if brightness + spread > best_score:
            best, best_score = frame, brightness + spread
        if number >= _FRAMES_LOOKED_AT:
            break
    if best is None:
        raise Trouble("broken_media")
    return best


def _look(frame: Frame) -> tuple[int, int]:
    """Mean brightness and its spread, 0 to 255."""
    small = frame.reformat(width=_LOOK_SIDE, height=_LOOK_SIDE, format="gray").to_image()
    levels = sorted(small.tobytes())
    tenth = len(levels) // 10
    return sum(levels) // len(levels), levels[-1 - tenth] - levels[tenth]


def shown_size(frame: Frame, stream: Stream) -> tuple[int, int]:
    """Pixels as a player shows the frame: stretched and turned as the file asks."""
    width, height = _stretched(frame, stream)
    return (height, width) if _turn(frame) in (90, 270) else (width, height)


def picture_of(frame: Frame, stream: Stream, *, side: int) -> Image.Image:
    """The frame as shown, its longer side at most `side` pixels. Scaled before it is unpacked."""
    width, height = _stretched(frame, stream)
    part = min(1.0, side / max(width, height))
    small = frame.reformat(
        width=max(1, round(width * part)), height=max(1, round(height * part)), format="rgb24"
    )
    image: Image.Image = small.to_image()
    turn = _turn(frame)
    return image.rotate(turn, expand=True) if turn else image


def _stretched(frame: Frame, stream: Stream) -> tuple[int, int]:
    ratio = float(stream.sample_aspect_ratio or 1)
    if not 0.1 <= ratio <= 10:
        ratio = 1.0
    return max(1, round(frame.width * ratio)), int(frame.height)


def _turn(frame: Frame) -> int:
    """Degrees counter-clockwise; what is no quarter turn is not followed."""
    turn = round(getattr(frame, "rotation", 0) or 0) % 360
    return turn if turn % 90 == 0 else 0


# --- How long it is -----------------------------------------------------------------------------


def length(container: Container) -> float | None:
    """Seconds, from the packets that are really there: what a container says may be anything.

    None where not even they tell. Reads the file to its end, so it comes last.
    """
    begin, end = None, 0.0
    container.seek(0)
    streams = [*container.streams.audio, *filter(None, [film_of(container)])]
    for number, packet in enumerate(_readable(container, streams)):
        if packet.pts is None or packet.time_base is None:
            continue
        at = float(packet.pts * packet.time_base)
        last = min(float((packet.duration or 0) * packet.time_base), _MOST_LAST_PACKET)
        begin = at if begin is None else min(begin, at)
        end = max(end, at + last)
        if number >= _MOST_PACKETS:
            break
    seconds = end - max(begin or 0.0, 0.0)
    return round(seconds, 3) if 0 < seconds <= MOST_SECONDS else None


def _readable(container: Container, streams: list[Stream]) -> Iterator[Any]:
    """Packets up to the damage, if there is any."""
    try:
        yield from container.demux(*streams)
    except av.FFmpegError:
        return
