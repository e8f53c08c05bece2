"""Submitting a brief through the form."""

from uuid import uuid4

import pytest

from rivya_app.briefs.models import Brief
from rivya_app.credits.models import CreditAccount
from rivya_app.generations.models import Generation
from tests.shop import typed

NEW = "/briefs/new/"


def test_it_makes_a_brief_with_its_jobs(shop, seller, client_of):
    answer = client_of(seller).post(NEW, typed(draft_count="3"))
    brief = Brief.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/briefs/{brief.public_id}/"
    assert brief.created_by == seller
    assert Generation.objects.count() == 3


def test_it_makes_one_brief_of_one_form_however_often_it_is_sent(shop, seller, client_of):
    form = typed(draft_count="2")
    browser = client_of(seller)
    places = {browser.post(NEW, form).headers["Location"] for _press in range(3)}
    assert len(places) == 1
    assert Brief.objects.count() == 1
    assert Generation.objects.count() == 2


def test_it_writes_the_text_for_the_model_where_none_was_typed(shop, seller, client_of):
    client_of(seller).post(NEW, typed(prompt=""))
    assert "Hand-thrown blue mug" in Brief.objects.get().prompt


def test_it_keeps_the_settings_exactly_as_rivya_names_them(shop, seller, client_of):
    client_of(seller).post(NEW, typed(param_aspect_ratio="3:4"))
    assert Brief.objects.get().params == {"aspect_ratio": "3:4"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", ""),
        ("points", ""),
        ("channel", "moon"),
        ("draft_count", "9"),
        ("prompt", "long " * 300),
        ("param_aspect_ratio", "7:7"),
    ],
)
def test_it_names_the_wrong_field_and_keeps_what_was_typed(shop, seller, client_of, field, value):
    answer = client_of(seller).post(NEW, typed(**{field: value}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Brief.objects.exists()
    assert 'aria-invalid="true"' in page
    assert "Hand-thrown blue mug" in page or field == "product"
    assert "tea drinkers" in page


def test_it_says_that_a_model_is_not_on_the_list_and_keeps_the_rest(shop, seller, client_of):
    answer = client_of(seller).post(NEW, typed(model_id="no-such-model"))
    assert answer.status_code == 422
    assert "Choose another" in answer.content.decode()
    assert "tea drinkers" in answer.content.decode()
    assert not Brief.objects.exists()


def test_it_says_why_a_model_cannot_be_chosen(shop, seller, client_of):
    from rivya_app.gateway.models import CatalogueModel

    closed = CatalogueModel.objects.exclude(api_status="available").first()
    answer = client_of(seller).post(NEW, typed(model_id=closed.model_id))
    assert answer.status_code == 422
    assert not Brief.objects.exists()


def test_it_says_that_a_key_is_missing_and_keeps_the_form(shop, seller, client_of):
    shop.workspace.workflows.update(api_key=None)
    answer = client_of(seller).post(NEW, typed())
    assert answer.status_code == 422
    assert "No key is set up yet" in answer.content.decode()
    assert "Hand-thrown blue mug" in answer.content.decode()
    assert not Brief.objects.exists()


def test_it_shows_price_and_balance_after_before_the_press(shop, seller, client_of):
    page = client_of(seller).get(NEW).content.decode()
    assert "500" in page
    assert "z-image" in page.lower()


@pytest.mark.parametrize("part", ["controls", "prompt", "price"])
def test_it_answers_a_part_of_the_form_without_judging_it(shop, seller, client_of, part):
    form = typed(product="", model_id="nano-banana")
    answer = client_of(seller).post(f"/briefs/new/{part}/", form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' not in answer.content.decode()


def test_it_keeps_a_brief_that_waits_for_credits_and_resumes_it(shop, seller, owner, client_of):
    shop.rivya.set_credits(1)
    from rivya_app.credits import wallet

    wallet.read(shop.workspace, cause="test")
    browser = client_of(seller)
    place = browser.post(NEW, typed(draft_count="2")).headers["Location"]
    page = browser.get(place).content.decode()
    assert "Vikram Owner" in page
    assert Generation.objects.count() == 0
    shop.rivya.set_credits(100)
    browser.post(f"{place}resume/")
    browser.post(f"{place}resume/")
    assert Generation.objects.count() == 2
    assert Brief.objects.count() == 1


def test_it_resumes_only_what_rivya_refused_for_credits(shop, seller, client_of):
    shop.rivya.fault("no_credits", times=1)
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    browser = client_of(seller)
    for _press in range(2):
        browser.post(f"/briefs/{brief.public_id}/resume/")
    shop.finish(brief)
    assert Generation.objects.count() == 3
    assert Generation.objects.filter(status="succeeded").count() == 2


def test_it_makes_one_new_attempt_of_two_presses(shop, seller, client_of):
    shop.rivya.fault("fail", times=1)
    brief = shop.submit(seller)
    first = shop.finish(brief)
    browser = client_of(seller)
    for _press in range(2):
        browser.post(f"/briefs/{brief.public_id}/drafts/1/attempts/", {"attempt": "2"})
    second = shop.finish(brief)
    assert Generation.objects.count() == 2
    assert second.parent == first
    assert second.idempotency_key != first.idempotency_key


def test_it_keeps_a_new_attempt_that_waits_for_credits_and_resumes_it(shop, seller, client_of):
    from rivya_app.credits import wallet

    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")
    browser, place = client_of(seller), f"/briefs/{brief.public_id}/"
    browser.post(f"{place}drafts/2/attempts/", {"attempt": "2"})
    assert Generation.objects.count() == 2
    assert browser.get(place).context["low_credits"].again is not None
    shop.rivya.set_credits(50)
    for _press in range(2):
        browser.post(f"{place}resume/")
    assert Generation.objects.filter(draft__position=2).count() == 2
    assert Generation.objects.filter(draft__position=1).count() == 1
    assert browser.get(place).context["low_credits"] is None


def test_it_names_the_whole_need_of_several_drafts(shop, seller):
    brief = shop.submit(seller, draft_count=4, model_id="google-imagen4")
    shop.rivya.set_credits(20)
    shop.finish(brief)
    CreditAccount.objects.update(available=20)
    kept = shop.submit(seller, draft_count=4, model_id="google-imagen4")
    assert (kept.needed_credits, kept.balance_seen) == (32, 20)
    assert not kept.drafts.exists()


def test_it_refuses_a_new_attempt_while_one_is_open(shop, seller, client_of):
    brief = shop.submit(seller)
    answer = client_of(seller).post(
        f"/briefs/{brief.public_id}/drafts/1/attempts/", {"attempt": "2"}
    )
    assert answer.status_code == 403
    assert Generation.objects.count() == 1


def test_it_lets_only_those_submit_who_may(shop, support, client_of):
    answer = client_of(support).post(NEW, typed())
    assert answer.status_code == 403
    assert not Brief.objects.exists()


def test_it_finds_no_brief_of_another_workspace(shop, seller, stranger, client_of):
    brief = shop.submit(seller)
    browser = client_of(stranger)
    assert browser.get(f"/briefs/{brief.public_id}/").status_code == 404
    assert browser.post(f"/briefs/{brief.public_id}/resume/").status_code == 404


def test_it_accepts_the_same_token_in_two_workspaces(shop, seller, stranger):
    token = uuid4()
    shop.submit(seller, form_token=token)
    assert Brief.objects.filter(form_token=token).count() == 1
