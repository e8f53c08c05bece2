"""Sound without samples, mixed in plain Python: music and bells, and the ways to a file."""

from __future__ import annotations

import io
import math
from array import array
from collections.abc import Iterator
from functools import lru_cache
from itertools import repeat
from operator import add, mul
from random import Random
from typing import Any, Final

import av

RATE: Final = 22050
_PENTATONIC: Final = (0, 2, 4, 7, 9, 12, 14, 16)
_ROOTS: Final = (196.0, 220.0, 246.94, 261.63)
_CHORDS: Final = ((0, 7, 16), (-3, 4, 12), (5, 12, 21), (-5, 7, 14))
_LOOP_SECONDS: Final = 16.0

Samples = array  # of float, mono, RATE a second, within -1..1


def piece(style: str, seed: int, seconds: float) -> Samples[float]:
    """Sound of that length: ``music``, or ``effect``."""
    return finished(_effect(seed, seconds) if style == "effect" else _music(seed, seconds))


_PARTIALS: Final = {
    "pluck": ((1, 0.7), (2, 0.22), (4, 0.06)),
    "pad": ((1, 0.6), (2, 0.12), (3, 0.08)),
}
_CYCLES: Final = 24  # so many in one table that rounding its length does not put it out of tune


@lru_cache(maxsize=256)
def _note(pitch: float, seconds: float, tone: str) -> Samples[float]:
    """One note with a soft start and a long end: a table of cycles under an envelope."""
    size = round(_CYCLES * RATE / pitch)
    turn = 2 * math.pi * _CYCLES / size
    table = array(
        "f",
        (sum(level * math.sin(turn * n * i) for n, level in _PARTIALS[tone]) for i in range(size)),
    )
    envelope = _envelope(seconds, tone)
    wave = (table * (len(envelope) // size + 1))[: len(envelope)]
    return array("f", map(mul, wave, envelope))


@lru_cache(maxsize=32)
def _envelope(seconds: float, tone: str) -> Samples[float]:
    count = int(RATE * seconds)
    decay = (4.5 if tone == "pluck" else 1.6) / count
    attack = RATE * (0.006 if tone == "pluck" else 0.35)
    return array(
        "f",
        (math.exp(-decay * i) * min(1.0, i / attack, (count - i) / 600) for i in range(count)),
    )


def mix(track: Samples[float], note: Samples[float], at: float, level: float) -> None:
    """Add a sound to the track, ``at`` seconds from its beginning."""
    start = int(at * RATE)
    part = note[: max(0, len(track) - start)]
    if part:
        louder = map(mul, part, repeat(level))
        mixed = map(add, track[start : start + len(part)], louder)
        track[start : start + len(part)] = array("f", mixed)


def silence(seconds: float) -> Samples[float]:
    """A track of that length."""
    return array("f", bytes(4 * max(1, int(RATE * seconds))))


def _music(seed: int, seconds: float) -> Samples[float]:
    """Four chords and a tune over them, repeated to the length asked for."""
    chance = Random(seed)
    root = chance.choice(_ROOTS)
    loop = silence(min(seconds, _LOOP_SECONDS))
    chords = chance.sample(_CHORDS, len(_CHORDS))
    for bar, chord in enumerate(chords):
        for tone in chord:
            mix(loop, _note(_pitch(root / 2, tone), 4.4, "pad"), bar * 4.0, 0.22)
    beat = 0.0
    while beat < len(loop) / RATE:
        step = chance.choice(_PENTATONIC)
        mix(loop, _note(_pitch(root, step), 1.6, "pluck"), beat, chance.uniform(0.3, 0.5))
        beat += chance.choice((0.5, 0.5, 1.0))
    return _repeated(loop, seconds)


def _repeated(loop: Samples[float], seconds: float) -> Samples[float]:
    wanted = int(RATE * seconds)
    return (loop * (wanted // len(loop) + 1))[:wanted] if len(loop) < wanted else loop


def _effect(seed: int, seconds: float) -> Samples[float]:
    """A rising shimmer of bells."""
    chance = Random(seed)
    root = chance.choice(_ROOTS) * 2
    track = silence(seconds)
    count = max(3, int(seconds * 4))
    for n in range(count):
        step = _PENTATONIC[n % len(_PENTATONIC)]
        mix(track, _note(_pitch(root, step), 1.2, "pluck"), n * seconds / count, 0.4)
    return track


def _pitch(root: float, half_tones: int) -> float:
    return float(root * 2 ** (half_tones / 12))


def finished(track: Samples[float]) -> Samples[float]:
    """Scaled to a comfortable level, with soft ends."""
    loudest = max(max(track), -min(track), 0.001)
    scale = 0.8 / loudest
    track = array("f", [sample * scale for sample in track])
    ends = min(len(track) // 4, RATE // 20)
    for i in range(ends):
        track[i] *= i / ends
        track[-1 - i] *= i / ends
    return track


_CODECS: Final = {"mp3": "libmp3lame", "wav": "pcm_s16le", "ogg": "libopus"}


def encoded(
    track: Samples[float], extension: str, *, rate: int, kilobits: int, codec: str
) -> bytes:
    """The track as a file; ``rate`` in Hz, ``kilobits`` a second where the codec has a choice."""
    out = io.BytesIO()
    with av.open(out, "w", format=extension) as container:
        stream: Any = container.add_stream(codec or _CODECS[extension], rate=rate)
        stream.layout = "mono"
        if extension != "wav":
            stream.bit_rate = kilobits * 1000
        mux(container, stream, track)
    return out.getvalue()


def mux(container: Any, stream: Any, track: Samples[float]) -> None:
    """Write the track into an open container."""
    resampler: Any = None
    for frame in _frames(track):
        if resampler is None:
            size = stream.codec_context.frame_size or None
            resampler = av.AudioResampler(
                stream.format.name, stream.layout.name, stream.rate, frame_size=size
            )
        for ready in resampler.resample(frame):
            container.mux(stream.encode(ready))
    for ready in resampler.resample(None):
        container.mux(stream.encode(ready))
    container.mux(stream.encode())


def _frames(track: Samples[float]) -> Iterator[Any]:
    for start in range(0, len(track), 8192):
        part = track[start : start + 8192]
        frame = av.AudioFrame(format="flt", layout="mono", samples=len(part))
        frame.planes[0].update(part.tobytes())
        frame.sample_rate = RATE
        frame.pts = start
        yield frame
