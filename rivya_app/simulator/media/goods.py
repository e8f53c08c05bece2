"""Things with an outline of their own: bags, shoes, watches, chairs, boxes, books, cloth."""

from __future__ import annotations

import math
from random import Random

from rivya_app.simulator.media.colours import Colour, darker, hexed, lighter, mix
from rivya_app.simulator.media.sheet import Point, Sheet

_STEEL = hexed("c3c7cb")
_SOLE = hexed("f3efe6")


def bag(sheet: Sheet, colour: Colour, trim: Colour, chance: Random) -> None:
    handle = darker(mix(colour, hexed("7a4a2a"), 0.75), 0.05)
    sheet.tube(
        [(360, 430), (370, 200), (500, 110), (630, 200), (640, 430)], 30, darker(handle, 0.25)
    )
    body = [(250, 400), (750, 400), (808, 880), (790, 928), (210, 928), (192, 880)]
    sheet.polygon(body, [lighter(colour, 0.12), colour, darker(colour, 0.32)])
    sheet.polygon(
        [(250, 400), (330, 400), (290, 928), (210, 928), (192, 880)],
        [lighter(colour, 0.2), darker(colour, 0.12)],
    )
    sheet.shade((560, 420, 860, 960), darker(colour, 0.7), 0.45, 60)
    sheet.polygon([(248, 396), (752, 396), (758, 446), (242, 446)], [handle, darker(handle, 0.25)])
    for x in (356, 644):
        sheet.polygon(
            [(x - 26, 430), (x + 26, 430), (x + 20, 540), (x, 560), (x - 20, 540)], [handle]
        )
        sheet.ellipse((x - 11, 500, x + 11, 522), [lighter(trim, 0.4), darker(trim, 0.2)])
    _stitches(sheet, [(214, 890), (786, 890)], lighter(colour, 0.4))
    sheet.tube([(340, 440), (352, 236), (500, 150), (648, 236), (660, 440)], 30, handle)
    if chance.random() < 0.6:
        _motif(sheet, 500, 680, 92, trim)


def _stitches(sheet: Sheet, points: list[Point], colour: Colour) -> None:
    (x1, y1), (x2, y2) = points
    count = int(math.dist(points[0], points[1]) / 26)
    for n in range(count):
        start, end = (n + 0.2) / count, (n + 0.7) / count
        ends = [(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t) for t in (start, end)]
        sheet.line(ends, 4, colour)


def _motif(sheet: Sheet, x: float, y: float, size: float, colour: Colour) -> None:
    """A block-print flower of eight petals."""
    for n in range(8):
        turn = math.radians(n * 45)
        cx, cy = x + math.cos(turn) * size * 0.6, y + math.sin(turn) * size * 0.6
        petal = size * 0.26
        sheet.ellipse((cx - petal, cy - petal, cx + petal, cy + petal), [colour])
    sheet.ellipse((x - size * 0.24, y - size * 0.24, x + size * 0.24, y + size * 0.24), [colour])


def shoe(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    upper = [
        *((118, 860), (112, 700), (128, 560), (190, 520), (262, 560), (352, 590), (430, 560)),
        *((500, 600), (600, 672), (720, 706), (830, 716), (888, 770), (894, 860)),
    ]
    sheet.polygon(upper, [lighter(colour, 0.2), colour, darker(colour, 0.25)], soft=True)
    toe = [(700, 706), (800, 712), (872, 752), (892, 860), (680, 860), (676, 770)]
    sheet.polygon(toe, [lighter(colour, 0.28), darker(colour, 0.08)], soft=True)
    heel = [(118, 860), (114, 720), (140, 640), (214, 690), (226, 860)]
    sheet.polygon(heel, [mix(colour, trim, 0.65), darker(trim, 0.35)], soft=True)
    stripe = [(330, 850), (430, 640), (486, 640), (400, 850)]
    sheet.polygon(stripe, [lighter(trim, 0.15), trim])
    sheet.polygon([(440, 850), (536, 650), (576, 676), (500, 850)], [lighter(trim, 0.15), trim])
    sheet.polygon(
        [(150, 556), (196, 510), (270, 548), (352, 580), (300, 606), (210, 590)],
        [darker(colour, 0.55), darker(colour, 0.3)],
        soft=True,
    )
    for n in range(5):
        x, y = 440 + n * 46, 566 + n * 34
        sheet.line([(x - 26, y + 28), (x + 30, y - 8)], 15, _SOLE)
    sheet.rounded((98, 838, 914, 922), 38, [_SOLE, hexed("cfc8bb")])
    sheet.line([(116, 886), (896, 886)], 5, hexed("b9b1a3"))


def watch(sheet: Sheet, colour: Colour, trim: Colour, chance: Random) -> None:
    strap = colour
    for top, bottom, near, far in ((60, 330, 92, 122), (940, 670, 92, 122)):
        band = [(500 - near, top), (500 + near, top), (500 + far, bottom), (500 - far, bottom)]
        sheet.polygon(
            band, [darker(strap, 0.3), lighter(strap, 0.16), darker(strap, 0.35)], across=True
        )
        for side in (-1, 1):
            _stitches(
                sheet,
                [(500 + side * (near - 18), top), (500 + side * (far - 20), bottom)],
                lighter(strap, 0.45),
            )
    for n in range(4):
        sheet.ellipse((488, 740 + n * 46, 512, 762 + n * 46), [darker(strap, 0.7)])
    metal = mix(_STEEL, trim, 0.55)
    sheet.rounded((716, 474, 766, 526), 12, [lighter(metal, 0.3), darker(metal, 0.35)])
    sheet.ellipse((266, 266, 734, 734), [lighter(metal, 0.6), metal, darker(metal, 0.45)])
    sheet.ellipse((292, 292, 708, 708), [darker(metal, 0.4), lighter(metal, 0.3)])
    dial = hexed("f7f4ec") if chance.random() < 0.6 else darker(strap, 0.45)
    sheet.ellipse((308, 308, 692, 692), [lighter(dial, 0.25), dial])
    ink = hexed("2b2724") if dial[0] > 128 else hexed("f3ead7")
    for n in range(12):
        turn = math.radians(n * 30)
        ends = [(500 + math.sin(turn) * r, 500 - math.cos(turn) * r) for r in (148, 176)]
        sheet.line(ends, 9 if n % 3 == 0 else 4, ink)
    for angle, length, width in ((305, 92, 14), (60, 138, 10)):
        turn = math.radians(angle)
        sheet.line(
            [(500, 500), (500 + math.sin(turn) * length, 500 - math.cos(turn) * length)], width, ink
        )
    sheet.line([(500, 530), (478, 360)], 3, hexed("c0492f"))
    sheet.ellipse((486, 486, 514, 514), [trim])
    sheet.shade((330, 320, 560, 470), (255, 255, 255), 0.3, 40)


def chair(sheet: Sheet, colour: Colour, _trim: Colour, _chance: Random) -> None:
    wood = hexed("9a6b42")
    for points in (
        [(330, 560), (300, 930)],
        [(690, 560), (720, 930)],
        [(270, 610), (210, 950)],
        [(740, 610), (790, 950)],
    ):
        sheet.tube(points, 28, wood)
    sheet.tube([(262, 760), (748, 760)], 18, darker(wood, 0.2))
    back = [(270, 120), (500, 84), (730, 120), (762, 420), (700, 520), (300, 520), (238, 420)]
    sheet.polygon(back, [lighter(colour, 0.16), darker(colour, 0.22)], soft=True)
    sheet.shade((330, 140, 620, 420), lighter(colour, 0.5), 0.35, 80)
    for x in (400, 500, 600):
        sheet.line(smooth_seam(x), 4, darker(colour, 0.3))
    seat = [(206, 560), (500, 520), (794, 560), (822, 622), (760, 676), (240, 676), (178, 622)]
    sheet.polygon(seat, [lighter(colour, 0.24), colour, darker(colour, 0.35)], soft=True)


def smooth_seam(x: float) -> list[Point]:
    return [(x, 150), (500 + (x - 500) * 1.14, 330), (500 + (x - 500) * 1.08, 500)]


def box(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    front = [(170, 560), (600, 620), (600, 950), (170, 872)]
    side = [(600, 620), (836, 548), (836, 850), (600, 950)]
    sheet.polygon(front, [lighter(colour, 0.08), darker(colour, 0.1)])
    sheet.polygon(side, [darker(colour, 0.22), darker(colour, 0.48)])
    top = [(150, 540), (420, 476), (856, 528), (600, 606)]
    lid_front, lid_side = (
        [(150, 540), (600, 606), (600, 680), (150, 610)],
        [(600, 606), (856, 528), (856, 596), (600, 680)],
    )
    sheet.polygon(lid_front, [lighter(colour, 0.14), colour])
    sheet.polygon(lid_side, [darker(colour, 0.15), darker(colour, 0.35)])
    sheet.polygon(top, [lighter(colour, 0.34), lighter(colour, 0.16)])
    sheet.polygon(
        [(352, 570), (420, 580), (420, 920), (352, 906)], [lighter(trim, 0.2), darker(trim, 0.15)]
    )
    sheet.polygon(
        [(352, 570), (420, 580), (672, 506), (606, 498)], [lighter(trim, 0.45), lighter(trim, 0.1)]
    )
    _bow(sheet, 496, 532, trim)


def _bow(sheet: Sheet, x: float, y: float, colour: Colour) -> None:
    for side in (-1, 1):
        loop = [
            (x, y),
            (x + side * 80, y - 128),
            (x + side * 178, y - 104),
            (x + side * 156, y - 16),
        ]
        sheet.polygon(loop, [lighter(colour, 0.35), darker(colour, 0.2)], soft=True)
        inner = [
            (x + side * 30, y - 18),
            (x + side * 90, y - 88),
            (x + side * 136, y - 72),
            (x + side * 116, y - 26),
        ]
        sheet.polygon(inner, [darker(colour, 0.5), darker(colour, 0.25)], soft=True)
    sheet.ellipse((x - 34, y - 42, x + 34, y + 22), [lighter(colour, 0.4), darker(colour, 0.1)])


def book(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    page = hexed("f4ecdc")
    sheet.rounded(
        (236, 812, 826, 944), 14, [darker(mix(colour, trim, 0.5), 0.2), darker(trim, 0.5)]
    )
    sheet.polygon([(252, 828), (822, 828), (822, 922), (252, 922)], [page, darker(page, 0.2)])
    sheet.rounded((268, 130, 760, 850), 20, [darker(colour, 0.45)])
    sheet.polygon(
        [(300, 150), (776, 150), (776, 838), (300, 838)], [page, darker(page, 0.16)], across=True
    )
    sheet.rounded((252, 118, 742, 838), 20, [lighter(colour, 0.12), darker(colour, 0.14)])
    sheet.polygon(
        [(252, 130), (312, 130), (312, 826), (252, 826)],
        [darker(colour, 0.4), darker(colour, 0.12)],
        across=True,
    )
    sheet.rounded((392, 236, 664, 420), 10, [lighter(trim, 0.35), lighter(trim, 0.1)])
    sheet.line([(440, 306), (616, 306)], 8, darker(colour, 0.5))
    sheet.line([(470, 350), (586, 350)], 6, darker(colour, 0.5))
    _motif(sheet, 528, 610, 96, lighter(trim, 0.1))
    sheet.polygon([(640, 838), (676, 838), (676, 934), (658, 912), (640, 934)], [darker(trim, 0.1)])


def textile(sheet: Sheet, colour: Colour, trim: Colour, chance: Random) -> None:
    """A stack of folded cloth, the upper fold falling over the front."""
    tones = (darker(colour, 0.12), mix(colour, trim, 0.55), colour)
    for n, tone in enumerate(tones):
        top = 790 - n * 132
        _fold(sheet, 150 + n * 14, top, 850 - n * 14, top + 138, tone)
    fall = [(300, 505), (680, 505), (708, 640), (700, 800), (480, 826), (290, 800), (280, 640)]
    sheet.polygon(fall, [lighter(colour, 0.2), colour, darker(colour, 0.14)], soft=True)
    for x in (352, 430, 508, 586, 650):
        sheet.shade((x - 10, 520, x + 18, 800), darker(colour, 0.6), 0.35, 12)
    sheet.polygon(
        [(288, 716), (702, 716), (700, 780), (290, 780)], [lighter(trim, 0.25), darker(trim, 0.12)]
    )
    for n in range(9):
        _motif(sheet, 318 + n * 45, 748, 18, darker(colour, 0.3))
    for n in range(26):
        x = 296 + n * 16
        sheet.line([(x, 806), (x + chance.uniform(-5, 5), 858)], 4, lighter(trim, 0.15))


def _fold(sheet: Sheet, left: float, top: float, right: float, bottom: float, tone: Colour) -> None:
    """One folded piece: two layers that meet in a round edge on the left."""
    middle = (top + bottom) / 2
    for y1, y2 in ((middle - 4, bottom), (top, middle + 4)):
        sheet.rounded((left, y1, right, y2), 30, [lighter(tone, 0.26), tone, darker(tone, 0.34)])
        edge = (y1 + y2) / 2 + 6
        sheet.line([(left + 46, edge), (right - 30, edge + 2)], 4, darker(tone, 0.26))
    sheet.shade((left - 20, top, left + 90, bottom), darker(tone, 0.6), 0.35, 30)


def cushion(sheet: Sheet, colour: Colour, trim: Colour, _chance: Random) -> None:
    shape = [
        *((150, 330), (320, 372), (500, 380), (680, 372), (850, 330), (826, 480), (822, 620)),
        *((828, 780), (852, 930), (680, 900), (500, 894), (320, 900), (148, 930), (172, 780)),
        *((178, 620), (174, 480)),
    ]
    sheet.polygon(shape, [lighter(colour, 0.22), colour, darker(colour, 0.34)], soft=True)
    sheet.shade((250, 400, 620, 680), lighter(colour, 0.55), 0.35, 90)
    for row in range(4):
        for column in range(4):
            _motif(sheet, 275 + column * 150, 455 + row * 128, 36, mix(colour, trim, 0.85))
    for x, y in ((150, 330), (850, 330), (852, 930), (148, 930)):
        sheet.ellipse((x - 26, y - 26, x + 26, y + 26), [lighter(trim, 0.3), darker(trim, 0.25)])
