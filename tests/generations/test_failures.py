"""Every refusal of Rivya, walked from the wire to the pages, in both languages."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from rivya_app.generations import failure_words
from rivya_app.simulator.refusals import CODES
from tests.generations.pages_read import card_of, open_text

HINDI = re.compile(r"[\u0900-\u097f]")
PROSE = "Prose of the provider 7f3a"
LOW = "insufficient_credits"
UNKNOWN = "brand_new_code"
CREATE = ["generations.create"]
CASES = {**{code: status for code, (status, _message) in CODES.items()}, UNKNOWN: 400}


def refuse(shop, code, status):
    shop.rivya.fault("error", on=CREATE, code=code, status=status, message=PROSE)


def refused_job(shop, seller, code):
    refuse(shop, code, CASES[code])
    brief = shop.submit(seller)
    shop.work()
    return brief, shop.job(brief)


def read_in(language, member):
    member.user.language = language
    member.user.save()


def addresses(brief, job):
    return [
        reverse("generations:show-job", args=[job.public_id]),
        reverse("briefs:show-brief", args=[brief.public_id]),
    ]


def said_by(job):
    """Title, what happened and what to change, as the words of this language have them."""
    code = "idempotency_conflict" if job.error_code == "idempotency_conflict" else job.error_code
    if job.is_open and job.is_uncertain and code != "idempotency_conflict":
        words = failure_words.words_for("uncertain")
    else:
        words = failure_words.words_of_job(code, is_open=job.is_open)
    return [str(words.title), str(words.happened), str(words.change)]


@pytest.mark.parametrize("code", CASES)
def test_it_explains_each_code_on_both_pages_in_both_languages(shop, seller, client_of, code):
    brief, job = refused_job(shop, seller, code)
    assert job.error_code == code
    browser, told = client_of(seller), {}
    for language in ("en", "hi"):
        read_in(language, seller)
        pages = [browser.get(address) for address in addresses(brief, job)]
        with override(language):
            told[language] = said_by(job)
        for page in pages:
            assert_explained(page, told[language], code)
            assert_no_machinery(page, job, CASES[code])
    if code != LOW:
        assert all(
            HINDI.search(hindi) and hindi != english
            for english, hindi in zip(told["en"], told["hi"], strict=True)
        )


def assert_explained(page, told, code):
    text = card_of(page).text if code != LOW else open_text(page)
    if code == LOW:  # it has a message of its own, with the balance and the need
        assert "500" in text
        return
    for sentence in told:
        assert sentence in text


def assert_no_machinery(page, job, status):
    text = open_text(page)
    assert PROSE not in page.content.decode()
    assert not re.search(rf"\b{status}\b", text)
    assert job.error_code not in text
    assert str(job.idempotency_key) not in text
    assert not job.task_id or job.task_id not in text


@pytest.mark.parametrize("code", CASES)
def test_its_buttons_lead_somewhere_for_everybody_who_sees_them(
    shop, seller, manager, owner, support, researcher, client_of, code
):
    brief, job = refused_job(shop, seller, code)
    for member in (seller, manager, owner, support, researcher):
        browser = client_of(member)
        for address in addresses(brief, job):
            for button in card_of(browser.get(address)).buttons:
                if button.url.startswith("/"):
                    answer = getattr(browser, button.method)(
                        button.url.split("#")[0], button.fields
                    )
                    assert answer.status_code in (200, 302), (button, member)
                else:
                    assert button.url.startswith("https://rivya.ai/")


def test_it_leads_to_rivyas_page_in_the_readers_language(shop, seller, client_of):
    brief, job = refused_job(shop, seller, "validation_failed")
    read_in("hi", seller)
    for address in addresses(brief, job):
        urls = [button.url for button in card_of(client_of(seller).get(address)).buttons]
        assert "https://rivya.ai/hi/docs/api-models" in urls


@pytest.mark.parametrize("code", ["api_key_revoked", "api_scope_denied", "webhook_url_rejected"])
def test_it_names_the_owner_to_everybody_else(shop, seller, owner, client_of, code):
    _brief, job = refused_job(shop, seller, code)
    address = reverse("generations:show-job", args=[job.public_id])
    assert "Vikram Owner can put this right." in card_of(client_of(seller).get(address)).text
    assert "Vikram Owner" not in card_of(client_of(owner).get(address)).text


def test_it_offers_the_keys_page_to_the_owner_alone(shop, seller, owner, client_of):
    _brief, job = refused_job(shop, seller, "api_key_expired")
    address = reverse("generations:show-job", args=[job.public_id])
    seen = {
        member: [button.url for button in card_of(client_of(member).get(address)).buttons]
        for member in (seller, owner)
    }
    assert reverse("gateway:keys") in seen[owner]
    assert reverse("gateway:keys") not in seen[seller]


@pytest.mark.parametrize(
    ("member", "offers"), [("seller", True), ("support", False), ("researcher", True)]
)
def test_it_offers_a_new_attempt_to_those_who_may_start_one(
    shop, seller, request, client_of, member, offers
):
    brief, job = refused_job(shop, seller, "validation_failed")
    browser = client_of(request.getfixturevalue(member))
    for address in addresses(brief, job):
        page = browser.get(address)
        assert ("Choose another model" in card_of(page).text) == offers
        assert ("Change and try again" in open_text(page)) == offers


# --- The task itself fails ----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["generation_failed", UNKNOWN, "rate_limited", "api_key_revoked"])
def test_it_never_tells_a_closed_job_that_it_goes_on(shop, seller, client_of, code):
    shop.rivya.fault("fail", code=code, message=PROSE)
    brief = shop.submit(seller)
    job = shop.finish(brief)
    assert (job.status, job.error_code) == ("failed", code)
    for language in ("en", "hi"):
        read_in(language, seller)
        for address in addresses(brief, job):
            page = client_of(seller).get(address)
            with override(language):
                told = said_by(job)
            assert all(sentence in card_of(page).text for sentence in told)
            assert PROSE not in page.content.decode()
    with override("en"):
        assert "Nothing to do" not in said_by(job)[2]


# --- Answers without a code ---------------------------------------------------------------------

BROKEN = {
    "a gateway's page": ("server_error", {"status": 502, "body": "html"}, "http_502"),
    "a gateway without words": ("server_error", {"status": 504, "body": "empty"}, "http_504"),
    "a page instead of an answer": ("malformed", {"kind": "html"}, "bad_answer"),
    "half an answer": ("malformed", {"kind": "truncated"}, "bad_answer"),
    "no answer at all": ("cut_before", {}, "no_answer"),
}


@pytest.mark.parametrize("trouble", BROKEN)
def test_it_explains_an_answer_that_is_none(shop, seller, client_of, trouble):
    fault, options, code = BROKEN[trouble]
    shop.rivya.fault(fault, on=CREATE, **options)
    brief = shop.submit(seller)
    shop.work()
    job = shop.job(brief)
    assert (job.status, job.error_code) == ("queued", code)
    for language in ("en", "hi"):
        read_in(language, seller)
        for address in addresses(brief, job):
            page = client_of(seller).get(address)
            with override(language):
                told = said_by(job)
            assert all(sentence in card_of(page).text for sentence in told)
            assert not re.search(r"\b50[24]\b", open_text(page))
