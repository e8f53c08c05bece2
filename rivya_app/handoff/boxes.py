"""Parts of a picture as fractions of its sides, as it is shown. Pure.

Fractions, because the same box then means the same part on the page, in a small copy and in the
file.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Pixels = tuple[int, int, int, int]  # left, top, right, bottom

MOST_ZOOM = 8.0
_LEAST = 1e-7  # less than a pixel of any picture we open, at any zoom


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, as fractions from its left and its top. Raises ValueError for none."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        sides = (self.left, self.top, self.right, self.bottom)
        is_inside = all(math.isfinite(side) and 0 <= side <= 1 for side in sides)
        if not is_inside or min(self.right - self.left, self.bottom - self.top) < _LEAST:
            raise ValueError(f"Not a part of a picture: {sides}")

    @classmethod
    def of(cls, sides: Sequence[float]) -> "Box":
        """From four numbers as they are stored. Raises ValueError."""
        if len(sides) != 4:
            raise ValueError(f"A box has four sides, not {len(sides)}")
        return cls(*(float(side) for side in sides))

    def as_list(self) -> list[float]:
        return [self.left, self.top, self.right, self.bottom]

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def pixels(self, width: int, height: int) -> Pixels:
        """Left, top, right, bottom in a picture of that size; at least one pixel each way."""
        left, right = _whole(self.left, self.right, width)
        top, bottom = _whole(self.top, self.bottom, height)
        return left, top, right, bottom


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def _whole(begin: float, end: float, length: int) -> tuple[int, int]:
    """The size is rounded, not the two ends: equal boxes at two places are equally large."""
    size = min(length, max(1, round((end - begin) * length)))
    start = min(round(begin * length), length - size)
    return start, start + size


def adjusted(
    width: int,
    height: int,
    ratio: tuple[int, int],
    centre_x: float = 0.5,
    centre_y: float = 0.5,
    zoom: float = 1.0,
) -> Box:
    """The part with this ratio nearest to that centre; zoom 1 is the largest one there is.

    What lies outside is moved inside, and what is no number counts as the middle or as 1, so that
    every input makes a box. `width` and `height` of the picture as it is shown, in pixels.
    """
    across, down = _largest(width, height, ratio)
    zoom = _between(zoom, 1.0, MOST_ZOOM, otherwise=1.0)
    left, right = placed(across / zoom, _between(centre_x, 0.0, 1.0, otherwise=0.5))
    top, bottom = placed(down / zoom, _between(centre_y, 0.0, 1.0, otherwise=0.5))
    return Box(left, top, right, bottom)


def trimmed(part: Pixels, ratio: tuple[int, int]) -> Pixels:
    """The largest part of `part` with this ratio, around the same middle; all in pixels."""
    left, top, right, bottom = part
    width, height = right - left, bottom - top
    across = min(width, max(1, round(height * ratio[0] / ratio[1])))
    down = min(height, max(1, round(width * ratio[1] / ratio[0])))
    left, top = left + (width - across) // 2, top + (height - down) // 2
    return left, top, left + across, top + down


def _largest(width: int, height: int, ratio: tuple[int, int]) -> tuple[float, float]:
    """The two sides of the largest box with this ratio, as fractions; one of them is 1."""
    part = ratio[0] / ratio[1] * height / width
    return (part, 1.0) if part < 1 else (1.0, 1 / part)


def _between(value: float, least: float, most: float, *, otherwise: float) -> float:
    return min(most, max(least, value)) if math.isfinite(value) else otherwise


def placed(size: float, centre: float) -> tuple[float, float]:
    """Where a length of `size` begins and ends, moved inside; all of them fractions."""
    begin = min(1.0 - size, max(0.0, centre - size / 2))
    return begin, min(1.0, begin + size)
