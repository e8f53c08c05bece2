"""Readiness, judged from facts alone: each thing that can be wrong, and its twin in order."""

from dataclasses import replace
from decimal import Decimal

import pytest

from rivya_app.workflows import answer_words
from rivya_app.workflows.readiness import TOPICS, Facts, judge, worst

SOUND = Facts(
    key_state="active",
    scopes=frozenset({"credits:read", "generations:create", "generations:read", "files:read"}),
    model_id="z-image",
    model_takes=frozenset({"image"}),
    price=Decimal(5),
    balance=Decimal(100),
    low_mark=Decimal(50),
)
TALK = replace(SOUND, is_chat=True, scopes=frozenset({"chat:read", "files:read"}))

WRONG = [
    ("account", "stops", "no_key", {"key_state": ""}),
    ("account", "stops", "key_refused", {"key_state": "refused"}),
    ("account", "stops", "key_ended", {"key_state": "retired"}),
    ("account", "stops", "key_ended", {"key_state": "replaced"}),
    ("account", "stops", "key_expired", {"key_days_left": -1}),
    ("account", "warns", "key_ends_soon", {"key_days_left": 14}),
    ("account", "ok", "key_in_use", {"key_days_left": 15}),
    ("model", "warns", "cheapest", {"model_id": ""}),
    ("model", "stops", "no_model", {"model_id": "", "has_other_model": False}),
    ("model", "stops", "model_unknown", {"is_model_listed": False}),
    ("model", "stops", "model_unusable", {"model_problem": "gone"}),
    ("model", "stops", "model_unusable", {"model_problem": "not_permitted"}),
    ("model", "ok", "model_chosen", {"model_problem": "takes_no_files"}),
    ("reference", "stops", "model_takes_none", {"model_problem": "takes_no_files"}),
    ("reference", "stops", "model_needs_files", {"model_problem": "needs_files"}),
    ("reference", "warns", "lacks_files", {"scopes": SOUND.scopes - {"files:read"}}),
    (
        "reference",
        "stops",
        "lacks_files",
        {"scopes": SOUND.scopes - {"files:read"}, "reference": "required"},
    ),
    ("reference", "ok", "no_files", {"reference": "none", "scopes": frozenset()}),
    ("generation", "stops", "lacks_generations", {"scopes": frozenset({"generations:read"})}),
    ("generation", "warns", "paused", {"is_paused": True}),
    ("status", "stops", "lacks_status", {"scopes": frozenset({"generations:create"})}),
    ("completion", "warns", "no_endpoint", {"completion": "webhook"}),
    ("completion", "warns", "endpoint_unsound", {"completion": "webhook", "endpoint": "quiet"}),
    ("completion", "ok", "webhook", {"completion": "webhook", "endpoint": "healthy"}),
    ("credits", "stops", "limit_used_up", {"limit_left": Decimal(0)}),
    ("credits", "stops", "limit_too_small", {"limit_left": Decimal(4)}),
    ("credits", "ok", "credits", {"limit_left": Decimal(5)}),
    ("credits", "stops", "balance_too_small", {"balance": Decimal(4)}),
    ("credits", "warns", "balance_low", {"balance": Decimal(49)}),
    ("credits", "warns", "balance_unread", {"balance": None}),
    ("credits", "warns", "no_owner", {"has_owner": False}),
    ("credits", "warns", "owner_left", {"is_owner_here": False}),
]


def judged(facts):
    return {one.topic: one for one in judge(facts)}


def test_it_answers_all_eight_and_finds_a_sound_one_ready():
    assert tuple(one.topic for one in judge(SOUND)) == TOPICS
    assert worst(judge(SOUND)).level == "ok"
    assert worst(judge(TALK)).level == "ok"


@pytest.mark.parametrize(("topic", "level", "code", "change"), WRONG)
def test_it_names_what_is_wrong(topic, level, code, change):
    found = judged(replace(SOUND, **change))[topic]
    assert (found.level, found.code) == (level, code)
    assert bool(answer_words.wrong(code)) is (level != "ok")


def test_a_conversation_needs_other_permissions():
    without = replace(TALK, scopes=frozenset({"credits:read"}))
    assert judged(without)["chat"].code == "lacks_chat"
    assert judged(without)["generation"].level == "ok"


def test_the_gravest_comes_first():
    both = replace(SOUND, completion="webhook", key_state="refused")
    assert worst(judge(both)).code == "key_refused"
