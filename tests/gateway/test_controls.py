"""A model's own parameters as a form, and the form as Rivya's params."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import override

from rivya_app.gateway import param_words
from rivya_app.gateway.controls import ControlsForm
from rivya_app.rivya_api.types import Param


def param(key: str, **said: Any) -> Param:
    return Param.from_json({"key": key, **said})


RATIO = param("aspect_ratio", type="select", options=["1:1", "4:3"], default="1:1")
SEARCH = param("google_search", type="select", options=["false", "true"], default="false")
TRANSLATE = param("enableTranslation", type="select", options=["true", "false"], default="true")
SCALE = param("cfg_scale", type="number", min=0, max=1, step=0.1, default=0.5)
SEED = param("seed", type="number", min=0, max=2147483647)
LEAVE_OUT = param("negative_prompt", type="text")
ODD = param("voice-map", type="matrix", default="x")
ALL = (RATIO, SEARCH, TRANSLATE, SCALE, SEED, LEAVE_OUT, ODD)


def test_it_makes_one_prefixed_field_a_parameter_of_the_right_kind() -> None:
    form = ControlsForm(ALL)
    kinds = {name: field.control for name, field in form.fields.items()}  # type: ignore[attr-defined]
    assert kinds == {
        "param_aspect_ratio": "select",
        "param_google_search": "switch",
        "param_enableTranslation": "switch",
        "param_cfg_scale": "number",
        "param_seed": "number",
        "param_negative_prompt": "text",
        "param_voice-map": "text",
    }


def test_it_starts_from_the_models_own_defaults() -> None:
    assert ControlsForm(ALL).wire_params() == {
        "aspect_ratio": "1:1",
        "google_search": "false",
        "enableTranslation": "true",
        "cfg_scale": 0.5,
        "voice-map": "x",
    }


def test_it_sends_texts_for_selects_and_switches_and_numbers_for_numbers() -> None:
    data = QueryDict(
        "param_aspect_ratio=4:3&param_google_search=false&param_google_search=true"
        "&param_enableTranslation=false&param_cfg_scale=0.7&param_seed=42&param_negative_prompt="
        "&param_voice-map=y"
    )
    sent = ControlsForm(ALL, data).wire_params()
    assert sent == {
        "aspect_ratio": "4:3",
        "google_search": "true",
        "enableTranslation": "false",
        "cfg_scale": 0.7,
        "seed": 42,
        "voice-map": "y",
    }
    assert isinstance(sent["seed"], int)


def test_it_takes_a_control_that_was_not_on_the_page_for_untouched() -> None:
    assert (
        ControlsForm(ALL, QueryDict("product=mug")).wire_params() == ControlsForm(ALL).wire_params()
    )


def test_it_lets_an_optional_value_be_emptied() -> None:
    assert "cfg_scale" not in ControlsForm((SCALE,), QueryDict("param_cfg_scale=")).wire_params()


@pytest.mark.parametrize(
    "wrong",
    [
        "param_aspect_ratio=7:7",
        "param_cfg_scale=2",
        "param_cfg_scale=0.55",
        "param_cfg_scale=nan",
        "param_seed=many",
    ],
)
def test_it_refuses_what_the_model_would_refuse(wrong: str) -> None:
    form = ControlsForm(ALL, QueryDict(wrong))
    assert not form.is_valid()
    with pytest.raises(ValueError, match="not valid"):
        form.wire_params()


def test_it_asks_for_a_required_value_that_has_no_default() -> None:
    needed = (param("style", type="text", required=True),)
    assert "param_style" in ControlsForm(needed, QueryDict("param_style=")).errors
    assert ControlsForm(needed, QueryDict("param_style=ink")).wire_params() == {"style": "ink"}


def test_it_falls_back_from_a_choice_the_model_no_longer_has() -> None:
    form = ControlsForm((RATIO,), chosen={"aspect_ratio": "21:9"})
    assert form.wire_params() == {"aspect_ratio": "1:1"}


def test_it_keeps_what_was_chosen_before() -> None:
    form = ControlsForm(ALL, chosen={"aspect_ratio": "4:3", "google_search": "true", "seed": 9})
    assert form.wire_params()["aspect_ratio"] == "4:3"
    assert form.wire_params()["google_search"] == "true"
    assert form.wire_params()["seed"] == 9


def test_it_says_off_as_well_as_on() -> None:
    html = str(ControlsForm((SEARCH, TRANSLATE))["param_enableTranslation"])
    assert '<input type="hidden" name="param_enableTranslation" value="false">' in html
    assert "checked" in html
    assert "checked" not in str(ControlsForm((SEARCH,))["param_google_search"])


def test_it_escapes_what_rivya_sends() -> None:
    form = ControlsForm((param('x"><script>', type="select", options=["<b>"], description="<i>"),))
    assert "<script>" not in form.as_p()
    assert "<b>" not in form.as_p()
    assert "<i>" not in form.as_p()


def test_it_never_offers_references_as_a_text_field() -> None:
    assert not ControlsForm((param("referenceMediaItems", type="array"),)).fields


def test_it_names_known_parameters_and_reads_unknown_ones_aloud() -> None:
    with override("en"):
        assert param_words.label("aspectRatio") == "Shape"
        assert param_words.label("lightingMood") == "Lighting mood"
        assert param_words.option("2K") == "2K"


# --- Lines, texts, numbers, other models ----------------------------------------------------------

LINES = param("dialogue", type="text", required=True)
VOICES = param("default_voice", type="select", options=["Adam", "Lily"], default="Adam")
DIALOGUE = (VOICES, LINES)


def test_it_makes_rows_of_spoken_lines_and_shows_needed_controls_first() -> None:
    form = ControlsForm((VOICES, LEAVE_OUT, LINES))
    assert [field.name for field in form.needed] == ["param_dialogue"]
    html = str(form["param_dialogue"])
    assert html.count('name="param_dialogue:text"') == 2
    assert '<option value="Lily">' in html
    assert "<textarea" in str(form["param_negative_prompt"])


def test_it_gives_lines_without_a_voice_the_usual_one() -> None:
    data = QueryDict(
        "param_dialogue:voice=&param_dialogue:text=One&param_dialogue:voice=Adam"
        "&param_dialogue:text=Two&param_dialogue:voice=&param_dialogue:text=%20"
        "&param_default_voice=Lily"
    )
    assert ControlsForm(DIALOGUE, data).wire_params()["dialogue"] == [
        {"voice": "Lily", "text": "One"},
        {"voice": "Adam", "text": "Two"},
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        "param_dialogue:text=Hi&param_dialogue:voice=Nobody",
        "param_dialogue:text=&param_dialogue:voice=Adam",
        "&".join(["param_dialogue:text=x"] * 60),
        f"param_dialogue:text={'x' * 5001}",
        f"param_dialogue:text={'x' * 101}",
    ],
)
def test_it_refuses_lines_the_model_would_refuse(wrong: str) -> None:
    form = ControlsForm(DIALOGUE, QueryDict(wrong), text_limit=100)
    assert "param_dialogue" in form.errors


def test_it_keeps_lines_chosen_before() -> None:
    before = [{"voice": "Lily", "text": "Hello"}]
    form = ControlsForm(DIALOGUE, chosen={"dialogue": before})
    assert form.wire_params()["dialogue"] == before


def test_it_keeps_of_another_models_settings_what_this_one_takes() -> None:
    data = QueryDict("param_aspect_ratio=21:9&param_cfg_scale=0.7&param_seed=-4&param_other=1")
    form = ControlsForm(ALL, data, is_foreign=True)
    assert form["param_aspect_ratio"].value() == "1:1"
    assert form["param_cfg_scale"].value() == "0.7"
    assert form["param_seed"].value() == ""
    assert "21:9" not in ControlsForm(ALL, data, is_foreign=True).wire_params().values()
    assert not ControlsForm(ALL, data).is_valid()


@pytest.mark.parametrize("huge", ["1e999999", "9" * 5000, "-1e400", "inf"])
def test_it_refuses_a_number_no_machine_could_send(huge: str) -> None:
    free = (param("n", type="number", step=1),)
    assert "param_n" in ControlsForm(free, QueryDict(f"param_n={huge}")).errors


def test_it_ignores_bounds_that_contradict_each_other() -> None:
    odd = (param("n", type="number", min=9, max=1),)
    assert ControlsForm(odd, QueryDict("param_n=5")).wire_params() == {"n": 5}


def test_it_shows_so_many_controls_and_counts_the_rest() -> None:
    many = tuple(param(f"p{n}", type="text") for n in range(3000))
    form = ControlsForm((*many, param("last", type="text", required=True)))
    assert len(form.fields) == 60
    assert "param_last" in form.fields
    assert form.left_out_count == 2941


def test_it_prices_what_is_right_so_far() -> None:
    data = QueryDict("param_aspect_ratio=4:3&param_cfg_scale=9&param_seed=7")
    assert ControlsForm(ALL, data).wire_params_so_far() == {
        "aspect_ratio": "4:3",
        "google_search": "false",
        "enableTranslation": "true",
        "seed": 7,
        "voice-map": "x",
    }


def test_it_has_words_for_every_parameter_of_the_models_we_know() -> None:
    from rivya_app.simulator.catalogue import models

    real = (model for model in models().values() if model.id != "many-controls")
    for model in real:
        for known in model.params:
            assert param_words.snake(known.key) in param_words.LABELS, (model.id, known.key)


def test_it_names_voices_formats_and_versions_as_people_do() -> None:
    with override("en"):
        assert param_words.option("TX3LPaxmHKxFdv7VOQHJ") == "Liam"
        assert param_words.option("AbCdEfGhIjKlMnOpQrSt") == "Voice AbCd…QrSt"
        assert param_words.option("mp3_44100_128") == "MP3, 44.1 kHz, 128 kbit/s"
        assert param_words.option("V4_5PLUS") == "V4.5 Plus"
        assert param_words.shown("dialogue", [{"voice": "Adam", "text": "Hi"}]) == "Adam: Hi"
