"""Tells a product from the ground it lies on, where that ground is of one colour.

Looks at the outermost band of a small copy: the colour in its middle is the ground, if most of
the band has it. What differs from it is the product. A busy scene has no ground, and then nothing
is said about a product: a guess would cut it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low

from PIL import Image, ImageChops

from rivya_app.handoff.boxes import WHOLE, Box

SIDE = 512  # pixels of the small copy, the longer side
BAND = 0.025  # of each side; a product that fills 85 % leaves 7.5 %
_TOLERANCE = 24  # of 255 in each colour: a soft light over the ground is still ground
_LEAST_SHARE = 0.7  # of the band; a product may touch an edge and still have a ground
_DUST = 2  # pixels of the small copy in a row or column that do not make a product


@dataclass(frozen=True, slots=True)
class Scene:
    """The colour of the ground, and the outline of what lies on it; None where there is none."""

    colour: tuple[int, int, int]
    product: Box | None


def scene_of(picture: Image.Image) -> Scene | None:
    """What lies on what in an RGB picture, or None where it has no ground of one colour."""
    scale = min(1.0, SIDE / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    small = picture.resize((width, height), Image.Resampling.BOX)
    strips = list(strips_of(small))
    colour = _middle(strips)
    differing = sum(_differing(strip, colour).histogram()[255] for strip in strips)
    if differing > (1 - _LEAST_SHARE) * sum(strip.width * strip.height for strip in strips):
        return None
    return Scene(colour, _product(_differing(small, colour)))


def strips_of(picture: Image.Image) -> Iterator[Image.Image]:
    """The outermost band as four pictures that do not overlap; at least one pixel wide."""
    width, height = picture.size
    across, down = max(1, round(width * BAND)), max(1, round(height * BAND))
    if width <= 2 * across or height <= 2 * down:
        yield picture
        return
    yield picture.crop((0, 0, width, down))
    yield picture.crop((0, height - down, width, height))
    yield picture.crop((0, down, across, height - down))
    yield picture.crop((width - across, down, width, height - down))


def _middle(strips: list[Image.Image]) -> tuple[int, int, int]:
    """The median of each colour."""
    bands = [b"".join(strip.getchannel(band).tobytes() for strip in strips) for band in range(3)]
    red, green, blue = (median_low(band) for band in bands)
    return red, green, blue


def _differing(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """A mask: 255 where any colour is further from the ground than the tolerance."""
    far = ImageChops.difference(picture, Image.new("RGB", picture.size, colour))
    red, green, blue = far.split()
    furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return furthest.point(lambda level: 255 if level > _TOLERANCE else 0)


def _product(mask: Image.Image) -> Box | None:
    across = _span(mask.transpose(Image.Transpose.TRANSPOSE))
    down = _span(mask)
    if across is None or down is None:
        return None
    found = Box(across[0], down[0], across[1], down[1])
    return None if found == WHOLE else found  # a ground that changes towards all sides


def _span(mask: Image.Image) -> tuple[float, float] | None:
    """The first and last row with more than dust in it, as fractions of the height."""
    width, height, levels = mask.width, mask.height, mask.tobytes()
    rows = [
        row
        for row in range(height)
        if levels[row * width : (row + 1) * width].count(255) > min(_DUST, width - 1)
    ]
    return (rows[0] / height, (rows[-1] + 1) / height) if rows else None
