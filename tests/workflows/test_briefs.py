"""Which workflow pays for a brief: the one that was chosen, else the main one of its kind."""

from rivya_app.briefs.models import Brief
from rivya_app.gateway import access
from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation
from tests.library.files import put
from tests.shop import typed
from tests.workflows.test_workflows import make

NEW = "/briefs/new/"


def test_a_seller_chooses_where_there_are_several(shop, seller, owner, client_of):
    other = make(owner, name="Banners", api_key=shop.key)
    answer = client_of(seller).get(NEW)
    names = [label for _id, label in answer.context["form"].fields["workflow"].choices]
    assert names == ["Listing image drafts", "Reference-image edit", "Banners"]
    client_of(seller).post(NEW, typed(workflow=str(other.public_id)))
    assert Brief.objects.get().workflow == other
    assert Generation.objects.get().workflow == other


def test_nobody_is_asked_where_there_is_one(shop, seller, client_of):
    form = client_of(seller).get(f"{NEW}?kind=video").context["form"]
    assert "workflow" not in form.fields


def test_without_a_choice_the_main_one_pays(shop, seller, client_of):
    client_of(seller).post(NEW, typed())
    assert Brief.objects.get().workflow is None
    assert Generation.objects.get().workflow == access.workflow_for(shop.workspace, "image")


def test_an_archived_one_pays_no_more(shop, seller, owner, client_of):
    other = make(owner, name="Banners", api_key=shop.key)
    client_of(seller).post(NEW, typed(workflow=str(other.public_id)))
    brief = Brief.objects.get()
    shop.finish(brief)
    Workflow.objects.filter(pk=other.pk).update(archived_at="2026-01-01T00:00Z")
    client_of(seller).post(f"/briefs/{brief.public_id}/drafts/1/attempts/", {"attempt": "2"})
    newest = Generation.objects.latest("id")
    assert newest.workflow == access.workflow_for(shop.workspace, "image")
    refused = client_of(seller).post(NEW, typed(workflow=str(other.public_id)))
    assert "workflow" in refused.context["form"].errors


def test_one_that_always_needs_a_file_refuses_a_brief_without(shop, seller, client_of):
    edit = access.workflow(shop.workspace, Workflow.Moment.REFERENCE_EDIT)
    form = typed(workflow=str(edit.public_id), model_id=edit.default_model_id)
    refused = client_of(seller).post(NEW, form)
    assert "workflow" in refused.context["form"].errors
    assert not Brief.objects.exists()
    file = put(seller)
    client_of(seller).post(NEW, {**form, "references": str(file.public_id)})
    assert Brief.objects.get().workflow == edit


def test_the_model_follows_another_workflow(shop, seller, client_of):
    main = access.workflow_for(shop.workspace, "image")
    edit = access.workflow(shop.workspace, Workflow.Moment.REFERENCE_EDIT)
    form = typed(workflow=str(edit.public_id), workflow_of=str(main.public_id))
    answer = client_of(seller).post(f"{NEW}kind/", form, headers={"HX-Request": "true"})
    assert answer.context["model"].model_id == edit.default_model_id
