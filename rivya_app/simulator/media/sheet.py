"""A transparent sheet to draw one thing on: 1000 units a side, drawn large and scaled down.

Solids are turned from a profile, as on a lathe, and shaded as if lit from the left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from rivya_app.simulator.media.colours import Colour, darker, lighter, mix

Point = tuple[float, float]
Box = tuple[float, float, float, float]
UNITS: Final = 1000
_LARGER: Final = 2
_STRIP: Final = 256
_ROW: Final = 2
_FLAT: Final = 0.17  # how round the front edge of a base looks from a little above


@lru_cache(maxsize=64)
def round_strip(colour: Colour, gloss: float) -> Image.Image:
    """One row of a round body from left to right: light, its core, and a soft rim."""
    pixels = []
    for n in range(_STRIP):
        x = n / (_STRIP - 1) * 2 - 1
        height = math.sqrt(max(0.0, 1 - x * x))
        light = max(0.0, -0.55 * x + 0.83 * height)
        tone = mix(darker(colour, 0.62), lighter(colour, 0.16), light**0.85)
        shine = math.exp(-(((x + 0.46) / 0.13) ** 2)) * gloss
        rim = math.exp(-(((x - 0.93) / 0.07) ** 2)) * (0.12 + gloss * 0.3)
        pixels.append(lighter(tone, min(0.92, shine * 0.8 + rim)))
    strip = Image.new("RGB", (_STRIP, 1))
    strip.putdata(pixels)
    return strip


def gradient(
    size: tuple[int, int], stops: Sequence[Colour], *, across: bool = False
) -> Image.Image:
    """Even steps from the first colour to the last, down or across."""
    line = Image.new("RGB", (1, len(stops)) if not across else (len(stops), 1))
    line.putdata(list(stops))
    inner = Image.Resampling.BICUBIC if len(stops) > 2 else Image.Resampling.BILINEAR
    half = 0.5
    box = (half, 0.0, len(stops) - half, 1.0) if across else (0.0, half, 1.0, len(stops) - half)
    return line.resize((max(1, size[0]), max(1, size[1])), inner, box=box)


def smooth(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """A soft curve through the points (Catmull-Rom)."""
    if len(points) < 3:
        return list(points)
    ends = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for n in range(len(points) - 1):
        curve += [_on_curve(ends[n : n + 4], step / steps) for step in range(steps)]
    return [*curve, points[-1]]


def _on_curve(four: Sequence[Point], t: float) -> Point:
    a, b, c, d = four
    x, y = (
        0.5
        * (
            2 * b[i]
            + (c[i] - a[i]) * t
            + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t * t
            + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3
        )
        for i in (0, 1)
    )
    return x, y


class Sheet:
    """``pixels`` is the side of the finished sheet, ``base`` the colour most of the thing has.

    Colours and outlines are kept apart: scaled down separately, they cost a third of what a
    picture with transparency does. The base colour under the edges keeps them free of fringes.
    """

    def __init__(self, pixels: int, base: Colour) -> None:
        self.pixels = pixels
        side = pixels * _LARGER
        self._colours = Image.new("RGB", (side, side), base)
        self._outlines = Image.new("L", (side, side))
        self.scale = side / UNITS

    def finished(self) -> Image.Image:
        small = self._colours.reduce(_LARGER)
        small.putalpha(self._outlines.reduce(_LARGER))
        return small

    def _px(self, value: float) -> int:
        return round(value * self.scale)

    def _stamp(self, box: Box, paint: Callable[[ImageDraw.ImageDraw, Point], None]) -> _Stamp:
        """A mask no larger than the box; ``paint`` gets the offset to take off."""
        left, top = self._px(box[0]), self._px(box[1])
        width = max(1, self._px(box[2]) - left + 1)
        height = max(1, self._px(box[3]) - top + 1)
        mask = Image.new("L", (width, height))
        paint(ImageDraw.Draw(mask), (left, top))
        return _Stamp(mask, left, top)

    def _lay(self, stamp: _Stamp, fill: Image.Image | Colour) -> None:
        box = (stamp.left, stamp.top, *_corner(stamp))
        self._colours.paste(fill, box, stamp.mask)
        self._outlines.paste(255, box, stamp.mask)

    def polygon(
        self,
        points: Sequence[Point],
        stops: Sequence[Colour],
        *,
        across: bool = False,
        soft: bool = False,
    ) -> None:
        """A filled outline; one colour, or a gradient of several. ``soft`` rounds its corners."""
        outline = smooth([*points, points[0]]) if soft else list(points)
        stamp = self._stamp(_around(outline), self._outline(outline))
        fill = stops[0] if len(stops) == 1 else gradient(stamp.mask.size, stops, across=across)
        self._lay(stamp, fill)

    def _outline(self, points: Sequence[Point]) -> Callable[[ImageDraw.ImageDraw, Point], None]:
        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            draw.polygon(
                [(x * self.scale - offset[0], y * self.scale - offset[1]) for x, y in points],
                fill=255,
            )

        return paint

    def ellipse(self, box: Box, stops: Sequence[Colour], *, across: bool = False) -> None:
        def paint(draw: ImageDraw.ImageDraw, _offset: Point) -> None:
            draw.ellipse((0, 0, self._px(box[2] - box[0]), self._px(box[3] - box[1])), fill=255)

        stamp = self._stamp(box, paint)
        fill = stops[0] if len(stops) == 1 else gradient(stamp.mask.size, stops, across=across)
        self._lay(stamp, fill)

    def rounded(
        self, box: Box, radius: float, stops: Sequence[Colour], *, across: bool = False
    ) -> None:
        def paint(draw: ImageDraw.ImageDraw, _offset: Point) -> None:
            size = (0, 0, self._px(box[2] - box[0]), self._px(box[3] - box[1]))
            draw.rounded_rectangle(size, self._px(radius), fill=255)

        stamp = self._stamp(box, paint)
        fill = stops[0] if len(stops) == 1 else gradient(stamp.mask.size, stops, across=across)
        self._lay(stamp, fill)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A stroke with round ends and joints."""
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        thick = max(1, self._px(width))
        for image, ink in ((self._colours, colour), (self._outlines, 255)):
            _stroke(ImageDraw.Draw(image), scaled, thick, ink)

    def tube(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A round bar along a curve: dark edge, body, and a thin light."""
        curve = smooth(points)
        self.line(curve, width, darker(colour, 0.45))
        self.line(curve, width * 0.8, darker(colour, 0.12))
        shifted = [(x - width * 0.13, y - width * 0.13) for x, y in curve]
        self.line(shifted, width * 0.3, lighter(colour, 0.18))

    def turned(
        self, profile: Sequence[Point], colour: Colour, gloss: float = 0.3, centre: float = 500
    ) -> None:
        """A solid of revolution: ``profile`` is (height, radius) from the top down."""
        curve = smooth(profile, 10)
        strip = round_strip(colour, gloss)
        base, foot = curve[-1]
        widest = max(radius for _, radius in curve)
        box = (centre - widest, curve[0][0], centre + widest, base + foot * _FLAT)
        right = [(centre + radius, y) for y, radius in curve]
        left = [(2 * centre - x, y) for x, y in reversed(right)]
        sole = (centre - foot, base - foot * _FLAT, centre + foot, base + foot * _FLAT)

        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            self._outline([*right, *left])(draw, offset)
            corners = [value * self.scale for value in sole]
            draw.pieslice(
                [
                    (corners[0] - offset[0], corners[1] - offset[1]),
                    (corners[2] - offset[0], corners[3] - offset[1]),
                ],
                *(0, 180),
                fill=255,
            )

        stamp = self._stamp(box, paint)
        self._lay(stamp, self._rows(stamp, curve, strip))

    def _rows(self, stamp: _Stamp, curve: Sequence[Point], strip: Image.Image) -> Image.Image:
        """The strip at the width of each row."""
        rows = Image.new("RGB", stamp.mask.size)
        middle, at = stamp.mask.width // 2, 0
        for row in range(0, stamp.mask.height, _ROW):
            y = (stamp.top + row) / self.scale
            while at < len(curve) - 2 and curve[at + 1][0] < y:
                at += 1
            radius = self._px(_radius(curve[at], curve[at + 1], y)) + 1
            piece = strip.resize((radius * 2, _ROW), Image.Resampling.NEAREST)
            rows.paste(piece, (middle - radius, row))
        return rows

    def mouth(
        self, y: float, radius: float, colour: Colour, inside: Colour, centre: float = 500
    ) -> None:
        """The open top of a turned solid: a rim, and the dark or the filling within."""
        flat = radius * 0.2
        self.ellipse(
            (centre - radius, y - flat, centre + radius, y + flat),
            [lighter(colour, 0.35), darker(colour, 0.1)],
            across=True,
        )
        inner, low = radius * 0.92, flat * 0.84
        self.ellipse(
            (centre - inner, y - low, centre + inner, y + low),
            [darker(inside, 0.45), inside],
        )

    def shade(self, box: Box, colour: Colour, strength: float, blur: float) -> None:
        """A soft blot over what is drawn already, never beside it. ``strength`` 0 to 1."""
        margin = blur * 2
        wide = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
        small = 4

        def paint(draw: ImageDraw.ImageDraw, offset: Point) -> None:
            draw.ellipse(
                [
                    (box[0] * self.scale - offset[0]) / small,
                    (box[1] * self.scale - offset[1]) / small,
                    (box[2] * self.scale - offset[0]) / small,
                    (box[3] * self.scale - offset[1]) / small,
                ],
                fill=round(255 * strength),
            )

        left, top = self._px(wide[0]), self._px(wide[1])
        size = (self._px(wide[2] - wide[0]), self._px(wide[3] - wide[1]))
        mask = Image.new("L", (max(1, size[0] // small), max(1, size[1] // small)))
        paint(ImageDraw.Draw(mask), (left, top))
        mask = mask.filter(ImageFilter.GaussianBlur(blur * self.scale / small))
        mask = mask.resize(size, Image.Resampling.BILINEAR)
        box_px = (left, top, left + size[0], top + size[1])
        self._colours.paste(colour, box_px, mask)


class _Stamp:
    def __init__(self, mask: Image.Image, left: int, top: int) -> None:
        self.mask, self.left, self.top = mask, left, top


def _around(points: Sequence[Point]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _radius(above: Point, below: Point, y: float) -> float:
    span = below[0] - above[0]
    part = (y - above[0]) / span if span else 0.0
    return above[1] + (below[1] - above[1]) * min(1.0, max(0.0, part))


def _corner(stamp: _Stamp) -> tuple[int, int]:
    return stamp.left + stamp.mask.width, stamp.top + stamp.mask.height


def _stroke(draw: ImageDraw.ImageDraw, points: list[Point], width: int, ink: Colour | int) -> None:
    draw.line(points, fill=ink, width=width, joint="curve")
    half = width / 2
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)
