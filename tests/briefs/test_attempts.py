"""New attempts: the same again or with changes, priced, once, and shown as what changed."""

import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rivya_app.briefs import actions, recipes
from rivya_app.briefs.models import Brief
from rivya_app.credits import ledger, wallet
from rivya_app.generations.models import Generation
from rivya_app.library import actions as library
from rivya_app.library import uses
from tests.library.conftest import picture
from tests.test_races import at_once

PROMPT = "A blue mug on a wooden table"


def place(brief, position=1):
    return f"/briefs/{brief.public_id}/drafts/{position}/attempts/"


def changed(**fields):
    """A changed attempt as a browser would post it."""
    values = {
        "attempt": "2",
        "model_id": "z-image",
        "controls_of": "z-image",
        "prompt": "A green mug on a wooden table",
        "param_aspect_ratio": "3:4",
    }
    return {**values, **fields}


@pytest.fixture
def done(shop, seller):
    """A brief whose one draft is made."""
    shop.rivya.fault("instant")
    brief = shop.submit(seller)
    shop.finish(brief)
    return brief


@pytest.fixture
def browser(seller, client_of):
    return client_of(seller)


def broke(shop):
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")


def topped_up(shop):
    shop.rivya.set_credits(100)


def test_the_form_starts_from_the_drafts_own_text_model_and_settings(done, browser):
    page = browser.get(place(done)).content.decode()
    assert PROMPT in page
    assert 'value="z-image" checked' in page
    assert '<option value="1:1" selected' in page
    assert 'name="attempt" value="2"' in page
    assert "1 credit" in page


def test_it_starts_a_changed_attempt_as_a_new_job_with_its_parent(shop, done, browser):
    first = shop.job(done)
    answer = browser.post(place(done), changed())
    second = shop.job(done)
    assert answer.headers["Location"] == f"/briefs/{done.public_id}/"
    assert (second.parent, Generation.objects.count()) == (first, 2)
    assert second.idempotency_key != first.idempotency_key
    made = recipes.of_job(second)
    assert (made.prompt, made.params) == ("A green mug on a wooden table", {"aspect_ratio": "3:4"})
    assert recipes.of_job(first).prompt == PROMPT


def test_the_next_form_and_the_same_again_start_from_the_changed_attempt(shop, done, browser):
    browser.post(place(done), changed())
    shop.finish(done)
    assert "A green mug" in browser.get(place(done)).content.decode()
    assert PROMPT in browser.get(place(done), {"like": "1"}).content.decode()
    browser.post(place(done), {"attempt": "3"})
    assert recipes.of_job(shop.job(done)).prompt == "A green mug on a wooden table"


def test_it_makes_one_attempt_of_two_presses_and_says_what_was_not_taken(done, browser):
    browser.post(place(done), changed())
    browser.post(place(done), changed())
    assert Generation.objects.count() == 2
    page = browser.get(f"/briefs/{done.public_id}/").content.decode()
    assert "in another window" not in page
    browser.post(place(done), changed(prompt="A red mug"))
    assert Generation.objects.count() == 2
    assert "in another window" in browser.get(f"/briefs/{done.public_id}/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", ""),
        ("prompt", "long " * 300),
        ("param_aspect_ratio", "7:7"),
        ("model_id", "no-such-model"),
        ("references", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_it_names_what_is_wrong_and_keeps_what_was_typed(shop, done, browser, field, value):
    answer = browser.post(place(done), changed(**{field: value}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Please look at this again" in page
    assert "A green mug" in page or field == "prompt"
    assert Generation.objects.count() == 1


def test_it_shows_other_settings_without_judging_or_starting(done, browser):
    form = changed(model_id="nano-banana", refresh="1", prompt="")
    answer = browser.post(place(done), form)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' not in answer.content.decode()
    for part in ("controls", "price"):
        assert browser.post(f"{place(done)}{part}/", form).status_code == 200
    assert Generation.objects.count() == 1


def test_it_refuses_a_changed_attempt_while_one_is_open(shop, seller, browser):
    brief = shop.submit(seller)
    assert browser.get(place(brief)).status_code == 302
    assert browser.post(place(brief), changed()).status_code == 403
    assert Generation.objects.count() == 1


def test_it_keeps_a_refused_attempt_with_its_changes_and_resumes_it(shop, done, browser):
    broke(shop)
    browser.post(place(done), changed())
    kept = Brief.objects.get()
    assert (kept.state, kept.waiting_positions) == (Brief.State.NEEDS_CREDITS, [1])
    assert kept.waiting_changes["1"]["prompt"] == "A green mug on a wooden table"
    assert Generation.objects.count() == 1
    topped_up(shop)
    for _press in range(2):
        browser.post(f"/briefs/{done.public_id}/resume/")
    assert Generation.objects.count() == 2
    assert recipes.of_job(shop.job(done)).prompt == "A green mug on a wooden table"
    kept.refresh_from_db()
    assert (kept.waiting_changes, kept.waiting_positions) == ({}, [])


def test_one_drafts_start_does_not_forget_another_that_waits(shop, seller, browser):
    shop.rivya.fault("instant")
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    broke(shop)
    browser.post(place(brief, 2), changed())
    topped_up(shop)
    wallet.read(shop.workspace, cause="test")
    browser.post(place(brief, 1), {"attempt": "2"})
    brief.refresh_from_db()
    assert (brief.state, brief.waiting_positions) == (Brief.State.NEEDS_CREDITS, [2])
    browser.post(f"/briefs/{brief.public_id}/resume/")
    assert Generation.objects.filter(draft__position=2).count() == 2


def test_the_brief_offers_both_at_todays_price(shop, done, browser):
    page = browser.get(f"/briefs/{done.public_id}/").content.decode()
    assert "Same again, 1 credit" in page
    assert "Change and try again" in page
    from rivya_app.gateway.models import CatalogueModel

    CatalogueModel.objects.filter(model_id="z-image").update(base_credits=Decimal(7))
    page = browser.get(f"/briefs/{done.public_id}/").content.decode()
    assert "Same again, 7 credits" in page


def test_a_model_that_went_away_leaves_only_the_changed_attempt(shop, done, browser):
    from rivya_app.gateway.models import CatalogueModel

    CatalogueModel.objects.filter(model_id="z-image").update(api_status="studio_only")
    page = browser.get(f"/briefs/{done.public_id}/").content.decode()
    assert "Same again" not in page
    form = browser.get(place(done)).content.decode()
    assert "cannot be used" in form
    assert "is the nearest" in form
    answer = browser.post(place(done), {"attempt": "2"})
    assert answer.headers["Location"] == place(done)
    assert Generation.objects.count() == 1


def test_the_job_page_shows_what_changed_and_both_directions(shop, done, browser):
    first = shop.job(done)
    browser.post(place(done), changed())
    second = shop.finish(done)
    page = browser.get(f"/jobs/{second.public_id}/").content.decode()
    assert "<ins>" in page
    assert "green" in page.split("<ins>")[1].split("</ins>")[0]
    assert "blue" in page.split("<del>")[1].split("</del>")[0]
    assert "[added:]" in page
    assert "1:1" in page
    assert "3:4" in page
    assert "Earlier attempts" in page
    assert f"/jobs/{first.public_id}/" in page
    before = browser.get(f"/jobs/{first.public_id}/").content.decode()
    assert "Tried again after it" in before
    assert "What changed" not in before


def test_the_job_page_leads_to_the_form_that_starts_from_it(shop, done, browser):
    job = shop.job(done)
    assert "Change and try again" in browser.get(f"/jobs/{job.public_id}/").content.decode()
    answer = browser.get(f"/briefs/of-job/{job.public_id}/again/")
    assert answer.headers["Location"] == f"{place(done)}?like=1"


def test_support_sees_the_drafts_but_no_buttons(done, support, client_of):
    page = client_of(support).get(f"/briefs/{done.public_id}/").content.decode()
    assert "Same again" not in page
    assert "Change and try again" not in page


def test_the_brief_asks_the_database_as_often_for_four_drafts_as_for_two(shop, seller, browser):
    shop.rivya.fault("instant")

    def queries(count):
        brief = shop.submit(seller, draft_count=count)
        shop.finish(brief)
        address = f"/briefs/{brief.public_id}/"
        browser.get(address)
        with CaptureQueriesContext(connection) as seen:
            browser.get(address)
        return len(seen)

    assert queries(4) == queries(2) <= 31


def test_it_starts_drafts_of_the_briefs_own_kind(shop, seller, browser):
    brief = shop.submit(seller, media_kind="video", model_id="kling-2-6", params={}, draft_count=2)
    assert set(Generation.objects.values_list("media_kind", flat=True)) == {"video"}
    page = browser.get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Video 2" in page
    assert "Draft 2" not in page


def test_two_tabs_at_once_make_one_attempt(shop, seller, done):
    from concurrent.futures import ThreadPoolExecutor

    def press(_tab):
        try:
            return actions.new_attempt(
                member=seller, public_id=done.public_id, position=1, attempt=2
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as tabs:
        made = {draft.pk for draft in tabs.map(press, range(4))}
    assert len(made) == 1
    assert Generation.objects.count() == 2


@pytest.fixture
def files(shop, seller):
    from tests.library.files import put

    return [put(seller, 64, name="front.png"), put(seller, 72, name="back.png")]


def with_files(*chosen, **fields):
    values = {"model_id": "nano-banana-2", "controls_of": "nano-banana-2", **fields}
    return changed(references=[str(file.public_id) for file in chosen], **values)


def test_an_attempt_takes_other_reference_files_and_shows_which(shop, seller, browser, files):
    shop.rivya.fault("instant")
    front, back = files
    brief = shop.submit(
        seller, model_id="nano-banana-2", params={}, references=(front,), prompt="A mug"
    )
    shop.finish(brief)
    assert str(front.public_id) in browser.get(place(brief)).content.decode()
    browser.post(place(brief), with_files(back))
    second = shop.finish(brief)
    assert recipes.of_job(second).references == (back,)
    page = browser.get(f"/jobs/{second.public_id}/").content.decode()
    assert "front.png" in page.split("Reference files taken out")[1]
    assert "back.png" in page.split("Reference files added")[1]
    assert "front.png" in browser.get(f"/briefs/{brief.public_id}/").content.decode()


def test_a_refused_attempt_keeps_its_files_from_the_clean_up(shop, done, browser, files):
    from rivya_app.library import uses

    broke(shop)
    browser.post(place(done), with_files(*files))
    waiting = recipes.waiting_reference(done, 1)
    assert uses.files_of(waiting) == files
    topped_up(shop)
    browser.post(f"/briefs/{done.public_id}/resume/")
    assert recipes.of_job(shop.job(done)).references == tuple(files)
    assert uses.files_of(waiting) == []


def test_a_file_that_is_gone_leaves_only_the_changed_attempt(shop, seller, browser, files):
    from rivya_app.library.models import StoredFile

    shop.rivya.fault("instant")
    brief = shop.submit(seller, model_id="nano-banana-2", params={}, references=(files[0],))
    shop.finish(brief)
    StoredFile.objects.filter(pk=files[0].pk).update(state="removed")
    page = browser.get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Same again" not in page
    assert browser.post(place(brief), {"attempt": "2"}).headers["Location"] == place(brief)
    assert Generation.objects.count() == 1


def test_it_says_so_where_a_file_of_a_refused_draft_was_removed_meanwhile(
    shop, seller, owner, browser
):
    file = shop.upload(seller, picture(64, 64))
    shop.rivya.fault("no_credits", on=["generations.create"])
    brief = shop.submit(seller, model_id="nano-banana-2", references=(file,), params={})
    shop.finish(brief)
    library.remove_file(member=owner, public_id=file.public_id)
    shop.rivya.clear_faults()
    page = browser.post(f"/briefs/{brief.public_id}/resume/", follow=True)
    assert "no longer here" in page.content.decode()
    assert shop.rivya.tasks() == []


def test_drafts_with_other_files_and_a_new_brief_never_wait_for_each_other_in_a_ring(
    shop, seller, monkeypatch
):
    first, second = shop.upload(seller, picture(64, 64)), shop.upload(seller, picture(65, 65))
    brief = shop.submit(seller, draft_count=2)
    shop.rivya.fault("instant")
    shop.finish(brief)
    broke(shop)
    for position, file in ((1, first), (2, second)):
        actions.new_attempt(
            member=seller,
            public_id=brief.public_id,
            position=position,
            attempt=2,
            wanted=recipes.Recipe("nano-banana-2", PROMPT, {}, (file,)),
        )
    topped_up(shop)
    account_is_held, file_is_held = threading.Event(), threading.Event()
    hold, take = ledger.hold, uses.take

    def hold_and_wait(*args, **kwargs):
        done = hold(*args, **kwargs)
        account_is_held.set()
        file_is_held.wait(1)
        return done

    def take_and_say(reference, files, **words):
        take(reference, files, **words)
        if list(files) == [second]:
            file_is_held.set()

    monkeypatch.setattr(ledger, "hold", hold_and_wait)
    monkeypatch.setattr(uses, "take", take_and_say)

    def act(number):
        if number == 0:
            return actions.resume(member=seller, public_id=brief.public_id)
        account_is_held.wait(5)
        wanted = {"model_id": "nano-banana-2", "params": {}, "references": (second,)}
        return shop.submit(seller, **wanted)

    assert [type(result) for result in at_once(2, act)] == [Brief, Brief]
