"""Where a picture has something that looks like text. Knows no letters, in any script.

Letters are strokes: on a line of text strong edges follow each other closely, upright ones and
level ones both, in a band that is wider than high. The picture is looked at in three sizes, for
small print and for a headline. A line's cells are counted in a grid.
"""

from collections.abc import Iterator

from PIL import Image, ImageChops

from rivya_app.handoff.boxes import Box

MOST_AREAS = 6
_SIDES = (1280, 640, 320)  # pixels of the copies, the longer side
_CELL = 16  # pixels of a copy
_STRONG = 48  # of 255, between two neighbouring pixels
_UPRIGHT, _LEVEL = (0.12, 0.60), (0.07, 0.60)  # shares of a cell's pixels with such an edge
_LEAST_CELLS = 3  # in a row
_LEAST_STRETCH = 1.5  # how much wider than high a line is

Cell = tuple[int, int]  # column, row


def areas_of(picture: Image.Image) -> list[Box]:
    """The parts to look at, the largest first, at most MOST_AREAS."""
    grey = picture.convert("L")
    found = [area for side in _SIDES for area in _areas(_copy(grey, side))]
    found.sort(key=_size, reverse=True)
    kept: list[Box] = []
    for area in found:
        if not any(_overlap(area, other) for other in kept):
            kept.append(area)
    return kept[:MOST_AREAS]


def _copy(grey: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(grey.size))
    width, height = (max(1, round(length * scale)) for length in grey.size)
    return grey.resize((width, height), Image.Resampling.BOX, reducing_gap=2)


def _areas(grey: Image.Image) -> Iterator[Box]:
    columns, rows = grey.width // _CELL, grey.height // _CELL
    if columns < _LEAST_CELLS or rows < 1:
        return
    grey = grey.crop((0, 0, columns * _CELL, rows * _CELL))
    upright = _density(grey, (1, 0), (columns, rows))
    level = _density(grey, (0, 1), (columns, rows))
    cells = {
        (place % columns, place // columns)
        for place in range(columns * rows)
        if _is_within(upright[place], _UPRIGHT) and _is_within(level[place], _LEVEL)
    }
    for group in _groups(cells):
        left, right = min(x for x, _y in group), max(x for x, _y in group) + 1
        top, bottom = min(y for _x, y in group), max(y for _x, y in group) + 1
        if right - left >= _LEAST_CELLS and right - left >= _LEAST_STRETCH * (bottom - top):
            yield Box(left / columns, top / rows, right / columns, bottom / rows)


def _density(grey: Image.Image, step: tuple[int, int], size: tuple[int, int]) -> bytes:
    """For each cell the share of pixels that differ strongly from their neighbour, 0 to 255."""
    beside = grey.copy()
    beside.paste(grey.crop((*step, *grey.size)), (0, 0))
    strong = ImageChops.difference(grey, beside).point(lambda far: 255 if far >= _STRONG else 0)
    return strong.resize(size, Image.Resampling.BOX).tobytes()


def _is_within(level: int, share: tuple[float, float]) -> bool:
    return share[0] * 255 <= level <= share[1] * 255


def _groups(cells: set[Cell]) -> Iterator[set[Cell]]:
    """Cells that touch, also across a gap of one cell in a row: the space between two words."""
    left = set(cells)
    while left:
        group, border = set(), [left.pop()]
        while border:
            x, y = border.pop()
            group.add((x, y))
            near = {(x + dx, y + dy) for dx in (-2, -1, 0, 1, 2) for dy in (-1, 0, 1)} & left
            left -= near
            border += near
        yield group


def _size(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _overlap(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0
