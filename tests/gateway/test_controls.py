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
