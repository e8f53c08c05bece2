"""Opens still pictures that strangers sent, and makes smaller ones of them. Knows no rows."""

import contextlib
import errno
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import Format

MOST_PIXELS = 50_000_000  # about 200 MB when decoded
MOST_SIDE = 32_000
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
ORIENTATION = 0x0112  # in EXIF

# Pillow only warns of a picture that is somewhat too large; here that is a refusal.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@contextlib.contextmanager
def decoding() -> Iterator[None]:
    """Decoders meet hostile bytes with every kind of exception; to us all of them say: damaged.

    All but a full disk, which says nothing about the file.
    """
    try:
        yield
    except (Trouble, MemoryError):
        raise
    except Exception as error:
        is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        raise Trouble("no_space" if is_full else "broken_media") from error


def opened(path: Path, found: Format) -> Image.Image:
    """With the one decoder of its signature; nothing is decoded yet. Raises too_many_pixels."""
    try:
        image = Image.open(path, formats=[found.decoder])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Trouble("too_many_pixels") from None
    limit(image.width, image.height)
    return image


def limit(width: int, height: int) -> None:
    """Raises Trouble: too_many_pixels or broken_media."""
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise Trouble("too_many_pixels")
    if min(width, height) < 1:
        raise Trouble("broken_media")


def shown_size(image: Image.Image) -> tuple[int, int]:
    """Pixels as it is shown: turned as its camera was held."""
    width, height = image.size
    is_turned = image.getexif().get(ORIENTATION) in _TURNED
    return (height, width) if is_turned else (width, height)


def eight_bit(image: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight; Pillow itself would cut them off at white."""
    if image.mode.startswith("I;16"):
        return image.point(lambda level: level / 256).convert("L")
    return image


def scaled(image: Image.Image, side: int) -> Image.Image:
    """A copy as it is shown, its longer side at most `side` pixels. Changes `image` itself."""
    orientation = image.getexif().get(ORIENTATION)
    image = eight_bit(image)
    image.thumbnail((side, side))
    small = ImageOps.exif_transpose(image) if orientation else image
    return small.convert("RGBA" if has_alpha(small) else "RGB")


def has_alpha(image: Image.Image) -> bool:
    """Whether parts of it may be see-through."""
    return "A" in image.getbands() or "transparency" in image.info
