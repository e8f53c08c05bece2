"""Which part of a picture a channel shows, where nobody chose one by hand."""

from PIL import Image

from rivya_app.handoff.boxes import WHOLE as WHOLE
from rivya_app.handoff.boxes import Box as Box
from rivya_app.handoff.boxes import adjusted as adjusted
from rivya_app.handoff.boxes import placed
from rivya_app.handoff.ground import scene_of

_SIDE = 256  # pixels of the copy that is looked at, the shorter side
_STEP = 4  # pixels between two parts that are compared
_LEAST_SIDE = 16  # pixels of the copy; less of a picture tells nothing
# Our pictures show one thing: it belongs in the middle, not on a third, and a ground of a strong
# colour is no reason to look at it.
_WEIGHTS = {"rule_of_thirds": False, "saturation_bias": 0.02}
_MOST_STRETCH = 20  # a picture this much longer than wide would make a huge copy


def suggest(picture: Image.Image, ratio: tuple[int, int]) -> Box:
    """The largest part of an RGB picture with this ratio that shows what matters.

    Around the product where it lies on a ground of one colour; else where edges, colours and skin
    are, as smartcrop weighs them; else the middle.
    """
    scene = scene_of(picture)
    if scene is not None and scene.product is not None:
        return adjusted(*picture.size, ratio, *scene.product.centre)
    return adjusted(*picture.size, ratio, *_liveliest(picture, ratio))


def framed(picture: Image.Image, ratio: tuple[int, int], *, fill: float) -> Box:
    """The part that shows the whole product, its longer side `fill` of the frame.

    The frame may be larger than the picture. Then the box ends with the picture, has another ratio
    and is to be filled up with ground: an edge of white beside a listing's product is nothing, a
    product that is cut off is refused. Without a known product it is what `suggest` says.
    """
    scene = scene_of(picture)
    if scene is None or scene.product is None:
        return suggest(picture, ratio)
    width, height = picture.size
    product = scene.product
    # In pixels, measured in units of the ratio: 4:5 around a tall product is as high as it needs.
    unit = max(
        (product.right - product.left) * width / ratio[0],
        (product.bottom - product.top) * height / ratio[1],
    )
    x, y = product.centre
    left, right = placed(min(1.0, unit / fill * ratio[0] / width), x)
    top, bottom = placed(min(1.0, unit / fill * ratio[1] / height), y)
    return Box(left, top, right, bottom)


def _liveliest(picture: Image.Image, ratio: tuple[int, int]) -> tuple[float, float]:
    """The centre of the part that smartcrop likes best."""
    width, height = picture.size
    if max(width, height) > _MOST_STRETCH * min(width, height):
        return 0.5, 0.5
    from smartcrop import SmartCrop

    scale = min(1.0, _SIDE / min(width, height))
    small = picture.resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), reducing_gap=2
    )
    left, top, right, bottom = adjusted(*small.size, ratio).pixels(*small.size)
    if small.size == (right - left, bottom - top) or min(right - left, bottom - top) < _LEAST_SIDE:
        return 0.5, 0.5  # nothing to choose from, or too little to tell
    best = SmartCrop(**_WEIGHTS).analyse(
        small, right - left, bottom - top, min_scale=1, num_scale_steps=1, step=_STEP
    )["top_crop"]
    return (
        (best["x"] + best["width"] / 2) / small.width,
        (best["y"] + best["height"] / 2) / small.height,
    )
