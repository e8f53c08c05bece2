"""Colours: mixing them, naming them, and the palettes of the scenes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]


def hexed(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def mix(first: Colour, second: Colour, part: float) -> Colour:
    """``part`` 0 is the first, 1 the second."""
    part = min(1.0, max(0.0, part))
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


WHITE: Final = (255, 255, 255)


def lighter(colour: Colour, part: float) -> Colour:
    return mix(colour, WHITE, part)


def darker(colour: Colour, part: float) -> Colour:
    """Darker, and a little warmer, as shadows in daylight are."""
    return mix(colour, (28, 16, 24), part)


def brightness(colour: Colour) -> float:
    """0 for black to 1 for white, as the eye weighs them."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


@dataclass(frozen=True)
class Palette:
    wall: Colour
    ground: Colour
    accent: Colour
    ink: Colour


def _palette(wall: str, ground: str, accent: str, ink: str) -> Palette:
    return Palette(hexed(wall), hexed(ground), hexed(accent), hexed(ink))


PALETTES: Final[dict[str, tuple[Palette, ...]]] = {
    "studio": (
        _palette("eceae6", "f8f7f5", "c9bfb0", "4a443d"),
        _palette("e3e8ec", "f6f8f9", "a9bac6", "3b4650"),
        _palette("efe7e1", "fbf7f3", "d9b8a3", "54433a"),
        _palette("e6eae3", "f8f9f6", "aebda2", "3f4a3a"),
    ),
    "lifestyle": (
        _palette("e6d5c1", "b98a5e", "7d8f69", "4b3626"),
        _palette("d6dccf", "a97f58", "c98f6a", "37402f"),
        _palette("ead9d0", "c39a74", "b5685a", "53372f"),
        _palette("cfd9dd", "a08264", "d1a45f", "31414a"),
    ),
    "festive": (
        _palette("6d1b2f", "8f2a2f", "f2a51d", "fbe8c6"),
        _palette("3c1a4a", "5b2560", "f0a63a", "fae6cf"),
        _palette("123f43", "17565a", "f2b13d", "f7ecd2"),
        _palette("8a3b12", "a84d1a", "ffc145", "fff0d6"),
    ),
    "minimal": (
        _palette("d9c6b4", "d2bca7", "f1e7dc", "54402f"),
        _palette("b9c4b1", "afbba7", "e6ebe1", "38432f"),
        _palette("c6cddb", "bac3d4", "eceff5", "343d52"),
        _palette("e2b9a6", "dbae99", "f7e6de", "5b3627"),
    ),
    "bold": (
        _palette("f4b83f", "e8503a", "1f3a5f", "231f20"),
        _palette("2f6fd0", "f6c445", "f2f0e6", "f7f3e8"),
        _palette("e8604c", "f6e0b5", "21636b", "2a1d1a"),
        _palette("2a9d7f", "f4a259", "f7efdc", "12312a"),
    ),
    "arch": (
        _palette("e9d3c0", "dfc2a9", "c97b5a", "5a3826"),
        _palette("ccd5c6", "b8c4b0", "7e9070", "37432f"),
        _palette("d8d0e3", "c5bad4", "8f7bab", "3d3350"),
        _palette("f0dcb4", "e5ca94", "c9913d", "553c15"),
    ),
}

# Words for colours and materials, in English and Hindi. Source of the values: our own eye.
NAMED: Final[dict[str, Colour]] = {
    word: hexed(code)
    for words, code in (
        ("red लाल crimson scarlet", "b8322f"),
        ("maroon burgundy wine", "6e2233"),
        ("pink गुलाबी rose blush", "dd8fa3"),
        ("orange नारंगी tangerine", "e07b39"),
        ("peach coral", "ea9a7d"),
        ("yellow पीला पीली mustard turmeric", "e0ae36"),
        ("saffron केसरिया", "f0932b"),
        ("green हरा हरी emerald", "3f7d58"),
        ("olive khaki", "7c7f4b"),
        ("sage mint", "a3b899"),
        ("teal turquoise", "2f7f80"),
        ("blue नीला नीली cobalt", "31649c"),
        ("indigo navy", "2a3a66"),
        ("purple बैंगनी violet lavender", "7d5e9c"),
        ("brown भूरा भूरी tan chestnut walnut", "7b4f32"),
        ("black काला काली charcoal", "2b2a2d"),
        ("grey gray slate", "858a90"),
        ("white सफेद सफ़ेद ivory", "f2efe8"),
        ("cream beige linen", "e8dcc5"),
        ("terracotta clay मिट्टी earthen", "bd6a47"),
        ("brass gold golden पीतल सोना सुनहरा", "c99b3f"),
        ("copper bronze तांबा तांबे", "b56f48"),
        ("silver steel चांदी चाँदी", "b9bec4"),
        ("wood wooden teak bamboo cane लकड़ी rattan", "b4824f"),
        ("leather चमड़ा", "8a5634"),
        ("jute burlap जूट", "bd9a68"),
        ("glass", "a9c7c9"),
    )
    for word in words.split()
}

# What a thing is made of when nobody says: pleasant beside every palette.
USUAL: Final = tuple(
    hexed(code)
    for code in ("b5653f", "2f6f73", "d8a13a", "35507a", "a6485a", "6f8459", "e9e2d4", "5b4a6f")
)
