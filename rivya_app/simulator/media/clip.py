"""Short H.264 clips: a slow camera move over each of some stills."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, Final

import av
from PIL import Image, ImageOps

from rivya_app.simulator.media import sound as sounds
from rivya_app.simulator.media.still import draw_still

FRAMES_PER_SECOND: Final = 24
_ROOM: Final = 1.22  # how much larger than the frame the still is, for the camera to move in

_Frame: Any = av.VideoFrame  # its methods carry no types

Box = tuple[float, float, float, float]


def encoded(
    prompt: str,
    seed: int,
    size: tuple[int, int],
    seconds: float,
    references: list[Image.Image],
    *,
    sound: bool,
) -> bytes:
    """An MP4 of that size and length; the references are filmed in turn when there are any."""
    stills = _plates(prompt, seed, size, references)
    with tempfile.NamedTemporaryFile(suffix=".mp4") as out:
        _write(out.name, stills, size, seconds, seed, sound=sound)
        return Path(out.name).read_bytes()


def _write(
    path: str,
    stills: list[Image.Image],
    size: tuple[int, int],
    seconds: float,
    seed: int,
    *,
    sound: bool,
) -> None:
    """A file, not a buffer: its index is moved to the front, so that it plays while it loads."""
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = _video_stream(container, size)
        audio: Any = None
        if sound:
            audio = container.add_stream("aac", rate=44100)
        _film(container, video, stills, size, seconds, seed)
        if sound:
            sounds.mux(container, audio, sounds.piece("music", seed, seconds))


def _plates(
    prompt: str, seed: int, size: tuple[int, int], references: list[Image.Image]
) -> list[Image.Image]:
    plate = (round(size[0] * _ROOM), round(size[1] * _ROOM))
    if not references:
        return [draw_still(prompt, seed, plate, None)]
    return [ImageOps.fit(picture, plate, Image.Resampling.LANCZOS) for picture in references]


def _video_stream(container: Any, size: tuple[int, int]) -> Any:
    stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, FRAMES_PER_SECOND)
    stream.options = {"preset": "ultrafast", "crf": "21", "tune": "stillimage"}
    return stream


def _film(
    container: Any,
    stream: Any,
    stills: list[Image.Image],
    size: tuple[int, int],
    seconds: float,
    seed: int,
) -> None:
    count = max(len(stills), round(seconds * FRAMES_PER_SECOND))
    for n in range(count):
        turn, part = divmod(n * len(stills) / count, 1)
        still = stills[int(turn)]
        box = _between(*_move(still.size, seed + int(turn)), _eased(part))
        shot = still.resize(size, Image.Resampling.BILINEAR, box=box)
        frame = _Frame.from_image(shot)
        frame.pts = n
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _eased(part: float) -> float:
    return part * part * (3 - 2 * part)


def _between(start: Box, end: Box, part: float) -> Box:
    left, top, right, bottom = (a + (b - a) * part for a, b in zip(start, end, strict=True))
    return left, top, right, bottom


def _move(plate: tuple[int, int], seed: int) -> tuple[Box, Box]:
    """Where the camera begins and ends: in, out, or along."""
    width, height = plate
    chance = Random(seed)
    whole = (0.0, 0.0, float(width), float(height))
    x, y = chance.uniform(0.35, 0.65), chance.uniform(0.4, 0.6)
    near = _window(width, height, 0.82, x, y)
    moves = [
        (whole, near),
        (near, whole),
        (_window(width, height, 0.88, 0.0, 0.5), _window(width, height, 0.88, 1.0, 0.5)),
    ]
    return chance.choice(moves)


def _window(width: int, height: int, scale: float, x: float, y: float) -> Box:
    left, top = width * (1 - scale) * x, height * (1 - scale) * y
    return left, top, left + width * scale, top + height * scale


def first_frame(path: Path) -> Image.Image | None:
    """The first picture of a clip; None when there is none to read."""
    try:
        with av.open(str(path)) as container:
            frame: Any = next(container.decode(video=0))
            picture: Image.Image = frame.to_image()
            return picture.convert("RGB")
    except (av.FFmpegError, IndexError, StopIteration, ValueError):
        return None
