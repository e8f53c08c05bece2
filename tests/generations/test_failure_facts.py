"""What the cards say of money, what support is handed, and that no code is without words."""

import ast
import json
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override

from rivya_app import __version__
from rivya_app.briefs.models import Brief
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.generations import bodies
from rivya_app.generations.cost_facts import cost_fact
from rivya_app.generations.failure_words import WORDS, words_for, words_of_job
from rivya_app.generations.failures import card_for, in_short, refusal
from rivya_app.generations.models import Generation
from rivya_app.generations.support_bundle import MOST_CHARACTERS, bundle
from rivya_app.library import troubles
from tests.generations.pages_read import card_of
from tests.shop import typed
from tests.test_architecture import SOURCES

HINDI = re.compile(r"[\u0900-\u097f]")
OWN_CODES = {
    "prompt_too_long",
    "too_many_references",
    "reference_missing",
    "rate_budget",
    "budget_reached",
    "waiting_for_owner",
    "owner_said_no",
    "gate_expired",
    "paused",
    "references",
    "reference_refused",
    "reference_gone",
    "reference_unready",
    "upload_too_large",
    "upload_wrong_kind",
    "upload_broken_media",
    "upload_too_many_pixels",
    "upload_empty",
    "upload_too_many_unused",
    "upload_cut",
    "upload_no_space",
    "copy_no_space",
    "copy_link_expired",
    "overdue",
    "references_late",
    "body_changed",
    "other_task",
    "success_without_result",
    "no_key",
    "model_gone",
    "not_permitted",
    "uncertain",
    "no_answer",
    "bad_answer",
}
# Why something for the screen was not made, or a file not sent on: pages go on without it, or show
# the job's own code.
INSIDE = {
    "no_gain", "timed_out", "out_of_memory", "gone", "not_cleaned", "no_key", "file_damaged",
}  # fmt: skip


def job(**fields):
    values = {
        "status": "failed",
        "task_id": "task_1",
        "reserved_credits": Decimal(5),
        "final_credits": Decimal(0),
        "submit_count": 1,
    }
    return Generation(**{**values, **fields})


FACTS = {
    "No credits were taken.": {"task_id": "", "reserved_credits": None},
    "5 credits had been reserved. Rivya reports that none were taken in the end.": {},
    "Rivya took 5 credits. Credits of a failed job may be returned; Rivya decides that.": {
        "final_credits": Decimal(5)
    },
    "What it cost in the end is not known. Reserved credits may be returned.": {
        "final_credits": None
    },
    "Rivya refused the job when it was sent again. No charge for it is known.": {
        "task_id": "",
        "submit_count": 2,
    },
    "5 credits are reserved while the job runs.": {"status": "processing", "final_credits": None},
    "No credits were taken so far.": {"status": "queued", "task_id": ""},
    "Whether credits were taken is not known yet. A second charge is not possible.": {
        "status": "queued",
        "task_id": "",
        "is_uncertain": True,
    },
}


@pytest.mark.parametrize("fact", FACTS)
def test_it_says_of_credits_only_what_the_numbers_prove(fact):
    with override("en"):
        assert cost_fact(job(**FACTS[fact])) == fact


def test_it_takes_the_last_word_on_credits_even_where_nothing_had_been_reserved():
    kept = job(reserved_credits=Decimal(0), final_credits=Decimal(2))
    nothing = job(reserved_credits=Decimal(0), final_credits=Decimal(0))
    with override("en"):
        assert cost_fact(kept).startswith("Rivya took 2 credits.")
        assert cost_fact(nothing) == "No credits were taken."


@pytest.mark.parametrize(
    ("fault", "options", "fact"),
    [
        ("fail", {}, "1 credit had been reserved. Rivya reports that none were taken"),
        ("fail_kept", {}, "Rivya took 1 credit."),
        ("reject", {}, "No credits were taken."),
    ],
)
def test_it_shows_the_cost_as_rivya_reported_it(shop, seller, client_of, fault, options, fact):
    shop.rivya.fault(fault, times=1, **options)
    brief = shop.submit(seller)
    failed = shop.finish(brief)
    for address in (
        reverse("generations:show-job", args=[failed.public_id]),
        reverse("briefs:show-brief", args=[brief.public_id]),
    ):
        assert fact in card_of(client_of(seller).get(address)).text


# --- For support --------------------------------------------------------------------------------


def test_it_hands_support_what_identifies_the_job_and_nothing_that_is_secret(shop, seller):
    secret_shaped = "rvya_sk_abcdefgh12345678"
    shop.rivya.fault("fail", times=1)
    brief = shop.submit(seller, prompt=f"A blue mug, {secret_shaped}", product="Asha's own mug")
    failed = shop.finish(brief)
    text = bundle(failed)
    for fact in (
        str(failed.public_id), failed.task_id, failed.request_id, failed.model_id, __version__,
        "generation_failed", failed.body_sha256, "A blue mug", '{"aspect_ratio": "1:1"}',
    ):  # fmt: skip
        assert fact
        assert fact in text
    for hidden in (
        secret_shaped, shop.key.secret.reveal(), str(failed.idempotency_key), "Asha", "http",
        "team.example", str(brief.public_id),
    ):  # fmt: skip
        assert hidden not in text


def test_it_leaves_the_references_links_out(shop, seller):
    waiting = shop.job(shop.submit(seller))
    body = json.loads(waiting.body)
    link = "https://files.example/a?sig=1"
    body["params"]["referenceMediaItems"] = [{"url": link, "durationToken": "dt_1"}]
    waiting.body, _digest = bodies.freeze(body)
    text = bundle(waiting)
    assert "aspect_ratio" in text
    assert not [word for word in ("referenceMediaItems", "files.example", "dt_1") if word in text]


def test_it_keeps_a_bundle_short(shop, seller):
    waiting = shop.job(shop.submit(seller))
    waiting.body, _digest = bodies.freeze({"model": "z-image", "prompt": "x" * 20_000})
    assert len(bundle(waiting)) < 2 * MOST_CHARACTERS


# --- No code without words ----------------------------------------------------------------------


def test_it_has_words_for_every_refusal_of_ours():
    assert set(WORDS) >= OWN_CODES


@pytest.mark.parametrize("code", [*WORDS, "http_418", "http_502", "never_heard_of"])
def test_it_says_every_code_in_both_languages(code):
    for is_open in (True, False):
        words = words_of_job(code, is_open=is_open)
        for text in (words.title, words.happened, words.change):
            with override("en"):
                english = str(text)
            with override("hi"):
                hindi = str(text)
            assert english
            assert HINDI.search(hindi)
            assert hindi != english
            assert "_" not in english
        assert words.page.startswith("/")


def test_it_promises_no_return_of_credits():
    texts = [str(t) for w in WORDS.values() for t in (w.title, w.happened, w.change)]
    promises = re.compile(r"refund|will be returned|get .*credits back|money", re.I)
    assert [text for text in texts if promises.search(text)] == []


def named_codes(call_name, position):
    """Every code written as a text in a call of that name, with where it stands."""
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or len(node.args) <= position:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            called = called.id if isinstance(called, ast.Name) else called
            code = node.args[position]
            if called == call_name and isinstance(code, ast.Constant) and code.value:
                yield name, str(code.value)


def test_every_question_to_a_person_has_its_own_words():
    asked = [
        (name, code)
        for name, code in named_codes("ask", 1)
        if name.startswith("generations/") and code not in WORDS
    ]
    assert asked == []


def test_every_trouble_with_a_file_has_its_own_words():
    raised = {code for name, code in named_codes("Trouble", 0) if name.startswith("library/")}
    assert raised - INSIDE == raised & {*troubles.COPIES, *troubles.UPLOADS}


def test_it_names_the_files_too_where_any_of_several_things_may_have_been_refused():
    refused = job(error_code="validation_failed", task_id="", api_key=ApiKey(), body="{}")
    with override("en"):
        alone = card_for(refused)
        refused.reference_count = 1
        with_files = card_for(refused)
    assert "reference file" not in alone.happened
    assert "reference file" in with_files.happened


# --- At the door --------------------------------------------------------------------------------


def test_it_uses_the_same_words_at_the_door(db, seller, owner):
    with override("en"):
        for_seller, for_owner = refusal("no_key", seller), refusal("no_key", owner)
        assert for_seller.title == words_for("no_key").title
        assert for_seller.cost == "Nothing was sent to Rivya. No credits were taken."
        assert for_seller.who == "Vikram Owner can put this right."
        assert (for_seller.steps, for_owner.who) == ([], "")
        assert [step.url for step in for_owner.steps] == [reverse("gateway:keys")]
        assert in_short("no_key") == f"{for_seller.title}. {for_seller.change}"


def test_it_shows_the_card_of_a_refusal_on_the_form_and_keeps_what_was_typed(
    shop, seller, client_of
):
    Workflow.objects.update(api_key=None)
    page = client_of(seller).post(reverse("briefs:new"), typed())
    assert page.status_code == 422
    card = card_of(page)
    assert "No key is set up yet" in card.text
    assert "Vikram Owner can put this right." in card.text
    assert "No credits were taken." in card.text
    assert "Hand-thrown blue mug" in page.content.decode()
    assert not Brief.objects.exists()
