"""The shapes that leave: complete, sound in their numbers, one usual set for each channel."""

import pytest
from django.utils.translation import override

from rivya_app.briefs.models import Brief
from rivya_app.gateway import kinds
from rivya_app.handoff.models import PackedFile
from rivya_app.handoff.presets import IMAGE, ORIGINAL, PRESETS, fits, usual_for

CUTS = [preset for preset in PRESETS.values() if not preset.is_original]


def test_it_knows_the_shapes_the_channels_ask_for():
    assert {code: preset.size for code, preset in PRESETS.items()} == {
        "original": None,
        "square": (1080, 1080),
        "portrait": (1080, 1350),
        "story": (1080, 1920),
        "landscape": (1920, 1080),
        "marketplace": (2000, 2000),
    }
    assert all(code == preset.code for code, preset in PRESETS.items())


@pytest.mark.parametrize("preset", CUTS, ids=lambda preset: preset.code)
def test_it_cuts_to_the_ratio_it_names(preset):
    across, down = preset.ratio
    assert preset.width * down == preset.height * across
    assert preset.least_side <= min(preset.size)
    assert preset.format == "jpeg"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.code)
def test_it_asks_for_no_less_than_it_bears(preset):
    for rule in filter(None, (preset.white_edge, preset.white_ground, preset.fill)):
        assert 0 < rule.bearable <= rule.asked <= 1
    assert (preset.fill is None) == (preset.fill_aimed is None)
    if preset.fill:
        assert preset.fill.asked < preset.fill_aimed < 1
    assert len(preset.code) <= PackedFile._meta.get_field("preset").max_length


@pytest.mark.parametrize("channel", Brief.Channel.values)
def test_it_has_a_usual_set_for_every_channel_with_the_original_in_it(channel):
    codes = usual_for(channel)
    assert codes[0] == ORIGINAL
    assert len(codes) > 1
    assert set(codes) <= set(PRESETS)


def test_it_sends_the_original_alone_to_a_channel_it_does_not_know():
    assert usual_for("billboard") == (ORIGINAL,)


def test_it_lets_films_and_sounds_leave_as_they_are_only():
    assert IMAGE == kinds.IMAGE
    for preset in PRESETS.values():
        assert fits(preset, "image")
        assert fits(preset, "video") == fits(preset, "audio") == preset.is_original


def test_it_is_named_in_both_languages():
    for preset in PRESETS.values():
        with override("en"):
            english = str(preset.words)
        with override("hi"):
            assert str(preset.words) != english
