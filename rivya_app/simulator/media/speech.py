"""Sounds like talking and says nothing: a hum with vowels, in each voice's own pitch."""

from __future__ import annotations

import hashlib
import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

from rivya_app.simulator.media.sound import RATE, Samples, finished, mix, silence

# The two lowest resonances of each vowel, in Hz.
_VOWELS: Final = {
    "a": (730, 1190),
    "e": (480, 1960),
    "i": (290, 2290),
    "o": (500, 880),
    "u": (320, 820),
}
_DEVANAGARI: Final = str.maketrans("अआइईउऊएऐओऔािीुूेैोौ", "aaiiuueeooaiiuueeoo")
_LOWEST, _HIGHEST = 95, 235  # Hz
_WORD_GAP, _STOP_GAP, _LINE_GAP = 0.5, 1.6, 2.6  # in syllables
_HARMONICS: Final = 16


@dataclass(frozen=True)
class _Sound:
    """A syllable; times in syllables."""

    vowel: str
    pitch: float
    at: float


def spoken(lines: Sequence[tuple[str, str]], seed: int, seconds: float) -> Samples[float]:
    """That many seconds of talk: each (voice, words) in turn, in a pitch of the voice's own."""
    sounds, end = _score(lines, Random(seed))
    track = silence(seconds)
    pace = seconds / max(1.0, end)
    for one in sounds:
        mix(track, _syllable(one.vowel, round(one.pitch), round(pace * 0.92, 2)), one.at * pace, 1)
    return finished(track)


def pitch_of(voice: str) -> float:
    """The voice's own pitch in Hz, always the same."""
    part = hashlib.sha256(voice.encode()).digest()[0] / 255
    return _LOWEST + (_HIGHEST - _LOWEST) * part


def _score(lines: Sequence[tuple[str, str]], chance: Random) -> tuple[list[_Sound], float]:
    sounds: list[_Sound] = []
    at = 0.4
    for voice, words in lines:
        base = pitch_of(voice)
        for word in words.split():
            falls = word[-1] in ".!।"
            for vowel in vowels_of(word):
                lift = 0.9 if falls else chance.choice((0.96, 1.0, 1.06))
                sounds.append(_Sound(vowel, base * lift, at))
                at += 1
            at += _STOP_GAP if word[-1] in ".,!?।" else _WORD_GAP
        at += _LINE_GAP
    return sounds, at


def vowels_of(word: str) -> str:
    """The vowels of a word, one for each syllable; never none."""
    plain = word.lower().translate(_DEVANAGARI)
    groups: Iterable[str] = re.findall("[aeiou]+", plain)
    found = "".join(group[0] for group in groups)
    return found or "a" * max(1, len(word) // 3)


@lru_cache(maxsize=512)
def _syllable(vowel: str, pitch: int, seconds: float) -> Samples[float]:
    """One voiced vowel that swells and fades."""
    size = round(RATE / pitch)
    turn = 2 * math.pi / size
    levels = [_level(n * pitch, _VOWELS[vowel]) / n for n in range(1, _HARMONICS + 1)]
    table = [
        sum(level * math.sin(turn * n * i) for n, level in enumerate(levels, 1))
        for i in range(size)
    ]
    count = max(1, int(RATE * seconds))
    rise, fall = max(1, count // 6), max(1, count // 3)
    return array(
        "f",
        (table[i % size] * min(1.0, i / rise, (count - i) / fall) for i in range(count)),
    )


def _level(frequency: float, resonances: tuple[int, int]) -> float:
    """How loud the mouth lets a harmonic be."""
    near = (math.exp(-(((frequency - peak) / 180) ** 2)) for peak in resonances)
    return 0.12 + sum(near)
