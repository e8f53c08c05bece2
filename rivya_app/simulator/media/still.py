"""Composes a product still: a room, a stand, the thing with its shadow, a few props, a caption."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from PIL import Image, ImageFilter, ImageOps

from rivya_app.simulator.media import caption, goods, vessels
from rivya_app.simulator.media.backdrops import ROOMS, Room, glow
from rivya_app.simulator.media.colours import PALETTES, Colour, Palette, darker, hexed, lighter, mix
from rivya_app.simulator.media.sheet import Sheet
from rivya_app.simulator.media.words import Reading, read

Draw = Callable[[Sheet, Colour, Colour, Random], None]
THINGS: Final[dict[str, Draw]] = {
    "mug": vessels.mug,
    "bottle": vessels.bottle,
    "vase": vessels.vase,
    "jar": vessels.jar,
    "bowl": vessels.bowl,
    "lamp": vessels.lamp,
    "candle": vessels.candle,
    "diya": vessels.diya,
    "plant": vessels.plant,
    "earrings": vessels.earrings,
    "bag": goods.bag,
    "shoe": goods.shoe,
    "watch": goods.watch,
    "chair": goods.chair,
    "box": goods.box,
    "book": goods.book,
    "textile": goods.textile,
    "cushion": goods.cushion,
}
_BASE: Final = 0.94  # where on its sheet a thing stands
_GLOWING: Final = {"lamp", "candle", "diya"}
_HANGING: Final = {"earrings", "watch"}
_MOODS: Final = ("studio", "lifestyle", "minimal", "arch", "bold")
_LARGEST: Final = 1600  # pixels: larger pictures are drawn at this and scaled up


def draw_still(
    prompt: str, seed: int, size: tuple[int, int], reference: Image.Image | None
) -> Image.Image:
    """A picture of exactly that size; the reference stands in it as a print when there is one."""
    scale = min(1.0, _LARGEST / max(size))
    drawn = (max(8, round(size[0] * scale)), max(8, round(size[1] * scale)))
    picture = _drawn(read(prompt), seed, drawn, reference)
    return picture if drawn == size else picture.resize(size, Image.Resampling.BICUBIC)


def _drawn(
    reading: Reading, seed: int, size: tuple[int, int], reference: Image.Image | None
) -> Image.Image:
    chance = Random(seed)
    mood = "white" if reading.white_ground else reading.mood or chance.choice(_MOODS)
    palette = _palette(mood, reading.colour, chance)
    room = ROOMS[mood](size, palette, chance)
    unit = min(size) * _part_of(mood, chance)
    floor = room.floor * size[1]
    centre = size[0] * _middle(mood, size, chance)
    if mood != "white":
        floor = _stand(room, palette, centre, floor, unit, chance)
        _props(room, palette, centre, room.floor * size[1], unit, chance)
    if reference is not None:
        _print(room, reference, centre, floor, unit)
    else:
        _thing(room, reading, centre, floor, unit, chance)
    if mood != "white":
        caption.write(room.picture, reading.title, room.ink)
    return room.picture


def _part_of(mood: str, chance: Random) -> float:
    """How much of the shorter side the thing takes."""
    fixed = {"minimal": 0.56, "white": 0.94}
    return fixed.get(mood) or chance.uniform(0.6, 0.68)


def _middle(mood: str, size: tuple[int, int], chance: Random) -> float:
    """Where the thing stands across the picture; wide ones leave room beside it."""
    if size[0] <= size[1] * 1.2 or mood in ("white", "arch"):
        return 0.5
    return chance.choice((0.4, 0.5, 0.6))


def _palette(mood: str, colour: Colour, chance: Random) -> Palette:
    """One whose wall is not too near the thing's own colour."""
    choices = list(PALETTES.get(mood, PALETTES["studio"]))
    chance.shuffle(choices)
    return max(choices[:2], key=lambda palette: _distance(palette.wall, colour))


def _distance(first: Colour, second: Colour) -> int:
    return sum(abs(a - b) for a, b in zip(first, second, strict=True))


def _thing(
    room: Room, reading: Reading, centre: float, floor: float, unit: float, chance: Random
) -> None:
    sheet = Sheet(max(64, round(unit)), reading.colour)
    THINGS[reading.thing](sheet, reading.colour, reading.trim, chance)
    drawn = sheet.finished()
    at = (round(centre - drawn.width / 2), round(floor - drawn.height * _BASE))
    if reading.white_ground:
        at = _centred(drawn, room.picture.size)
    if reading.thing in _GLOWING:
        place = (centre / room.picture.width, (floor - unit * 0.55) / room.picture.height)
        glow(room.picture, place, 0.2, hexed("ffdf9a"), 0.55)
    _shadow(room, drawn, at, hanging=reading.thing in _HANGING)
    room.picture.paste(drawn, at, drawn)


def _centred(drawn: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """In the middle of the picture by what can be seen of it, as marketplaces want."""
    box = drawn.getchannel("A").getbbox() or (0, 0, *drawn.size)
    return (size[0] - box[0] - box[2]) // 2, (size[1] - box[1] - box[3]) // 2


def _shadow(room: Room, drawn: Image.Image, at: tuple[int, int], *, hanging: bool = False) -> None:
    """A dark contact under the thing, and its outline thrown to the right."""
    outline = drawn.getchannel("A")
    box = outline.getbbox()
    if box is None:
        return
    if hanging:
        _lay_shadow(
            room, outline, (at[0] + drawn.width * 0.03, at[1] + drawn.height * 0.035), 0.02, 0.4
        )
        return
    base = at[1] + box[3]
    width = box[2] - box[0]
    flat = outline.crop(box).transform(
        (width * 2, max(4, (box[3] - box[1]) // 4)),
        Image.Transform.AFFINE,
        (1, 1.9 if not room.hard_shadow else 2.6, -(box[3] - box[1]) / 4 * 1.9, 0, 4, 0),
        Image.Resampling.BILINEAR,
    )
    _lay_shadow(
        room,
        flat,
        (at[0] + box[0], base - flat.height * 0.97),
        0.006 if room.hard_shadow else 0.022,
        0.62 if room.hard_shadow else 0.42,
    )
    contact = Image.new("L", (round(width * 1.04), max(4, round(width * 0.09))))
    oval = Image.radial_gradient("L").point(lambda v: max(0, 255 - v * 2)).resize(contact.size)
    contact.paste(oval)
    _lay_shadow(
        room, contact, (at[0] + box[0] - width * 0.02, base - contact.height * 0.58), 0.004, 0.85
    )


def _lay_shadow(
    room: Room, mask: Image.Image, at: tuple[float, float], blur: float, strength: float
) -> None:
    """Darken the room through a mask, blurred by a part of the picture's shorter side."""
    radius = blur * min(room.picture.size)
    margin = round(radius * 3)
    small = 4
    wide = Image.new(
        "L", ((mask.width + margin * 2) // small + 1, (mask.height + margin * 2) // small + 1)
    )
    reduced = mask.resize(
        (max(1, mask.width // small), max(1, mask.height // small)), Image.Resampling.BOX
    )
    wide.paste(reduced, (margin // small, margin // small))
    wide = wide.filter(ImageFilter.GaussianBlur(radius / small))
    whole = wide.resize((wide.width * small, wide.height * small), Image.Resampling.BILINEAR)
    whole = whole.point(lambda v: v * strength)
    left, top = round(at[0]) - margin, round(at[1]) - margin
    box = (left, top, left + whole.width, top + whole.height)
    room.picture.paste(room.shadow, box, whole)


def _stand(
    room: Room, palette: Palette, centre: float, floor: float, unit: float, chance: Random
) -> float:
    """Perhaps a plinth; the height at which the thing then stands."""
    kind = chance.choice(("none", "none", "round", "slab", "steps"))
    if kind == "none":
        return floor
    colour = mix(palette.accent, palette.wall, chance.uniform(0.1, 0.5))
    sheet = Sheet(max(64, round(unit * 1.3)), colour)
    if kind == "round":
        sheet.turned([(790, 400), (905, 400)], colour, 0.05)
        sheet.ellipse((100, 722, 900, 858), [lighter(colour, 0.3), lighter(colour, 0.1)])
        rise = 0.16
    elif kind == "slab":
        sheet.rounded((60, 838, 940, 972), 10, [lighter(colour, 0.06), darker(colour, 0.3)])
        sheet.polygon(
            [(110, 776), (890, 776), (940, 842), (60, 842)],
            [lighter(colour, 0.34), lighter(colour, 0.14)],
        )
        rise = 0.17
    else:
        sheet.turned([(848, 470), (898, 470)], colour, 0.05)
        sheet.ellipse((30, 768, 970, 928), [lighter(colour, 0.26), lighter(colour, 0.08)])
        sheet.turned([(780, 372), (842, 372)], mix(colour, palette.wall, 0.4), 0.05)
        sheet.ellipse((128, 717, 872, 843), [lighter(colour, 0.5), lighter(colour, 0.3)])
        rise = 0.165
    drawn = sheet.finished()
    at = (round(centre - drawn.width / 2), round(floor - drawn.height * 0.93))
    _shadow(room, drawn, at)
    room.picture.paste(drawn, at, drawn)
    return floor - drawn.height * rise + unit * 0.07


def _props(
    room: Room, palette: Palette, centre: float, floor: float, unit: float, chance: Random
) -> None:
    """A few small companions, to one side or both."""
    sides = chance.choice(((-1,), (1,), (-1, 1)))
    for side in sides:
        prop = chance.choice((_ball, _pebbles, _sprig, _cubes))
        size = unit * chance.uniform(0.2, 0.3)
        colour = mix(palette.accent, palette.ground, 0.15)
        sheet = Sheet(max(48, round(size)), colour)
        prop(sheet, colour, chance)
        drawn = sheet.finished()
        x = centre + side * unit * chance.uniform(0.54, 0.62)
        at = (round(x - drawn.width / 2), round(floor + unit * 0.03 - drawn.height * _BASE))
        _shadow(room, drawn, at)
        room.picture.paste(drawn, at, drawn)


def _ball(sheet: Sheet, colour: Colour, _chance: Random) -> None:
    sheet.ellipse((180, 300, 820, 940), [lighter(colour, 0.3), colour, darker(colour, 0.4)])
    sheet.shade((290, 380, 520, 590), lighter(colour, 0.8), 0.6, 60)
    sheet.shade((520, 700, 840, 960), darker(colour, 0.6), 0.4, 90)


def _pebbles(sheet: Sheet, colour: Colour, chance: Random) -> None:
    for x, y, wide, high in ((200, 700, 520, 240), (470, 760, 380, 180), (330, 560, 330, 160)):
        tone = mix(colour, hexed("cfc8bf"), chance.uniform(0.3, 0.7))
        sheet.ellipse((x, y, x + wide, y + high), [lighter(tone, 0.3), darker(tone, 0.35)])


def _sprig(sheet: Sheet, _colour: Colour, chance: Random) -> None:
    green = chance.choice((hexed("7f9a72"), hexed("5f8060"), hexed("9aa886")))
    sheet.line([(120, 900), (460, 800), (860, 560)], 16, darker(green, 0.3))
    for n in range(5):
        x, y = 200 + n * 140, 880 - n * 62
        vessels.leaf(sheet, (x, y), -95 + n * 6, 260 - n * 18, green)
        vessels.leaf(sheet, (x, y), 22 - n * 6, 220 - n * 18, darker(green, 0.1))
    vessels.leaf(sheet, (840, 575), -34, 170, lighter(green, 0.1))


def _cubes(sheet: Sheet, colour: Colour, _chance: Random) -> None:
    for x, y, side in ((180, 560, 380), (560, 730, 220)):
        front = [
            (x, y),
            (x + side * 0.62, y + side * 0.08),
            (x + side * 0.62, y + side),
            (x, y + side * 0.9),
        ]
        right = [
            (x + side * 0.62, y + side * 0.08),
            (x + side, y - side * 0.05),
            (x + side, y + side * 0.84),
            (x + side * 0.62, y + side),
        ]
        top = [
            (x, y),
            (x + side * 0.36, y - side * 0.12),
            (x + side, y - side * 0.05),
            (x + side * 0.62, y + side * 0.08),
        ]
        sheet.polygon(front, [colour, darker(colour, 0.12)])
        sheet.polygon(right, [darker(colour, 0.3), darker(colour, 0.42)])
        sheet.polygon(top, [lighter(colour, 0.35)])


def _print(room: Room, reference: Image.Image, centre: float, floor: float, unit: float) -> None:
    """The reference as a mounted print leaning at the wall."""
    shape = max(0.55, min(1.8, reference.width / reference.height))
    high = unit * 0.96 / max(1.0, shape)
    size = (round(high * shape), round(high))
    mount = max(4, round(unit * 0.045))
    card = Image.new("RGBA", (size[0] + mount * 2, size[1] + mount * 2), (250, 248, 244, 255))
    card.paste(ImageOps.fit(reference, size, Image.Resampling.LANCZOS), (mount, mount))
    at = (round(centre - card.width / 2), round(floor - card.height))
    _shadow(room, card, at, hanging=True)
    _shadow(room, card, at)
    room.picture.paste(card, at, card)
