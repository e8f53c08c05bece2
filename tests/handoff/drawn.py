"""Pictures the handoff's tests look at, drawn on the spot."""

import io
from pathlib import Path
from typing import Any

import devanagari_fonts
from PIL import Image, ImageCms, ImageDraw, ImageFont

RED, GREEN, BLUE = (200, 20, 20), (20, 160, 40), (20, 20, 200)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# In the colours of this profile red is green: who does not read it sees another product.
SWAPPED = SRGB.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
HINDI = str(next(f.path for f in devanagari_fonts.fonts() if "Regular" in f.name))

Pixels = tuple[int, int, int, int]


def product(
    size: tuple[int, int] = (800, 600),
    outline: Pixels = (300, 100, 500, 500),
    *,
    ground: Any = "white",
    colour: Any = RED,
) -> Image.Image:
    """A plain thing with these edges on a plain ground."""
    picture = Image.new("RGB", size, ground)
    left, top, right, bottom = outline
    picture.paste(colour, (left, top, right, bottom))
    return picture


def scene(size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Light and colour everywhere, and no ground of one colour."""
    across = Image.linear_gradient("L").resize(size)
    down = Image.linear_gradient("L").rotate(90).resize(size)
    return Image.merge("RGB", (across, down, Image.radial_gradient("L").resize(size)))


def written(
    words: str, pixels: int, *, at: tuple[int, int] = (120, 300), size: tuple[int, int] = (900, 700)
) -> tuple[Image.Image, Pixels]:
    """Words on paper, so many pixels high, and where they stand."""
    picture = Image.new("RGB", size, (236, 226, 210))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(HINDI, pixels)
    draw.text(at, words, font=font, fill=(40, 30, 30))
    left, top, right, bottom = draw.textbbox(at, words, font=font)
    return picture, (round(left), round(top), round(right), round(bottom))


def saved(picture: Image.Image, path: Path, form: str, **options: Any) -> Path:
    picture.save(path, form, **options)
    return path


def content(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def is_near(one: tuple[int, ...], other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))
