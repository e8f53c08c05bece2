"""Writes into a picture that a model made it, and reads that back.

The mark is IPTC's Digital Source Type in XMP, the one that shops, agencies and search engines look
for. exiv2 puts it into the container of a JPEG, PNG or WebP and leaves everything else of it alone:
pixels, colour profile, other notes. XMP that nobody can read is replaced.

exiv2 parses hostile bytes in C++ and its XMP part is not made for threads, so only a process of its
own may call this module (cutting.py). It is loaded there alone.
"""

from pathlib import Path
from typing import Any

import exiv2

from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import JPEG, PNG, WEBP

KEY = "Xmp.iptcExt.DigitalSourceType"
MADE_BY_A_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# exiv2 reads GIF and AVIF but does not write them.
CAN_CARRY = frozenset({JPEG.mime_type, PNG.mime_type, WEBP.mime_type})

exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)


def write(path: Path) -> None:
    """Mark the picture at `path`, in place. Raises Trouble("tag_not_kept")."""
    try:
        image = _opened(path)
        image.xmpData()[KEY] = MADE_BY_A_MODEL
        image.writeMetadata()
    except exiv2.Exiv2Error as error:
        raise Trouble("tag_not_kept") from error


def read(path: Path) -> bool:
    """Whether the file says so, read from the disk anew. Raises Trouble("tag_not_kept")."""
    try:
        notes = _opened(path).xmpData()
        return KEY in notes and str(notes[KEY].value()) == MADE_BY_A_MODEL
    except exiv2.Exiv2Error as error:
        raise Trouble("tag_not_kept") from error


def _opened(path: Path) -> Any:
    image = exiv2.ImageFactory.open(str(path))
    image.readMetadata()
    return image
