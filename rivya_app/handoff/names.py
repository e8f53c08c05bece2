"""How files are called in a package: readable, the same on every system, and never twice."""

import unicodedata

from rivya_app.handoff.presets import ORIGINAL
from rivya_app.library.signatures import EXTENSIONS

MOST_CHARACTERS = 60  # of a title; a name of Devanagari letters stays under 255 bytes so

_LATIN_ACCENTS = range(0x300, 0x370)


def slug(title: str) -> str:
    """The title as part of a file name: lower case, accents folded, other scripts kept as they
    are written, everything else a hyphen; "" where nothing is left."""
    apart = unicodedata.normalize("NFD", title.lower())
    folded = "".join(sign for sign in apart if ord(sign) not in _LATIN_ACCENTS)
    joined = unicodedata.normalize("NFC", folded)
    kept = "".join(sign if _is_of_words(sign) else " " for sign in joined)
    return "-".join(kept.split())[:MOST_CHARACTERS].strip("-")


def _is_of_words(sign: str) -> bool:
    """Letters, the marks that belong to them, and digits."""
    return unicodedata.category(sign)[0] in "LMN"


def name_of(preset: str, position: int, title: str, mime_type: str) -> str:
    """The place in the zip of the item at `position` (from 1, once in a package) cut to `preset`:
    `square/01-blue-mug.jpg`."""
    folder = "originals" if preset == ORIGINAL else preset
    stem = "-".join(filter(None, (f"{position:02d}", slug(title))))
    return f"{folder}/{stem}.{EXTENSIONS.get(mime_type, 'bin')}"
