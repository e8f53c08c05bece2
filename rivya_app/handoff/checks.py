"""Looks at a finished picture as its channel will: what is measured, and against which number.

The rules are ours, and their numbers stand in presets.py. They say in figures what large shops ask
of a listing's main picture, because a shop that turns a file down seldom says by how much:

white_edge    Share of the outermost band that is white. The band is what stands beside the shop's
              own white page: a grey there shows as a frame, and a product there is cut off.
white_ground  Share of all outside the product that is white. Pixels within the product's outline
              do not count, so that a white mug on white is no problem.
product_fill  The longer side of the product's outline as a share of the frame's. The side, not the
              area: a bottle that is as high as the frame is as large as it can be.
sides         Real pixels of the shorter side. Enlarged ones do not count, for zooming into them
              shows nothing: this is what remains of the approved picture in the frame.
upscaled      How much the cut was enlarged. A warning, since it may still look well when small.
file_size, format   What the place takes.
text_areas    Where something looks like text: many strong edges close together, both upright and
              level, in a row. A hint where to look and never a failure: a weave looks like that
              too, and nobody here reads it.
origin_tag    Whether the mark of a picture that a model made is in the file (cutting.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops

from rivya_app.handoff import text_hints
from rivya_app.handoff.boxes import Box
from rivya_app.handoff.ground import scene_of, strips_of
from rivya_app.handoff.presets import Least, Preset

PASS, WARN, FAIL = "pass", "warn", "fail"
_FORMATS = {"jpeg": "image/jpeg"}
_SOFT_EDGE = 8  # pixels around the product where a JPEG's blocks carry its colours


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and how the file stands to it.

    `value` and `limit` are in the rule's own unit: shares from 0 to 1, pixels, bytes, a factor, a
    count, or a type; `value` is None where nothing could be measured. `areas` is where to look.
    """

    code: str
    result: str  # pass, warn or fail
    value: float | int | str | None
    limit: float | int | str | None
    areas: tuple[Box, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {
            "code": self.code,
            "result": self.result,
            "value": self.value,
            "limit": self.limit,
            "areas": [area.as_list() for area in self.areas],
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Finding":
        areas = tuple(Box.of(area) for area in data.get("areas", ()))
        return cls(data["code"], data["result"], data["value"], data["limit"], areas)


def check(
    picture: Image.Image,
    preset: Preset,
    size_bytes: int,
    *,
    mime_type: str,
    source_size: tuple[int, int] | None = None,
) -> list[Finding]:
    """Every rule of the preset on an RGB picture, decoded from the finished file.

    `source_size`: width and height in pixels of what the frame shows, before it was resized; None
    where nothing was.
    """
    found = [
        *_file(preset, size_bytes, mime_type),
        *_sides(picture.size, preset, source_size or picture.size),
    ]
    if preset.white_edge or preset.white_ground or preset.fill:
        found += _ground(picture, preset)
    areas = tuple(text_hints.areas_of(picture))
    return [*found, Finding("text_areas", WARN if areas else PASS, len(areas), 0, areas)]


def _file(preset: Preset, size_bytes: int, mime_type: str) -> Iterator[Finding]:
    if preset.format is not None:
        asked = _FORMATS[preset.format]
        yield Finding("format", PASS if mime_type == asked else FAIL, mime_type, asked)
    if preset.most_bytes is not None:
        is_small = size_bytes <= preset.most_bytes
        yield Finding("file_size", PASS if is_small else FAIL, size_bytes, preset.most_bytes)


def _sides(
    size: tuple[int, int], preset: Preset, source_size: tuple[int, int]
) -> Iterator[Finding]:
    if preset.least_side is not None:
        real = min(*size, *source_size)
        yield Finding("sides", PASS if real >= preset.least_side else FAIL, real, preset.least_side)
    if preset.size is not None:
        factor = max(made / source for made, source in zip(size, source_size, strict=True))
        is_enlarged = factor > 1.01  # half a pixel of rounding is nobody's concern
        yield Finding("upscaled", WARN if is_enlarged else PASS, round(factor, 2), 1)


def _ground(picture: Image.Image, preset: Preset) -> Iterator[Finding]:
    scene = scene_of(picture)
    product = scene.product if scene is not None else None
    white = _white(picture, preset.white_from)
    if preset.white_edge:
        strips = list(strips_of(white))
        share = sum(map(_lit, strips)) / sum(strip.width * strip.height for strip in strips)
        yield _least("white_edge", share, preset.white_edge)
    if preset.white_ground:
        yield _least("white_ground", _share_outside(white, product), preset.white_ground)
    if preset.fill:
        yield _fill(product, preset.fill)


def _fill(product: Box | None, least: Least) -> Finding:
    """A scene without a ground of one colour has no outline to measure: a person has to look."""
    if product is None:
        return Finding("product_fill", WARN, None, least.asked)
    side = max(product.right - product.left, product.bottom - product.top)
    return _least("product_fill", side, least, areas=(product,))


def _least(code: str, share: float, least: Least, *, areas: tuple[Box, ...] = ()) -> Finding:
    result = PASS if share >= least.asked else WARN if share >= least.bearable else FAIL
    return Finding(code, result, round(share, 4), least.asked, areas)


def _white(picture: Image.Image, white_from: int) -> Image.Image:
    """A mask: 255 where every colour is at least so light."""
    red, green, blue = picture.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point(lambda level: 255 if level >= white_from else 0)


def _lit(mask: Image.Image) -> int:
    return mask.histogram()[255]


def _share_outside(white: Image.Image, product: Box | None) -> float:
    """White pixels outside the product, as a share of all there; of all where none is outside."""
    width, height = white.size
    whole = _lit(white) / (width * height)
    if product is None:
        return whole
    left, top, right, bottom = product.pixels(width, height)
    outline = (
        max(0, left - _SOFT_EDGE),
        max(0, top - _SOFT_EDGE),
        min(width, right + _SOFT_EDGE),
        min(height, bottom + _SOFT_EDGE),
    )
    inside = white.crop(outline)
    outside = width * height - inside.width * inside.height
    return (_lit(white) - _lit(inside)) / outside if outside else whole


def origin_tag(*, is_tagged: bool, mime_type: str) -> Finding:
    """A GIF or AVIF leaves without the mark, since nothing writes it there; that has to be said."""
    return Finding("origin_tag", PASS if is_tagged else WARN, mime_type, None)
