"""Workflows as an owner keeps them: the shipped ones, their answers, changing, the main one."""

from uuid import uuid4

import pytest

from rivya_app.gateway import access, workflow_actions
from rivya_app.gateway.models import CatalogueModel, Workflow
from rivya_app.gateway.workflow_actions import WantedWorkflow
from rivya_app.gateway.workflow_shipped import ensure_shipped
from rivya_app.workspaces.models import AuditEntry
from tests.test_races import at_once

Moment = Workflow.Moment


def flow_of(shop, moment=Moment.LISTING_IMAGES):
    return access.workflow(shop.workspace, moment)


def typed(**fields):
    values = {
        "form_token": str(uuid4()),
        "moment": "listing_images",
        "name": "Festive banners",
        "model_id": "z-image",
        "which": "all",
        "reference": "optional",
        "completion": "polling",
        "at_low_credits": "wait",
    }
    return {**values, **fields}


def make(owner, **fields):
    return workflow_actions.make_workflow(
        member=owner,
        wanted=WantedWorkflow(**{"moment": "listing_images", **fields}),
        form_token=uuid4(),
    )


def answers(browser, flow):
    page = browser.get(f"/workflows/{flow.public_id}/")
    assert page.status_code == 200
    return {one.topic: one for one in page.context["answers"]}


# --- The shipped ones -----------------------------------------------------------------------------


def test_it_ships_five_with_the_first_key(shop, owner):
    flows = Workflow.objects.filter(workspace=shop.workspace)
    assert {flow.moment for flow in flows} == set(Moment.values)
    assert all(flow.is_main and flow.api_key == shop.key and flow.owner == owner for flow in flows)
    edit = flow_of(shop, Moment.REFERENCE_EDIT)
    assert access.model_of(edit, edit.default_model_id).takes_references


def test_it_ships_them_once_however_often_and_by_whom(shop):
    at_once(4, lambda _number: ensure_shipped(shop.workspace))
    assert Workflow.objects.filter(workspace=shop.workspace).count() == 5


def test_the_list_says_whether_each_is_ready(shop, seller, client_of):
    page = client_of(seller).get("/workflows/")
    standings = {card.flow.moment: card.standing.level for card in page.context["cards"]}
    assert standings == dict.fromkeys(Moment.values, "ok")


# --- The eight answers ----------------------------------------------------------------------------


def test_a_gone_model_is_marked_with_the_way_to_another(shop, owner, client_of):
    flow = flow_of(shop)
    assert answers(client_of(owner), flow)["model"].level == "ok"
    CatalogueModel.objects.filter(model_id=flow.default_model_id).update(
        gone_at="2026-01-01T00:00Z"
    )
    answer = answers(client_of(owner), flow)["model"]
    assert answer.level == "stops"
    assert answer.mend.url == f"/workflows/{flow.public_id}/change/#part-model"


def test_only_an_owner_is_offered_to_mend_it(shop, seller, client_of):
    flow = flow_of(shop)
    Workflow.objects.filter(pk=flow.pk).update(owner=None)
    answer = answers(client_of(seller), flow)["credits"]
    assert (answer.level, answer.mend) == ("warns", None)


def test_a_webhook_that_nobody_made_is_a_warning(shop, owner, client_of):
    flow = flow_of(shop)
    Workflow.objects.filter(pk=flow.pk).update(completion="webhook")
    assert answers(client_of(owner), flow)["completion"].level == "warns"


def test_an_owner_who_left_is_marked(shop, owner, manager, client_of):
    flow = flow_of(shop)
    manager.is_active = False
    manager.save()
    Workflow.objects.filter(pk=flow.pk).update(owner=manager)
    assert answers(client_of(owner), flow)["credits"].level == "warns"


# --- The form -------------------------------------------------------------------------------------


def test_an_owner_makes_one_once(shop, owner, client_of):
    form = typed(api_key=str(shop.key.public_id), owner=str(owner.public_id))
    for _press in range(2):
        answer = client_of(owner).post("/workflows/new/", form)
        assert answer.status_code == 302
    flow = Workflow.objects.get(name="Festive banners")
    assert (flow.is_main, flow.api_key, flow.owner) == (False, shop.key, owner)
    assert AuditEntry.objects.filter(act="workflow.added").count() == 1


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": "Short video"}),
        ("model_id", {"model_id": "never-listed"}),
        ("model_id", {"model_id": "kling-2-6"}),
        ("model_id", {"model_id": "z-image", "reference": "required"}),
        ("model_id", {"model_id": "", "which": "only"}),
        ("api_key", {"api_key": str(uuid4())}),
        ("completion", {"completion": "pigeon"}),
    ],
)
def test_it_refuses_beside_the_field(shop, owner, client_of, field, fields):
    answer = client_of(owner).post("/workflows/new/", typed(**fields))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Workflow.objects.count() == 5


def test_its_models_follow_what_is_typed(shop, owner, client_of):
    form = typed(moment="short_video", refresh="1")
    answer = client_of(owner).post("/workflows/new/", form)
    assert answer.status_code == 200
    assert {card.media_kind for card in answer.context["models"]} == {"video"}


def test_only_one_model_is_what_the_models_page_says_too(shop, owner, client_of):
    flow = flow_of(shop)
    client_of(owner).post(
        f"/workflows/{flow.public_id}/change/",
        typed(name="", which="only", api_key=str(shop.key.public_id), owner=str(owner.public_id)),
    )
    page = client_of(owner).get("/models/")
    permits = next(s.permits for s in page.context["sections"] if s.kind == "image")
    assert permits.flow.allowed_model_ids == ["z-image"]
    assert AuditEntry.objects.get(act="workflow.changed").facts == {
        "allowed_model_ids": ["z-image"]
    }


def test_a_change_keeps_several_permitted_models(shop, owner, client_of):
    flow = flow_of(shop)
    Workflow.objects.filter(pk=flow.pk).update(allowed_model_ids=["nano-banana", "z-image"])
    url = f"/workflows/{flow.public_id}/change/"
    client_of(owner).post(url, typed(name="Mugs", which="kept"))
    flow.refresh_from_db()
    assert (flow.name, flow.allowed_model_ids) == ("Mugs", ["nano-banana", "z-image"])
    refused = client_of(owner).post(url, typed(model_id="google-imagen4", which="kept"))
    assert "model_id" in refused.context["form"].errors


# --- The main one, the archive --------------------------------------------------------------------


def test_the_main_one_changes_hands(shop, owner, client_of):
    before, other = flow_of(shop), make(owner, name="Banners")
    client_of(owner).post(f"/workflows/{other.public_id}/main/")
    assert flow_of(shop) == other
    before.refresh_from_db()
    assert not before.is_main


def crowd(shop, owner):
    flows = [make(owner, name=f"Banners {number}") for number in range(4)]
    return at_once(
        4,
        lambda number: workflow_actions.make_main(member=owner, public_id=flows[number].public_id),
    )


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_stays_the_main_one(shop, owner):
    results = crowd(shop, owner)
    assert not [error for error in results if isinstance(error, Exception)]
    assert Workflow.objects.filter(moment="listing_images", is_main=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_fall_over_each_other(shop, owner, monkeypatch):
    import threading

    gate = threading.Barrier(4)

    def unlocked(member, public_id):
        rows = list(Workflow.objects.filter(moment="listing_images").order_by("pk"))
        gate.wait(timeout=10)
        flow = next(row for row in rows if row.public_id == public_id)
        return flow, [row for row in rows if row != flow]

    monkeypatch.setattr(workflow_actions, "_locked", unlocked)
    assert [error for error in crowd(shop, owner) if isinstance(error, Exception)]


def test_the_main_one_is_not_archived_and_another_is(shop, owner, client_of):
    main, other = flow_of(shop), make(owner, name="Banners")
    for flow in (main, other):
        client_of(owner).post(f"/workflows/{flow.public_id}/archive/", {"to": "archived"})
        flow.refresh_from_db()
    assert (main.archived_at, bool(other.archived_at)) == (None, True)
    client_of(owner).post(f"/workflows/{other.public_id}/main/")
    assert flow_of(shop) == main
    client_of(owner).post(f"/workflows/{other.public_id}/archive/", {"to": "in_use"})
    other.refresh_from_db()
    assert other.archived_at is None
