"""What is measured on a finished file, and how it is said."""

import json

import pytest
from django.utils.translation import override
from PIL import Image

from rivya_app.handoff import check_words, text_hints
from rivya_app.handoff.boxes import Box
from rivya_app.handoff.checks import Finding, check, origin_tag
from rivya_app.handoff.presets import PRESETS, Preset
from tests.handoff import drawn

MARKETPLACE, SQUARE, ORIGINAL = (
    PRESETS["marketplace"],
    PRESETS["square"],
    PRESETS["original"],
)
WELL = (60, 60, 940, 940)  # 88 % of a frame of 1000


def found(
    picture: Image.Image,
    preset: Preset = MARKETPLACE,
    size_bytes: int = 1000,
    mime_type: str = "image/jpeg",
    source_size: tuple[int, int] | None = None,
) -> dict[str, Finding]:
    findings = check(picture, preset, size_bytes, mime_type=mime_type, source_size=source_size)
    return {finding.code: finding for finding in findings}


def listing(outline=WELL, **options) -> Image.Image:
    return drawn.product((1000, 1000), outline, **options)


def test_it_passes_a_listing_as_the_shops_want_it():
    results = {code: finding.result for code, finding in found(listing()).items()}
    assert set(results.values()) == {"pass"}
    assert set(results) == {
        "format",
        "file_size",
        "sides",
        "upscaled",
        "white_edge",
        "white_ground",
        "product_fill",
        "text_areas",
    }


def test_it_asks_other_channels_for_no_white_and_originals_for_nothing_but_a_look():
    assert set(found(listing(), SQUARE)) == {
        "format",
        "file_size",
        "sides",
        "upscaled",
        "text_areas",
    }
    assert set(found(listing(), ORIGINAL)) == {"text_areas"}


@pytest.mark.parametrize("ground", [(255, 255, 255), (253, 254, 253)])
def test_it_takes_for_white_what_a_jpeg_makes_of_it(ground):
    findings = found(listing(ground=ground))
    assert findings["white_edge"].result == findings["white_ground"].result == "pass"


@pytest.mark.parametrize("ground", [(252, 252, 252), (255, 250, 244), (230, 230, 230), (9, 9, 9)])
def test_it_fails_a_ground_that_is_nearly_white(ground):
    findings = found(listing(ground=ground))
    assert (findings["white_edge"].result, findings["white_edge"].value) == ("fail", 0)
    assert (findings["white_ground"].result, findings["white_ground"].value) == ("fail", 0)


def test_it_fails_a_product_that_is_cut_off_at_the_edge():
    findings = found(listing((0, 100, 900, 900)))
    assert findings["white_edge"].result == "fail"
    assert findings["white_ground"].result == "pass"


def test_it_fails_a_tint_beside_the_product_that_the_edge_does_not_show():
    picture = listing((300, 60, 500, 940))
    picture.paste((246, 246, 246), (510, 100, 900, 900))
    findings = found(picture)
    assert findings["white_edge"].result == "pass"
    assert findings["white_ground"].result == "fail"
    tint, outside = 390 * 800, 1_000_000 - 200 * 880
    assert findings["white_ground"].value == pytest.approx(1 - tint / outside, abs=0.02)


def test_it_does_not_mind_white_inside_a_product_nor_grey_in_a_white_one():
    cup = listing(colour=(190, 190, 194))  # its shaded rim
    cup.paste((245, 245, 246), (90, 90, 910, 910))
    assert found(cup)["white_ground"].result == "pass"
    ring = listing()
    ring.paste("white", (200, 200, 800, 800))
    assert found(ring)["product_fill"].value == pytest.approx(0.88, abs=0.005)


@pytest.mark.parametrize(
    ("outline", "share", "result"),
    [
        ((60, 60, 940, 940), 0.88, "pass"),
        ((400, 60, 600, 940), 0.88, "pass"),  # a bottle
        ((70, 400, 930, 500), 0.86, "pass"),
        ((100, 100, 930, 600), 0.83, "warn"),
        ((100, 100, 890, 890), 0.79, "fail"),
        ((400, 400, 600, 600), 0.20, "fail"),
    ],
)
def test_it_measures_the_longer_side_of_the_product(outline, share, result):
    finding = found(listing(outline))["product_fill"]
    assert finding.value == pytest.approx(share, abs=0.005)
    assert (finding.result, finding.limit) == (result, 0.85)
    [area] = finding.areas
    for side, wanted in zip(area.pixels(1000, 1000), outline, strict=True):
        assert abs(side - wanted) <= 3


def test_it_asks_for_a_look_where_no_product_can_be_told_from_its_ground():
    finding = found(drawn.scene((1000, 1000)))["product_fill"]
    assert (finding.result, finding.value, finding.areas) == ("warn", None, ())


def test_it_does_not_pass_a_white_ground_that_nobody_sees():
    """All is product to the outline: what can be measured is the whole."""
    assert found(Image.new("RGB", (800, 800), drawn.RED))["white_ground"].result == "fail"
    busy = drawn.scene((800, 800))
    assert found(busy)["white_ground"].result == "fail"


@pytest.mark.parametrize(
    ("source_size", "sides", "real", "upscaled", "factor"),
    [
        (None, "pass", 2000, "pass", 1.0),
        ((4000, 4000), "pass", 2000, "pass", 0.5),
        ((1000, 1000), "pass", 1000, "warn", 2.0),
        ((999, 1000), "fail", 999, "warn", 2.0),
        ((640, 640), "fail", 640, "warn", 3.12),
        ((1990, 1990), "pass", 1990, "pass", 1.01),
    ],
)
def test_it_counts_real_pixels_and_not_enlarged_ones(source_size, sides, real, upscaled, factor):
    findings = found(Image.new("RGB", (2000, 2000)), source_size=source_size)
    assert (findings["sides"].result, findings["sides"].value) == (sides, real)
    assert findings["upscaled"].result == upscaled
    assert findings["upscaled"].value == pytest.approx(factor, abs=0.01)


def test_it_takes_files_up_to_the_limit_and_not_a_byte_more():
    picture = Image.new("RGB", (100, 100))
    assert found(picture, size_bytes=10_000_000)["file_size"].result == "pass"
    assert found(picture, size_bytes=10_000_001)["file_size"].result == "fail"


def test_it_refuses_another_format_than_the_channel_takes():
    finding = found(listing(), mime_type="image/png")["format"]
    assert (finding.result, finding.value, finding.limit) == ("fail", "image/png", "image/jpeg")


# --- Something like text ------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["नई दिवाली छूट", "New in: 50 % off"])
@pytest.mark.parametrize("pixels", [20, 32, 48, 72])
def test_it_points_at_words_of_either_script(words, pixels):
    picture, place = drawn.written(words, pixels)
    finding = found(picture, SQUARE)["text_areas"]
    assert finding.result == "warn"
    assert finding.value == len(finding.areas) > 0
    for area in finding.areas:
        left, top, right, bottom = area.pixels(*picture.size)
        assert left >= place[0] - 60
        assert right <= place[2] + 60
        assert top >= place[1] - 60
        assert bottom <= place[3] + 60


@pytest.mark.parametrize(
    "picture",
    [
        listing(),
        drawn.scene(),
        Image.effect_noise((900, 900), 30).convert("RGB"),
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (2000, 10)),
    ],
    ids=["product", "scene", "grain", "pixel", "strip"],
)
def test_it_leaves_what_has_no_words_alone(picture):
    assert text_hints.areas_of(picture) == []


def test_it_points_at_a_few_places_at_most_and_never_fails_for_them():
    picture = Image.new("RGB", (900, 900), "white")
    for row in range(20, 880, 60):
        line, _place = drawn.written("बिक्री sale बिक्री", 24, at=(10, 4), size=(300, 40))
        picture.paste(line, (40, row))
        picture.paste(line, (500, row))
    finding = found(picture)["text_areas"]
    assert finding.result == "warn"
    assert 1 <= finding.value <= text_hints.MOST_AREAS


# --- As a row keeps it, and as it is said -------------------------------------------------------


def everything() -> list[Finding]:
    """Each rule passed, warned of and failed, wherever it can be."""
    text, _place = drawn.written("नई दिवाली छूट", 40)
    busy, small = drawn.scene((1000, 1000)), listing((400, 400, 600, 600), ground=(240, 240, 240))
    return [
        *found(listing()).values(),
        *found(small, size_bytes=99_000_000, mime_type="image/webp").values(),
        *found(busy, source_size=(300, 300)).values(),
        *found(listing((100, 100, 930, 600))).values(),
        *found(text).values(),
        origin_tag(is_tagged=True, mime_type="image/jpeg"),
        origin_tag(is_tagged=False, mime_type="image/avif"),
    ]


def test_it_comes_back_from_a_row_as_it_went():
    for finding in everything():
        assert Finding.of(json.loads(json.dumps(finding.as_data()))) == finding
    assert Finding("sides", "pass", 1, 1, (Box(0, 0, 1, 1),)).as_data()["areas"] == [[0, 0, 1, 1]]


def test_it_has_words_for_every_finding_in_both_languages():
    findings = everything()
    assert {finding.code for finding in findings} == set(check_words._WORDS)
    for finding in findings:
        with override("en"):
            english = check_words.words_of(finding)
        with override("hi"):
            hindi = check_words.words_of(finding)
        assert english.title != hindi.title
        assert english.rule != hindi.rule
        assert english.result != hindi.result
        assert bool(english.change) == bool(hindi.change) == (finding.result != "pass")
        assert "%(" not in english.rule + hindi.rule


@pytest.mark.parametrize(
    ("finding", "rule"),
    [
        (
            Finding("white_ground", "fail", 0.7149, 0.98),
            "The ground must be at least 98 % white; here 71 %.",
        ),
        (
            Finding("white_edge", "fail", 0.9799, 0.98),
            "The outermost edge must be at least 98 % white; here 97 %.",
        ),
        (
            Finding("sides", "fail", 640, 1000),
            "Each side must come from at least 1,000 pixels of the approved picture; here 640.",
        ),
        (
            Finding("file_size", "fail", 12_345_678, 10_000_000),
            "The file may have at most 10 MB; here 12 MB.",
        ),
        (
            Finding("upscaled", "warn", 3.12, 1),
            "The picture must not be enlarged; here every side is 3.12 times as long.",
        ),
        (
            Finding("format", "fail", "image/webp", "image/jpeg"),
            "The file must be JPEG; here it is WebP.",
        ),
        (Finding("text_areas", "warn", 1, 0), "1 place in the picture looks like text."),
        (
            Finding("origin_tag", "warn", "image/avif", None),
            "This file is AVIF, which cannot carry the mark that a model made it.",
        ),
    ],
)
def test_it_says_the_rule_with_its_number(finding, rule):
    with override("en"):
        assert check_words.words_of(finding).rule == rule


def test_it_never_rounds_a_miss_up_to_its_limit():
    nearly = Finding("white_ground", "fail", 0.97999, 0.98)
    with override("en"):
        assert "here 97 %" in check_words.words_of(nearly).rule
