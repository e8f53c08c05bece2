"""The small caption of a picture, in Latin or Devanagari."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import devanagari_fonts
from PIL import Image, ImageDraw, ImageFont, features

from rivya_app.simulator.media.colours import Colour

_HAS_RAQM: Final = features.check("raqm") and features.check("fribidi")
# Consonants with their joins, then the short i that is written before them.
_SHORT_I: Final = re.compile("((?:[\u0915-\u0939]\u093c?\u094d)*[\u0915-\u0939]\u093c?)\u093f")


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if _HAS_RAQM else ImageFont.Layout.BASIC
    return ImageFont.truetype(_font_file(), size, layout_engine=engine)


@lru_cache(maxsize=1)
def _font_file() -> str:
    regular = [font for font in devanagari_fonts.fonts() if "Regular" in font.name]
    return str(regular[0].path)


def in_visual_order(text: str) -> str:
    """For a layout that does not reorder: the short i before its consonants."""
    return _SHORT_I.sub("\u093f\\1", text)


def write(picture: Image.Image, title: str, ink: Colour) -> None:
    """The title, small, in the lower left; nothing when there is none."""
    if not title:
        return
    width, height = picture.size
    size = max(11, round(min(width, height) * 0.026))
    text = title if _HAS_RAQM else in_visual_order(title)
    text = text[:1].upper() + text[1:]
    font = _font(size)
    while text and font.getlength(text) > width * 0.7:
        text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
    margin = round(min(width, height) * 0.05)
    layer = ImageDraw.Draw(picture, "RGBA")
    at = (margin, height - margin)
    rule = round(size * 1.1)
    layer.line(
        (margin, height - margin - size * 1.75, margin + rule, height - margin - size * 1.75),
        fill=(*ink, 150),
        width=max(1, size // 12),
    )
    layer.text(at, text, font=font, fill=(*ink, 205), anchor="ls")
