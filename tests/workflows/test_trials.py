"""Trying a workflow: everything is checked and nothing sent, then one real job is made once."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount, GateRule, LedgerEntry, Limit
from rivya_app.gateway import access
from rivya_app.gateway.models import ApiKey, CatalogueModel, Workflow
from rivya_app.generations.models import Generation
from rivya_app.workflows.models import TrialRun
from rivya_app.workspaces.models import AuditEntry, Pause
from tests.library.files import put
from tests.test_races import at_once

Moment = Workflow.Moment


def url_of(flow, act="dry-run"):
    return f"/workflows/{flow.public_id}/{act}/"


@pytest.fixture
def flow(shop):
    row = access.workflow(shop.workspace, Moment.LISTING_IMAGES)
    Workflow.objects.filter(pk=row.pk).update(default_model_id="z-image")
    row.refresh_from_db()
    return row


def typed(**fields):
    values = {"token": str(uuid4()), "prompt": "A blue mug", "param_aspect_ratio": "1:1"}
    return {**values, **fields}


def check(browser, flow, **fields):
    answer = browser.post(url_of(flow), typed(**fields))
    assert answer.status_code == 200
    return answer.context["checked"]


def priced(browser, flow, **fields):
    """A form as the page offers it to be run, with the price on its button."""
    form = typed(**fields)
    checked = browser.post(url_of(flow), form).context["checked"]
    return {**form, "price": str(checked.price.expected)}


def stops(checked):
    return [line.title for line in checked.lines if line.level == "stops"]


def test_a_check_finds_nothing_wrong_and_leaves_no_trace(shop, flow, owner, client_of):
    counted = [model.objects.count() for model in (Generation, LedgerEntry, AuditEntry, TrialRun)]
    before = len(shop.rivya.requests())
    checked = check(client_of(owner), flow)
    assert stops(checked) == []
    body = json.loads(checked.body)
    assert (body["model"], body["prompt"], body["params"]) == (
        "z-image",
        "A blue mug",
        {"aspect_ratio": "1:1"},
    )
    assert len(shop.rivya.requests()) == before
    assert counted == [
        model.objects.count() for model in (Generation, LedgerEntry, AuditEntry, TrialRun)
    ]


def test_the_body_shown_is_the_body_sent(shop, flow, owner, client_of):
    browser = client_of(owner)
    form = priced(browser, flow)
    shown = browser.post(url_of(flow), form).context["checked"].body
    browser.post(url_of(flow, "run"), form)
    assert json.loads(shown) == json.loads(Generation.objects.get().body)


def make_rule(owner, **fields):
    GateRule.objects.create(workspace=owner.workspace, above=Decimal(0), **fields)


def limit(owner, amount, **fields):
    account = CreditAccount.objects.get(workspace=owner.workspace)
    Limit.objects.create(
        account=account, scope="workspace", period="total", amount=amount, **fields
    )


@pytest.mark.parametrize(
    ("title", "break_it", "fields"),
    [
        ("Account access", lambda _o: ApiKey.objects.update(state="refused"), {}),
        ("Generation", lambda _o: ApiKey.objects.update(scopes_found=["generations:read"]), {}),
        (
            "Model choice",
            lambda _o: CatalogueModel.objects.filter(model_id="z-image").update(
                gone_at=clock.now()
            ),
            {},
        ),
        ("Settings", lambda _o: None, {"param_aspect_ratio": "7:1"}),
        ("Text", lambda _o: None, {"prompt": ""}),
        ("Text", lambda _o: None, {"prompt": "x" * 20_000}),
        ("Reference files", lambda _o: Workflow.objects.update(reference="required"), {}),
        ("Balance", lambda _o: CreditAccount.objects.update(available=0), {}),
        ("Limits", lambda owner: limit(owner, Decimal("0.5"), is_hard=True), {}),
    ],
)
def test_a_check_names_what_stops_it_and_a_run_is_refused(
    shop, flow, owner, client_of, title, break_it, fields
):
    browser = client_of(owner)
    form = priced(browser, flow) | fields
    break_it(owner)
    assert title in stops(browser.post(url_of(flow), form).context["checked"])
    assert browser.post(url_of(flow, "run"), form).status_code == 422
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("title", "break_it"),
    [
        ("Generation", lambda owner: Pause.objects.create(workspace=owner.workspace)),
        ("Limits", lambda owner: limit(owner, Decimal("0.5"), is_hard=False)),
        (
            "Account access",
            lambda _o: ApiKey.objects.update(expires_on=clock.now().date() + timedelta(days=3)),
        ),
    ],
)
def test_a_check_warns_and_lets_it_run(shop, flow, owner, client_of, title, break_it):
    break_it(owner)
    checked = check(client_of(owner), flow)
    assert title in [line.title for line in checked.lines if line.level == "warns"]
    assert checked.is_clear


def test_a_rule_stops_whoever_is_no_owner(shop, flow, owner, seller, client_of):
    Workflow.objects.filter(pk=flow.pk).update(owner=seller)
    assert stops(check(client_of(seller), flow)) == []
    make_rule(owner)
    assert stops(check(client_of(seller), flow)) == ["The owner’s yes"]
    assert stops(check(client_of(owner), flow)) == []


# --- The real run ---------------------------------------------------------------------------------


def test_it_makes_one_real_job_and_shows_it(shop, flow, owner, client_of):
    browser = client_of(owner)
    form = priced(browser, flow)
    for _press in range(2):
        assert browser.post(url_of(flow, "run"), form).status_code == 302
    job = Generation.objects.get()
    assert (job.workflow, job.title) == (flow, "Trial: Listing image drafts")
    shop.wait_until(lambda: Generation.objects.get().status == "succeeded")
    page = browser.get(f"/workflows/{flow.public_id}/")
    assert page.context["trial"].state == "succeeded"
    assert page.context["last"] == job
    assert AuditEntry.objects.get(act="workflow.tried").facts["model"] == "z-image"


def test_its_job_says_why_it_was_made_and_leads_back(shop, flow, owner, seller, client_of):
    browser = client_of(owner)
    browser.post(url_of(flow, "run"), priced(browser, flow))
    job = Generation.objects.get()
    page = client_of(seller).get(f"/jobs/{job.public_id}/")
    assert page.context["home"].url == f"/workflows/{flow.public_id}/"
    assert page.context["card"].marks == []
    for address in (f"/briefs/of-job/{job.public_id}/", f"/briefs/of-job/{job.public_id}/again/"):
        assert client_of(seller).get(address).url == page.context["home"].url


def test_a_moved_price_is_refused(shop, flow, owner, client_of):
    browser = client_of(owner)
    form = priced(browser, flow)
    CatalogueModel.objects.filter(model_id="z-image").update(base_credits=9)
    answer = browser.post(url_of(flow, "run"), form)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert not Generation.objects.exists()


def test_presses_at_once_are_one_job(shop, flow, owner, client_of):
    form = priced(client_of(owner), flow)
    answers = at_once(4, lambda _number: client_of(owner).post(url_of(flow, "run"), form))
    assert [answer.status_code for answer in answers] == [302] * 4
    assert Generation.objects.count() == TrialRun.objects.count() == 1


def test_presses_at_once_would_fail_without_the_lock(shop, flow, owner, client_of, monkeypatch):
    from rivya_app.workflows import actions

    form = priced(client_of(owner), flow)
    monkeypatch.setattr(actions, "locked", lambda row: Workflow.objects.get(pk=row.pk))
    at_once(4, lambda _number: client_of(owner).post(url_of(flow, "run"), form))
    assert Generation.objects.count() == 1  # the unique id stands behind the lock


def test_who_answers_for_its_usage_may_try_it_and_nobody_else(
    shop, flow, seller, manager, client_of
):
    Workflow.objects.filter(pk=flow.pk).update(owner=seller)
    form = priced(client_of(seller), flow)
    assert client_of(manager).post(url_of(flow, "run"), form).status_code == 403
    assert not Generation.objects.exists()
    assert client_of(seller).post(url_of(flow, "run"), form).status_code == 302
    assert Generation.objects.get().requested_by == seller


def test_a_reference_edit_runs_with_a_file_of_the_library(shop, owner, client_of):
    flow = access.workflow(shop.workspace, Moment.REFERENCE_EDIT)
    file = put(owner)
    browser = client_of(owner)
    bare = {"token": str(uuid4()), "prompt": "On white"}
    assert "Reference files" in stops(browser.post(url_of(flow), bare).context["checked"])
    form = {**bare, "references": str(file.public_id)}
    checked = browser.post(url_of(flow), form).context["checked"]
    assert stops(checked) == []
    assert json.loads(checked.body)["params"]["referenceMediaItems"][0]["url"] == "…"
    run = browser.post(url_of(flow, "run"), {**form, "price": str(checked.price.expected)})
    assert run.status_code == 302
    assert Generation.objects.get().reference_count == 1
