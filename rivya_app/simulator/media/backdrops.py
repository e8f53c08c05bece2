"""The room behind a thing: wall, ground and light, one function a mood."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from rivya_app.simulator.media.colours import (
    WHITE,
    Colour,
    Palette,
    darker,
    hexed,
    lighter,
    mix,
)
from rivya_app.simulator.media.sheet import gradient

Size = tuple[int, int]
_SMALL: Final = 8  # soft things are drawn this much smaller


@dataclass(frozen=True)
class Room:
    """A finished backdrop. ``floor``: the height at which things stand, a part of the whole."""

    picture: Image.Image
    floor: float
    ink: Colour
    shadow: Colour
    hard_shadow: bool = False


def soft_mask(
    size: Size, paint: Callable[[ImageDraw.ImageDraw, float, float], None], blur: float
) -> Image.Image:
    """A blurred mask; ``paint`` draws on a small one of the given width and height."""
    small = (max(8, size[0] // _SMALL), max(8, size[1] // _SMALL))
    mask = Image.new("L", small)
    paint(ImageDraw.Draw(mask), *map(float, small))
    radius = blur * min(small)
    return mask.filter(ImageFilter.GaussianBlur(radius)).resize(size, Image.Resampling.BILINEAR)


def glow(
    picture: Image.Image,
    centre: tuple[float, float],
    radius: float,
    colour: Colour,
    strength: float,
) -> None:
    """A pool of light; places and sizes are parts of the picture's own."""

    def paint(draw: ImageDraw.ImageDraw, wide: float, high: float) -> None:
        reach = radius * min(wide, high)
        x, y = centre[0] * wide, centre[1] * high
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=round(255 * strength))

    mask = soft_mask(picture.size, paint, radius * 0.45)
    picture.paste(colour, (0, 0), mask)


def _soft(size: Size, build: Callable[[Size], Image.Image]) -> Image.Image:
    """A base of gradients and glows only: made at a quarter of the size and scaled up."""
    small = (max(8, size[0] // 4), max(8, size[1] // 4))
    return build(small).resize(size, Image.Resampling.BILINEAR)


def _two_grounds(size: Size, palette: Palette, horizon: float, light: float) -> Image.Image:
    """A wall and a ground meeting softly; ``light`` from left (0) to right (1)."""
    width, height = size
    edge = round(height * horizon)
    place, warm = (light, horizon * 0.55), lighter(palette.wall, 0.75)

    def build(small: Size) -> Image.Image:
        base = gradient(small, [lighter(palette.wall, 0.22), palette.wall])
        glow(base, place, 0.42, warm, 0.5)
        return base

    picture = _soft(size, build)
    ground = gradient(
        (width, height - edge), [lighter(palette.ground, 0.18), darker(palette.ground, 0.12)]
    )
    picture.paste(ground, (0, edge))
    return picture


def _corners(picture: Image.Image, strength: float) -> None:
    """Darken towards the corners, as a lens does."""

    def paint(draw: ImageDraw.ImageDraw, wide: float, high: float) -> None:
        draw.rectangle((0, 0, wide, high), fill=round(255 * strength))
        draw.ellipse((-wide * 0.12, -high * 0.12, wide * 1.12, high * 1.12), fill=0)

    mask = soft_mask(picture.size, paint, 0.16)
    picture.paste((24, 16, 20), (0, 0), mask)


def studio(size: Size, palette: Palette, chance: Random) -> Room:
    """A seamless sweep of paper, brightest where the thing stands."""
    side = chance.uniform(0.3, 0.7)
    stops = [palette.wall, lighter(palette.wall, 0.5), palette.ground, darker(palette.ground, 0.05)]

    def build(small: Size) -> Image.Image:
        base = gradient(small, stops)
        glow(base, (side, 0.45), 0.5, WHITE, 0.75)
        _corners(base, 0.16)
        return base

    picture = _soft(size, build)
    if chance.random() < 0.5:
        _disc(picture, (0.5, 0.44), 0.31, mix(palette.accent, palette.wall, 0.62))
    return Room(picture, 0.82, palette.ink, darker(palette.accent, 0.6))


def white(size: Size, _palette: Palette, _chance: Random) -> Room:
    """Nothing but white, for marketplaces that ask for it."""
    return Room(Image.new("RGB", size, WHITE), 0.86, (120, 120, 120), (90, 90, 96))


def _disc(picture: Image.Image, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    width, height = picture.size
    reach = radius * min(width, height)
    x, y = centre[0] * width, centre[1] * height
    side = max(4, round(reach * 2))
    mask = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(mask).ellipse((0, 0, side * 2 - 1, side * 2 - 1), fill=255)
    fill = gradient((side, side), [lighter(colour, 0.22), colour])
    picture.paste(fill, (round(x - reach), round(y - reach)), mask.reduce(2))


def lifestyle(size: Size, palette: Palette, chance: Random) -> Room:
    """A table by a window: planks, a plain wall, the window's light lying across it."""
    horizon = 0.7
    picture = _two_grounds(size, palette, horizon, 0.3)
    _planks(picture, horizon, palette.ground, chance)
    _window(picture, palette, chance)
    _foliage(picture, chance)
    _corners(picture, 0.26)
    return Room(picture, 0.84, lighter(palette.ground, 0.85), darker(palette.ground, 0.75))


def _planks(picture: Image.Image, horizon: float, wood: Colour, chance: Random) -> None:
    width, height = picture.size
    draw = ImageDraw.Draw(picture, "RGBA")
    edge = height * horizon
    draw.rectangle(
        (0, edge, width, edge + max(2, height * 0.004)), fill=(*lighter(wood, 0.45), 160)
    )
    for n in range(70):
        y = edge + (height - edge) * chance.random() ** 0.8
        x, length = chance.uniform(-0.2, 1) * width, chance.uniform(0.1, 0.5) * width
        tone = darker(wood, 0.5) if n % 3 else lighter(wood, 0.3)
        draw.line((x, y, x + length, y + chance.uniform(-1, 1)), fill=(*tone, 34), width=1 + n % 2)
    for part in (0.36, 0.78):
        y = edge + (height - edge) * part
        draw.line((0, y, width, y), fill=(*darker(wood, 0.65), 90), width=max(1, height // 500))


def _window(picture: Image.Image, palette: Palette, chance: Random) -> None:
    lean, left = chance.uniform(0.1, 0.24), chance.uniform(0.02, 0.34)

    def paint(draw: ImageDraw.ImageDraw, wide: float, high: float) -> None:
        for column in range(2):
            for row in range(3):
                x = (left + column * 0.21) * wide
                y = (0.02 + row * 0.225) * high
                slant = lean * high
                draw.polygon(
                    [
                        (x, y),
                        (x + wide * 0.185, y + slant * 0.3),
                        (x + wide * 0.185 + slant * 0.12, y + slant * 0.3 + high * 0.2),
                        (x + slant * 0.12, y + high * 0.2),
                    ],
                    fill=150,
                )

    light = lighter(mix(palette.wall, hexed("ffe9bd"), 0.6), 0.45)
    mask = soft_mask(picture.size, paint, 0.013)
    picture.paste(light, (0, 0), mask)


def _foliage(picture: Image.Image, chance: Random) -> None:
    """Shadows of leaves from outside the picture."""
    corner = chance.choice(((0.98, 0.02), (0.04, 0.0), (1.0, 0.3)))

    def paint(draw: ImageDraw.ImageDraw, wide: float, high: float) -> None:
        for _ in range(16):
            turn = chance.uniform(0, math.tau)
            far = chance.uniform(0.05, 0.34) * min(wide, high)
            x = corner[0] * wide + math.cos(turn) * far
            y = corner[1] * high + math.sin(turn) * far
            long, thick = min(wide, high) * 0.14, min(wide, high) * 0.035
            across = turn + math.pi / 2
            tip = (x + math.cos(turn) * long, y + math.sin(turn) * long)
            mid = (x + math.cos(turn) * long * 0.4, y + math.sin(turn) * long * 0.4)
            sides = [
                (mid[0] + math.cos(across) * k * thick, mid[1] + math.sin(across) * k * thick)
                for k in (1, -1)
            ]
            draw.polygon([(x, y), sides[0], tip, sides[1]], fill=86)

    mask = soft_mask(picture.size, paint, 0.01)
    picture.paste((46, 36, 34), (0, 0), mask)


def festive(size: Size, palette: Palette, chance: Random) -> Room:
    """Lamps out of focus, marigold strings above, a warm sheen on the ground."""
    horizon = 0.72

    def build(small: Size) -> Image.Image:
        base = gradient(small, [darker(palette.wall, 0.45), palette.wall])
        low = round(small[1] * horizon)
        tones = [lighter(palette.ground, 0.1), darker(palette.ground, 0.5)]
        base.paste(gradient((small[0], small[1] - low), tones), (0, low))
        glow(base, (0.5, 0.5), 0.4, mix(palette.wall, palette.accent, 0.6), 0.75)
        glow(base, (0.5, 0.88), 0.2, mix(palette.ground, palette.accent, 0.5), 0.5)
        _corners(base, 0.5)
        return base

    picture = _soft(size, build)
    _lights(picture, palette, chance)
    _garlands(picture, palette, chance)
    return Room(picture, 0.84, palette.ink, darker(palette.ground, 0.85))


def _lights(picture: Image.Image, palette: Palette, chance: Random) -> None:
    width, height = picture.size
    layer = Image.new("RGBA", (width // 2, height // 2))
    draw = ImageDraw.Draw(layer)
    for _ in range(30):
        x, y = chance.uniform(0, width / 2), chance.uniform(0.12, 0.68) * height / 2
        reach = chance.uniform(0.012, 0.045) * min(width, height) / 2
        tone = mix(palette.accent, hexed("fff2cf"), chance.random() * 0.7)
        alpha = chance.randint(28, 92)
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=(*tone, alpha))
    layer = layer.filter(ImageFilter.GaussianBlur(min(width, height) * 0.0022))
    whole = layer.resize((width, height), Image.Resampling.BILINEAR)
    picture.paste(whole, (0, 0), whole)


def _garlands(picture: Image.Image, _palette: Palette, _chance: Random) -> None:
    width, height = picture.size
    unit = min(width, height)
    draw = ImageDraw.Draw(picture)
    bead = unit * 0.021
    spans = max(2, round(width / unit * 2.4))
    for span in range(spans):
        left, right = width * span / spans, width * (span + 1) / spans
        count = max(6, round((right - left) / (bead * 1.25)))
        for n in range(count + 1):
            part = n / count
            x = left + (right - left) * part
            y = unit * 0.012 + math.sin(part * math.pi) * unit * 0.095
            _marigold(draw, x, y, bead, hexed("f5a21b") if (n + span) % 3 else hexed("f9c73a"))
        for n in range(4 + span % 2 * 3):
            _marigold(draw, left, unit * 0.02 + n * bead * 1.5, bead, hexed("ee7d1a"))


def _marigold(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, colour: Colour) -> None:
    draw.ellipse((x - size, y - size, x + size, y + size), fill=darker(colour, 0.28))
    inner = size * 0.76
    draw.ellipse((x - inner, y - inner * 1.12, x + inner, y + inner * 0.88), fill=colour)
    core = size * 0.34
    draw.ellipse((x - core, y - core * 1.4, x + core, y + core * 0.6), fill=lighter(colour, 0.35))


def minimal(size: Size, palette: Palette, chance: Random) -> Room:
    """One colour, one soft disc, much room."""
    tones = [lighter(palette.wall, 0.16), palette.wall, darker(palette.ground, 0.05)]

    def build(small: Size) -> Image.Image:
        base = gradient(small, tones)
        glow(base, (0.2, 0.1), 0.4, lighter(palette.wall, 0.6), 0.4)
        _corners(base, 0.12)
        return base

    picture = _soft(size, build)
    place = (chance.choice((0.3, 0.5, 0.7)), chance.uniform(0.34, 0.46))
    _disc(picture, place, chance.uniform(0.2, 0.3), mix(palette.accent, palette.wall, 0.25))
    return Room(picture, 0.8, palette.ink, darker(palette.ground, 0.55))


def bold(size: Size, palette: Palette, chance: Random) -> Room:
    """Flat planes of colour, a big sun, hard light."""
    width, height = size
    picture = Image.new("RGB", size, palette.wall)
    large = Image.new("RGB", (width, height), palette.wall)
    draw = ImageDraw.Draw(large)
    if chance.random() < 0.5:
        draw.polygon(
            [(0, 0), (width * 0.62, 0), (width * 0.38, height), (0, height)],
            fill=lighter(palette.wall, 0.16),
        )
    else:
        for n in range(9):
            turn = n * math.pi / 8
            x, y = width / 2, height * 0.72
            ends = [
                (x - math.cos(turn + d) * width * 1.5, y - math.sin(turn + d) * height * 1.5)
                for d in (-0.1, 0.1)
            ]
            draw.polygon([(x, y), *ends], fill=lighter(palette.wall, 0.14))
    picture.paste(large)
    _disc(picture, (0.5, 0.42), 0.33, palette.accent)
    edge = round(height * 0.72)
    picture.paste(
        gradient((width, height - edge), [lighter(palette.ground, 0.06), palette.ground]), (0, edge)
    )
    return Room(picture, 0.84, palette.ink, darker(palette.ground, 0.5), hard_shadow=True)


def arch(size: Size, palette: Palette, _chance: Random) -> Room:
    """An arched niche in a plastered wall."""
    width, height = size
    picture = _two_grounds(size, palette, 0.74, 0.25)
    unit = min(width, height)
    half, top = unit * 0.31, height * 0.74 - unit * 0.6
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    left, right = width / 2 - half, width / 2 + half
    draw.ellipse((left, top, right, top + half * 2), fill=255)
    draw.rectangle((left, top + half, right, height * 0.74), fill=255)
    inner = gradient(size, [darker(palette.accent, 0.12), lighter(palette.accent, 0.12)])
    picture.paste(inner, (0, 0), mask)
    shifted = ImageChops.offset(mask, round(unit * 0.03), round(unit * 0.02))
    rim = ImageChops.subtract(mask, shifted).filter(ImageFilter.GaussianBlur(unit * 0.008))
    rim = ImageChops.multiply(rim, mask)
    picture.paste(
        Image.new("RGB", size, darker(palette.accent, 0.5)), (0, 0), rim.point(lambda v: v * 0.55)
    )
    _corners(picture, 0.2)
    return Room(picture, 0.84, palette.ink, darker(palette.ground, 0.6))


ROOMS: Final[dict[str, Callable[[Size, Palette, Random], Room]]] = {
    "studio": studio,
    "white": white,
    "lifestyle": lifestyle,
    "festive": festive,
    "minimal": minimal,
    "bold": bold,
    "arch": arch,
}
