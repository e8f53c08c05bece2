"""Things turned on a lathe: mugs, bottles, vases, jars, bowls, lamps, candles, plants."""

from __future__ import annotations

import math
from random import Random

from rivya_app.simulator.media.colours import Colour, darker, hexed, lighter, mix
from rivya_app.simulator.media.sheet import Sheet

_GREENS = (hexed("5d7f4e"), hexed("48704a"), hexed("7b9a5c"), hexed("3f6147"))
_WAX = hexed("f3e9d6")
_FLAME = hexed("ffd36b")


def mug(sheet: Sheet, colour: Colour, trim: Colour, chance: Random) -> None:
    sheet.tube([(690, 500), (850, 500), (880, 640), (810, 760), (670, 790)], 58, colour)
    sheet.turned(
        [(380, 252), (420, 256), (640, 250), (840, 226), (905, 196), (925, 170)], colour, 0.34
    )
    sheet.mouth(382, 252, colour, hexed("5a3420"))
    sheet.turned([(820, 231), (850, 222), (890, 203)], darker(colour, 0.18), 0.2)
    if chance.random() < 0.6:
        _band(sheet, 560, 26, 253, trim)


def _band(sheet: Sheet, y: float, height: float, radius: float, colour: Colour) -> None:
    sheet.turned([(y, radius), (y + height / 2, radius), (y + height, radius)], colour, 0.35)


def bottle(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    sheet.turned([(130, 58), (150, 60), (235, 60)], trim, 0.7)
    sheet.turned(
        [
            (232, 46),
            (300, 48),
            (360, 90),
            (430, 172),
            (520, 186),
            (800, 186),
            (905, 182),
            (932, 160),
        ],
        colour,
        0.8,
    )
    sheet.turned([(560, 187), (680, 187), (800, 187)], hexed("f4efe4"), 0.12)
    sheet.line([(420, 640), (580, 640)], 7, trim)
    sheet.line([(450, 680), (550, 680)], 4, darker(trim, 0.3))
    sheet.line([(465, 712), (535, 712)], 4, darker(trim, 0.3))


def vase(sheet: Sheet, colour: Colour, trim: Colour, chance: Random) -> None:
    for n in range(chance.randint(4, 6)):
        _stem(sheet, 500 + chance.uniform(-40, 40), 420, -90 + (n - 2.2) * 19, chance, trim)
    sheet.turned(
        [
            (390, 88),
            (415, 74),
            (470, 82),
            (560, 178),
            (680, 232),
            (800, 206),
            (900, 142),
            (930, 126),
        ],
        colour,
        0.42,
    )
    sheet.mouth(392, 88, colour, darker(colour, 0.6))
    if chance.random() < 0.7:
        _band(sheet, 628, 18, 219, trim)


def _stem(sheet: Sheet, x: float, y: float, angle: float, chance: Random, flower: Colour) -> None:
    length = chance.uniform(240, 340)
    turn = math.radians(angle + chance.uniform(-8, 8))
    end = (x + math.cos(turn) * length, y + math.sin(turn) * length)
    middle = (x + math.cos(turn) * length * 0.5 + 14, y + math.sin(turn) * length * 0.55)
    sheet.line([(x, y + 40), middle, end], 7, darker(_GREENS[0], 0.2))
    for part in (0.4, 0.55, 0.7, 0.84):
        for side in (-1, 1):
            base = (x + (end[0] - x) * part, y + (end[1] - y) * part)
            leaf(sheet, base, math.degrees(turn) + side * 48, 74, chance.choice(_GREENS))
    if chance.random() < 0.5:
        sheet.ellipse(
            (end[0] - 26, end[1] - 26, end[0] + 26, end[1] + 26),
            [lighter(flower, 0.4), darker(flower, 0.1)],
        )
    else:
        leaf(sheet, end, math.degrees(turn), 84, _GREENS[2])


def leaf(
    sheet: Sheet, base: tuple[float, float], angle: float, length: float, colour: Colour
) -> None:
    """One leaf from its base, ``angle`` in degrees, 0 to the right."""
    turn = math.radians(angle)

    def at(along: float, aside: float) -> tuple[float, float]:
        return (
            base[0] + math.cos(turn) * along * length - math.sin(turn) * aside * length,
            base[1] + math.sin(turn) * along * length + math.cos(turn) * aside * length,
        )

    shape = [at(0, 0), at(0.35, 0.2), at(0.7, 0.16), at(1, 0), at(0.7, -0.16), at(0.35, -0.2)]
    sheet.polygon(shape, [lighter(colour, 0.14), darker(colour, 0.2)], soft=True)
    sheet.line([at(0.05, 0), at(0.9, 0)], max(2.0, length * 0.02), lighter(colour, 0.25))


def jar(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    sheet.turned(
        [(470, 205), (500, 225), (560, 236), (840, 236), (915, 222), (930, 196)], colour, 0.7
    )
    sheet.turned([(600, 238), (700, 238), (820, 238)], hexed("f5f0e6"), 0.1)
    sheet.ellipse((452, 650, 548, 746), [lighter(trim, 0.2), darker(trim, 0.2)])
    sheet.line([(410, 782), (590, 782)], 5, darker(trim, 0.35))
    sheet.turned([(372, 212), (392, 218), (478, 218)], trim, 0.55)
    sheet.ellipse((288, 330, 712, 414), [lighter(trim, 0.12), lighter(trim, 0.42)], across=True)


def bowl(sheet: Sheet, colour: Colour, trim: Colour, chance: Random) -> None:
    sheet.turned([(560, 372), (640, 352), (760, 268), (850, 168), (880, 122)], colour, 0.4)
    sheet.turned([(868, 118), (920, 132)], darker(colour, 0.15), 0.3)
    sheet.mouth(560, 372, lighter(colour, 0.1), mix(colour, hexed("f2e4cf"), 0.35))
    for _ in range(chance.randint(5, 8)):
        x, y, size = chance.uniform(290, 710), chance.uniform(500, 560), chance.uniform(44, 66)
        tone = chance.choice((trim, lighter(trim, 0.2), darker(trim, 0.15)))
        sheet.ellipse((x - size, y - size, x + size, y + size * 0.8), [lighter(tone, 0.3), tone])
    sheet.turned([(562, 371), (590, 369)], lighter(colour, 0.06), 0.4)


def lamp(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    sheet.turned([(520, 13), (620, 16), (700, 30), (760, 74), (830, 96), (890, 70)], colour, 0.6)
    sheet.turned([(880, 150), (905, 168), (925, 168)], trim, 0.6)
    shade = hexed("f6e7c8")
    sheet.turned([(150, 158), (160, 160), (520, 292)], shade, 0.0)
    sheet.shade((330, 190, 670, 540), hexed("fff3cf"), 0.9, 70)
    sheet.ellipse((208, 466, 792, 574), [hexed("fff6dc"), hexed("ffe3a1")])
    sheet.turned([(150, 159), (164, 164)], trim, 0.5)


def candle(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    sheet.turned([(440, 214), (470, 218), (880, 218), (925, 206)], colour, 0.55)
    sheet.mouth(442, 214, colour, _WAX)
    sheet.shade((360, 412, 640, 474), hexed("fff1c9"), 0.75, 26)
    sheet.turned([(590, 219), (690, 219), (790, 219)], hexed("f5efe4"), 0.08)
    sheet.line([(430, 675), (570, 675)], 6, trim)
    sheet.line([(455, 712), (545, 712)], 4, darker(trim, 0.3))
    sheet.line([(500, 440), (502, 396)], 7, hexed("3a2b22"))
    flame(sheet, 501, 398, 1.0)


def flame(sheet: Sheet, x: float, y: float, size: float) -> None:
    """A flame standing at that point."""
    wide, high = 34 * size, 120 * size
    outer = [(x, y - high), (x + wide, y - high * 0.3), (x, y + 6), (x - wide, y - high * 0.3)]
    sheet.polygon(outer, [hexed("fff0b0"), _FLAME, hexed("f08a24")], soft=True)
    core = [
        (x, y - high * 0.6),
        (x + wide * 0.5, y - high * 0.2),
        (x, y),
        (x - wide * 0.5, y - high * 0.2),
    ]
    sheet.polygon(core, [hexed("fffbe6"), hexed("ffe9a3")], soft=True)


def diya(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    sheet.turned([(690, 322), (740, 300), (830, 214), (890, 140), (905, 112)], colour, 0.3)
    sheet.mouth(690, 322, lighter(colour, 0.1), hexed("8a5a22"))
    sheet.ellipse((260, 650, 740, 728), [hexed("d8922e"), hexed("f3c15b")])
    sheet.turned([(762, 292), (784, 270)], trim, 0.5)
    for n in range(9):
        x = 236 + n * 66
        y = 740 + math.sin(n / 8 * math.pi) * 62
        sheet.ellipse((x - 11, y - 11, x + 11, y + 11), [lighter(trim, 0.5), trim])
    sheet.line([(500, 700), (500, 640)], 16, hexed("f4ead2"))
    flame(sheet, 500, 645, 2.1)


def plant(sheet: Sheet, colour: Colour, _trim: Colour, chance: Random) -> None:
    for n in range(7):
        leaf(sheet, (500, 660), -90 + (n - 3) * 15, 300, darker(_GREENS[3], 0.25))
    for n in range(13):
        angle = -90 + (n - 6) * 17 + chance.uniform(-6, 6)
        length = 380 - abs(n - 6) * 26 + chance.uniform(-30, 30)
        turn = math.radians(angle)
        base = (500 + math.cos(turn) * 60, 600 + math.sin(turn) * 70)
        leaf(sheet, base, angle, length, _GREENS[(n * 5) % 4])
    sheet.turned([(590, 214), (640, 218), (660, 206), (900, 152), (928, 140)], colour, 0.3)
    sheet.turned([(586, 218), (600, 226), (654, 224), (662, 214)], lighter(colour, 0.06), 0.3)
    leaf(sheet, (430, 600), -155, 190, _GREENS[0])
    leaf(sheet, (570, 600), -22, 200, _GREENS[2])


def earrings(sheet: Sheet, colour: Colour, _trim: Colour, _chance: Random) -> None:
    """A pair of jhumkas."""
    metal = hexed("cf9f41")
    for centre in (330, 670):
        sheet.line(_ring(centre, 150, 46), 11, metal)
        sheet.ellipse(
            (centre - 74, 190, centre + 74, 338), [lighter(metal, 0.4), darker(metal, 0.3)]
        )
        sheet.ellipse(
            (centre - 46, 218, centre + 46, 310), [lighter(colour, 0.35), darker(colour, 0.3)]
        )
        sheet.turned([(338, 12), (372, 24), (390, 16)], metal, 0.8, centre)
        sheet.turned(
            [(386, 30), (430, 96), (520, 146), (640, 172), (660, 172)], metal, 0.75, centre
        )
        sheet.turned([(560, 156), (606, 166)], colour, 0.5, centre)
        for n in range(9):
            x = centre - 160 + n * 40
            drop = 700 + math.sin(n / 8 * math.pi) * 26
            sheet.line([(x, 662), (x, drop)], 5, darker(metal, 0.2))
            sheet.ellipse((x - 17, drop, x + 17, drop + 40), [hexed("fffaf0"), hexed("cfc2ad")])


def _ring(x: float, y: float, size: float) -> list[tuple[float, float]]:
    turns = [math.radians(a) for a in range(0, 361, 12)]
    return [(x + math.cos(t) * size, y + math.sin(t) * size) for t in turns]
