"""Composes a product still from a prompt."""

from __future__ import annotations

from PIL import Image


def draw_still(
    prompt: str, seed: int, size: tuple[int, int], reference: Image.Image | None
) -> Image.Image:
    """A picture of exactly that size."""
    picture = Image.new("RGB", size, (200 + seed % 50, 180, 160))
    if reference is not None:
        inset = reference.resize((size[0] // 2, size[1] // 2))
        picture.paste(inset, (size[0] // 4, size[1] // 4))
    return picture
