"""How loud a recording is along its length, in bounded memory and without knowing its length."""

from array import array
from itertools import pairwise
from typing import Any

import av

from rivya_app.library import recordings
from rivya_app.library.errors import Trouble

PEAKS = 200
_RATE = 8000  # samples a second, one channel: enough for a drawing
_FINEST = 160  # samples in a step at the beginning: 20 ms
_MOST_STEPS = 32 * PEAKS
_QUIETEST = 1024  # of 32768; what is quieter is not blown up to full height


class _Steps:
    """The loudest sample of each step. When there are too many, two steps become one."""

    def __init__(self) -> None:
        self.loudest: list[int] = []
        self._size = _FINEST
        self._waiting = array("h")

    def add(self, samples: "array[int]") -> None:
        self._waiting.extend(samples)
        whole = len(self._waiting) - len(self._waiting) % self._size
        for start in range(0, whole, self._size):
            self._note(self._waiting[start : start + self._size])
        del self._waiting[:whole]
        if len(self.loudest) >= _MOST_STEPS:
            pairs = zip(self.loudest[::2], self.loudest[1::2], strict=False)
            self.loudest = [max(pair) for pair in pairs]
            self._size *= 2

    def finish(self) -> list[int]:
        if self._waiting:
            self._note(self._waiting)
        return self.loudest

    def _note(self, samples: "array[int]") -> None:
        self.loudest.append(max(max(samples), -min(samples)))


def peaks(container: Any, stream: Any) -> list[int]:
    """PEAKS numbers from 0 to 100, evenly over the length; the loudest is 100.

    Raises Trouble("broken_media") where nothing can be decoded.
    """
    steps = _Steps()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    for frame in recordings.frames(container, stream):
        for part in resampler.resample(frame):
            steps.add(_samples(part))
    for part in resampler.resample(None):
        steps.add(_samples(part))
    loudest = steps.finish()
    if not loudest:
        raise Trouble("broken_media")
    return _drawn(loudest)


def _samples(frame: Any) -> "array[int]":
    samples = array("h")
    samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return samples


def _drawn(loudest: list[int]) -> list[int]:
    """Brought to PEAKS numbers, whether there are more steps or fewer."""
    full = max(_QUIETEST, *loudest)
    edges = [number * len(loudest) // PEAKS for number in range(PEAKS + 1)]
    return [
        round(100 * max(loudest[start : max(stop, start + 1)]) / full)
        for start, stop in pairwise(edges)
    ]
