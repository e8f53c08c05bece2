"""Boxes: always inside, exact to a pixel, and with the product in them."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from rivya_app.handoff.boxes import MOST_ZOOM, trimmed
from rivya_app.handoff.cropping import WHOLE, Box, adjusted, framed, suggest
from rivya_app.handoff.ground import scene_of
from tests.handoff import drawn

lengths = st.integers(1, 8000)
ratios = st.sampled_from([(1, 1), (4, 5), (9, 16), (16, 9), (3, 1)])
fractions = st.floats(0, 1)


@st.composite
def boxes(draw) -> Box:
    left, top = draw(st.floats(0, 0.999)), draw(st.floats(0, 0.999))
    return Box(left, top, draw(st.floats(left + 1e-6, 1)), draw(st.floats(top + 1e-6, 1)))


@pytest.mark.parametrize(
    "sides",
    [
        (-0.1, 0, 1, 1),
        (0, 0, 1.001, 1),
        (0.5, 0, 0.5, 1),
        (0, 0.9, 1, 0.1),
        (0, 0, 1, 5e-324),
        (math.nan, 0, 1, 1),
        (0, 0, math.inf, 1),
    ],
)
def test_it_refuses_what_is_no_part_of_a_picture(sides):
    with pytest.raises(ValueError, match="Not a part"):
        Box(*sides)


def test_it_refuses_a_box_with_other_than_four_sides():
    with pytest.raises(ValueError, match="four sides"):
        Box.of([0.1, 0.2, 0.3])


@given(boxes())
def test_it_comes_back_from_a_list_as_it_went(box):
    assert Box.of(box.as_list()) == box


@given(boxes(), lengths, lengths)
def test_it_never_leaves_the_picture_in_pixels(box, width, height):
    left, top, right, bottom = box.pixels(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


@given(lengths, lengths, ratios, st.floats(), st.floats(), st.floats())
def test_it_makes_a_box_inside_of_whatever_a_form_sends(width, height, ratio, x, y, zoom):
    box = adjusted(width, height, ratio, x, y, zoom)
    assert all(0 <= side <= 1 for side in box.as_list())


@given(st.integers(64, 8000), st.integers(64, 8000), ratios, fractions, fractions, st.floats(1, 8))
def test_it_keeps_the_ratio_to_a_pixel_wherever_it_lies(width, height, ratio, x, y, zoom):
    left, top, right, bottom = adjusted(width, height, ratio, x, y, zoom).pixels(width, height)
    across, down = right - left, bottom - top
    # Half a pixel of rounding on each side.
    assert abs(across * ratio[1] - down * ratio[0]) <= 0.5 * (ratio[0] + ratio[1]) + 1e-6


@given(st.integers(64, 8000), st.integers(64, 8000), ratios)
def test_it_takes_all_it_can_at_first(width, height, ratio):
    left, top, right, bottom = adjusted(width, height, ratio).pixels(width, height)
    assert right - left == width or bottom - top == height


def test_it_moves_inside_what_lies_outside():
    assert adjusted(1000, 500, (1, 1), 0.0, 0.5) == Box(0.0, 0.0, 0.5, 1.0)
    assert adjusted(1000, 500, (1, 1), 1.0, 0.5) == Box(0.5, 0.0, 1.0, 1.0)
    assert adjusted(1000, 500, (1, 1), 0.5, 0.5) == Box(0.25, 0.0, 0.75, 1.0)


def test_it_zooms_between_all_and_an_eighth():
    assert adjusted(800, 800, (1, 1), zoom=0.1) == WHOLE
    assert adjusted(800, 800, (1, 1), zoom=99).pixels(800, 800) == (350, 350, 450, 450)
    assert MOST_ZOOM == 8


@given(boxes(), lengths, lengths, ratios)
def test_it_trims_a_part_within_itself_and_to_the_ratio(box, width, height, ratio):
    part = box.pixels(width, height)
    left, top, right, bottom = trimmed(part, ratio)
    assert part[0] <= left < right <= part[2]
    assert part[1] <= top < bottom <= part[3]
    across, down = right - left, bottom - top
    is_one_pixel = 1 in (across, down)
    assert is_one_pixel or abs(across * ratio[1] - down * ratio[0]) <= max(ratio)
    assert across == part[2] - part[0] or down == part[3] - part[1]


# --- Looking at a picture -----------------------------------------------------------------------


@pytest.mark.parametrize("ground", ["white", (238, 230, 220), (30, 30, 34)])
@pytest.mark.parametrize("place", [(20, 200), (300, 150), (640, 60)])
def test_it_keeps_the_product_in_the_middle_of_its_part(ground, place):
    x, y = place
    picture = drawn.product((800, 600), (x, y, x + 140, y + 300), ground=ground)
    left, top, right, bottom = suggest(picture, (4, 5)).pixels(800, 600)
    assert left <= x + 1
    assert x + 139 <= right
    assert (top, bottom) == (0, 600)


def test_it_finds_the_detail_where_there_is_no_ground():
    picture = Image.linear_gradient("L").rotate(90).resize((900, 500)).convert("RGB")
    for row in range(180, 330, 10):
        for column in range(650, 790, 10):
            picture.paste(drawn.RED, (column, row, column + 6, row + 6))
    assert scene_of(picture) is None
    box = suggest(picture, (1, 1)).pixels(900, 500)
    assert box[0] <= 650
    assert box[2] >= 790


def test_it_prefers_a_thing_to_a_wall_of_strong_colour():
    picture = Image.new("RGB", (1365, 768), (246, 190, 66))
    picture.paste((236, 84, 60), (0, 560, 1365, 768))
    for row in range(430, 600, 24):
        picture.paste((120, 110, 100), (330, row, 640, row + 12))
    assert scene_of(picture) is None
    left, _top, right, _bottom = suggest(picture, (9, 16)).pixels(1365, 768)
    assert left <= 330 + 20
    assert right >= 640 - 20


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (17, 16), (3000, 40), (33, 8000)])
@pytest.mark.parametrize("ratio", [(1, 1), (9, 16), (16, 9)])
def test_it_suggests_a_part_of_any_picture(size, ratio):
    for picture in (drawn.scene(size), Image.new("RGB", size, "white")):
        for box in (suggest(picture, ratio), framed(picture, ratio, fill=0.9)):
            left, top, right, bottom = box.pixels(*size)
            assert 0 <= left < right <= size[0]
            assert 0 <= top < bottom <= size[1]


@settings(deadline=None, max_examples=60)  # it looks at real pictures
@given(
    st.integers(200, 900), st.integers(200, 900), fractions, fractions, st.floats(0.1, 0.9), ratios
)
def test_it_never_cuts_a_product_where_the_frame_may_be_filled_up(w, h, x, y, part, ratio):
    wide, high = max(20, int(w * part)), max(20, int(h * part / 2))
    left, top = int((w - wide) * x), int((h - high) * y)
    picture = drawn.product((w, h), (left, top, left + wide, top + high))
    assume(scene_of(picture) is not None)  # it lies along so much of an edge that it hides it
    box = framed(picture, ratio, fill=0.9)
    slack = 1.01 / 512 * max(w, h) + 1
    found = box.pixels(w, h)
    assert found[0] <= left + slack
    assert found[1] <= top + slack
    assert found[2] >= left + wide - slack
    assert found[3] >= top + high - slack


def test_it_sees_no_product_in_dust_and_none_in_a_plain_ground():
    picture = Image.new("RGB", (600, 600), "white")
    assert scene_of(picture).product is None
    picture.putpixel((40, 50), (0, 0, 0))
    assert scene_of(picture).product is None
    assert scene_of(drawn.scene()) is None


def test_it_sees_no_product_where_the_ground_itself_changes_on_every_side():
    picture = Image.radial_gradient("L").resize((600, 600)).convert("RGB")
    scene = scene_of(picture)
    assert scene is None or scene.product is None
