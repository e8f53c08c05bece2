"""Trying a workflow of conversations: checked without a trace, then one real question, once."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest

from rivya_app.chat import abouts, caps
from rivya_app.chat.models import Conversation, Turn
from rivya_app.chat.paths import path_of
from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount, GateRule, LedgerEntry, Limit
from rivya_app.gateway.models import ApiKey, CatalogueModel, Workflow
from rivya_app.workflows import actions as trials
from rivya_app.workflows.models import TrialRun
from rivya_app.workspaces.models import AuditEntry
from tests.chat.talk import MODEL


@pytest.fixture
def flow(talk):
    row = talk.workflow
    Workflow.objects.filter(pk=row.pk).update(default_model_id=MODEL)
    row.refresh_from_db()
    return row


def url_of(flow, act="dry-run"):
    return f"/workflows/{flow.public_id}/{act}/"


def typed(**fields):
    return {"token": str(uuid4()), "prompt": "Describe a blue mug.", **fields}


def check(browser, flow, **fields):
    answer = browser.post(url_of(flow), typed(**fields))
    assert answer.status_code == 200
    return answer.context["checked"]


def priced(browser, flow, **fields):
    """A form as the page offers it to be run, with the price on its button."""
    form = typed(**fields)
    page = browser.post(url_of(flow), form)
    return {**form, "price": str(page.context["checked"].amount)}


def stops(checked):
    return [line.title for line in checked.lines if line.level == "stops"]


def test_a_check_finds_nothing_wrong_and_leaves_no_trace(talk, flow, owner, client_of):
    counted = (Turn, Conversation, LedgerEntry, AuditEntry, TrialRun)
    before = [model.objects.count() for model in counted]
    checked = check(client_of(owner), flow)
    assert stops(checked) == []
    assert [line.title for line in checked.lines if line.title == "Generation"] == []
    assert json.loads(checked.body)["message"] == "Describe a blue mug."
    assert before == [model.objects.count() for model in counted]
    assert talk.asked_rivya() == []


def test_it_asks_one_real_question_at_the_price_on_the_button(talk, flow, owner, client_of):
    browser = client_of(owner)
    form = priced(browser, flow)
    answers = [browser.post(url_of(flow, "run"), form) for _press in range(3)]
    turn = Turn.objects.get()
    place = f"/assistant/{turn.conversation.public_id}/"
    assert {answer.headers["Location"] for answer in answers} == {place}
    assert (turn.member, turn.workflow, turn.model_id) == (owner, flow, MODEL)
    assert turn.estimated_credits == Decimal(form["price"])
    assert TrialRun.objects.get().turn == turn
    assert AuditEntry.objects.filter(act="workflow.tried").count() == 1
    talk.answer(turn)
    assert len(talk.asked_rivya()) == 1
    shown = json.loads(browser.post(url_of(flow), form).context["checked"].body)
    assert shown | {"client_request_id": ""} == json.loads(turn.body) | {"client_request_id": ""}


def test_its_page_shows_the_trial_and_opens_it_for_whoever_may_read_it(
    talk, flow, owner, seller, client_of
):
    browser = client_of(owner)
    browser.post(url_of(flow, "run"), priced(browser, flow))
    turn = talk.answer(Turn.objects.get())
    place = f"/assistant/{turn.conversation.public_id}/"
    mine = browser.get(url_of(flow, "").replace("//", "/")).content.decode()
    assert place in mine
    assert "Answered" in mine
    others = client_of(seller).get(f"/workflows/{flow.public_id}/").content.decode()
    assert place not in others
    assert "private to whoever tried it" in others


def test_its_conversation_leads_back_to_the_workflow(talk, flow, owner, client_of):
    browser = client_of(owner)
    browser.post(url_of(flow, "run"), priced(browser, flow))
    about = abouts.told(owner, Conversation.objects.get().about)
    assert (about.title, about.url) == (str(flow), f"/workflows/{flow.public_id}/")


def test_a_question_without_its_mark_is_remembered_by_the_next_press(
    talk, flow, owner, client_of, monkeypatch
):
    browser = client_of(owner)
    form = priced(browser, flow)
    with monkeypatch.context() as broken:
        broken.setattr(trials, "_remember", _crash)
        with pytest.raises(RuntimeError):
            browser.post(url_of(flow, "run"), form)
    assert Turn.objects.count() == 1
    assert not TrialRun.objects.exists()
    browser.post(url_of(flow, "run"), form)
    assert TrialRun.objects.get().turn == Turn.objects.get()


def _crash(*_args):
    raise RuntimeError


def limit(owner, amount):
    account = CreditAccount.objects.get(workspace=owner.workspace)
    Limit.objects.create(
        account=account, scope="workspace", period="total", amount=amount, is_hard=True
    )


@pytest.mark.parametrize(
    ("title", "break_it", "fields"),
    [
        ("Account access", lambda _o: ApiKey.objects.update(state="refused"), {}),
        ("Chat", lambda _o: ApiKey.objects.update(scopes_found=["generations:create"]), {}),
        (
            "Model choice",
            lambda _o: CatalogueModel.objects.filter(model_id=MODEL).update(gone_at=clock.now()),
            {},
        ),
        ("Model choice", lambda _o: Workflow.objects.update(default_model_id="z-image"), {}),
        ("Text", lambda _o: None, {"prompt": ""}),
        ("Text", lambda _o: None, {"prompt": "x" * 20_001}),
        ("Balance", lambda _o: CreditAccount.objects.update(available=0), {}),
        ("Limits", lambda owner: limit(owner, Decimal("0.5")), {}),
        ("Your own cap", lambda owner: caps.set_cap(member=owner, amount=Decimal(1)), {}),
    ],
)
def test_a_check_names_what_stops_it_and_a_run_is_refused(
    talk, flow, owner, client_of, title, break_it, fields
):
    browser = client_of(owner)
    form = priced(browser, flow) | fields
    break_it(owner)
    assert title in stops(browser.post(url_of(flow), form).context["checked"])
    assert browser.post(url_of(flow, "run"), form).status_code == 422
    assert not Turn.objects.exists()


def test_a_price_that_moved_is_shown_again(talk, flow, owner, client_of):
    browser = client_of(owner)
    form = priced(browser, flow) | {"price": "1"}
    answer = browser.post(url_of(flow, "run"), form)
    assert answer.status_code == 422
    assert "It costs 3 credits now" in answer.content.decode()
    assert not Turn.objects.exists()


def test_whoever_answers_for_it_tries_it_and_nobody_else(
    talk, flow, owner, researcher, support, seller, client_of
):
    Workflow.objects.filter(pk=flow.pk).update(owner=researcher)
    assert client_of(researcher).get(url_of(flow)).status_code == 200
    assert client_of(seller).get(url_of(flow)).status_code == 403
    Workflow.objects.filter(pk=flow.pk).update(owner=support)
    assert client_of(support).get(url_of(flow)).status_code == 403  # support asks nothing


def test_a_rule_stops_whoever_is_no_owner(talk, flow, owner, researcher, client_of):
    Workflow.objects.filter(pk=flow.pk).update(owner=researcher)
    GateRule.objects.create(workspace=owner.workspace, above=Decimal(0))
    assert stops(check(client_of(researcher), flow)) == ["The owner’s yes"]
    assert stops(check(client_of(owner), flow)) == []


def test_an_archived_one_is_not_tried(talk, flow, owner, client_of):
    Workflow.objects.filter(pk=flow.pk).update(archived_at=clock.now(), is_main=False)
    assert client_of(owner).get(url_of(flow)).status_code == 404


# --- The form and the answers -----------------------------------------------------------------


def as_typed(flow, **fields):
    return {
        "form_token": str(uuid4()),
        "sentence": "",
        "name": "",
        "model_id": MODEL,
        "which": "all",
        "reference": "optional",
        "reference_kinds": ["image"],
        "completion": "polling",
        "api_key": str(flow.api_key.public_id),
        "owner": "",
        "at_low_credits": "wait",
        **fields,
    }


def test_an_owner_chooses_how_the_answer_comes(talk, flow, owner, client_of):
    browser = client_of(owner)
    page = browser.get(f"/workflows/{flow.public_id}/change/").content.decode()
    assert 'value="streamed" checked' in page
    form = as_typed(flow, is_streamed="whole")
    assert browser.post(f"/workflows/{flow.public_id}/change/", form).status_code == 302
    flow.refresh_from_db()
    assert flow.is_streamed is False
    shown = browser.get(f"/workflows/{flow.public_id}/").content.decode()
    assert "shown once the whole answer is there" in shown
    turn = talk.begin(owner)
    assert turn.is_streamed is False


def test_a_form_without_the_choice_leaves_it_as_it_is(talk, flow, owner, client_of):
    Workflow.objects.filter(pk=flow.pk).update(is_streamed=False)
    client_of(owner).post(f"/workflows/{flow.public_id}/change/", as_typed(flow))
    flow.refresh_from_db()
    assert flow.is_streamed is False


def test_only_conversations_offer_the_choice(talk, owner, client_of):
    browser = client_of(owner)
    assert "is_streamed" not in browser.get("/workflows/new/").content.decode()
    form = {"moment": "chat", "refresh": "1"}
    page = browser.post("/workflows/new/", form).content.decode()
    assert 'value="streamed" checked' in page


def answers_of(browser, flow):
    page = browser.get(f"/workflows/{flow.public_id}/")
    return {answer.topic: answer for answer in page.context["answers"]}


def test_its_answers_follow_what_the_model_can_do_now(talk, flow, owner, client_of):
    browser = client_of(owner)
    found = answers_of(browser, flow)
    assert "It can search the web." in found["chat"].says
    assert found["reference"].level == "ok"
    assert "One question: from 3 credits." in found["credits"].says
    Workflow.objects.filter(pk=flow.pk).update(default_model_id="claude-sonnet-4-6-chat")
    found = answers_of(browser, flow)
    assert "search the web" not in found["chat"].says
    assert found["reference"].level == "warns"
    Workflow.objects.filter(pk=flow.pk).update(reference="required")
    assert answers_of(browser, flow)["reference"].level == "stops"
    Workflow.objects.filter(pk=flow.pk).update(reference="none")
    assert answers_of(browser, flow)["reference"].level == "ok"


def test_its_page_says_when_it_was_last_asked(talk, flow, owner, client_of):
    assert client_of(owner).get("/workflows/").status_code == 200
    turn = talk.begin(owner)
    page = client_of(owner).get(f"/workflows/{flow.public_id}/")
    assert page.context["last_asked"] == turn.conversation.asked_at
    assert path_of(turn.conversation) not in page.content.decode()


def test_its_form_says_how_many_pictures_a_model_takes(talk, flow, owner, client_of):
    page = client_of(owner).get(f"/workflows/{flow.public_id}/change/")
    notes = {model.model_id: model.note for model in page.context["models"]}
    assert notes[MODEL] == "Takes up to 5 pictures."
    assert notes["claude-sonnet-4-6-chat"] == ""
