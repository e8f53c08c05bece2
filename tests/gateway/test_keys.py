"""What an owner does with keys on the keys page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rivya_app.core.sealed import Secret
from rivya_app.gateway import actions, catalogue, clients
from rivya_app.gateway.models import ApiKey, CatalogueModel, Workflow
from rivya_app.workspaces.models import Membership
from tests.gateway.conftest import AddKey
from tests.simulator_process import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]


@pytest.fixture
def page(client_of: Browser, owner: Membership, stand_in: Simulator) -> Client:
    return client_of(owner)


def typed(secret: str, **changes: str) -> dict[str, str]:
    return {
        "purpose": "production-images",
        "environment": "production",
        "secret": secret,
        **changes,
    }


def test_it_keeps_a_good_key_sealed_and_shows_only_its_ends(
    page: Client, stand_in: Simulator
) -> None:
    secret = stand_in.new_key()
    answer = page.post("/keys/add/", typed(f"  {secret} "), follow=True)
    key = ApiKey.objects.get()
    assert key.secret == Secret(secret)
    assert key.checked_at is not None
    assert {"credits:read", "generations:create", "generations:read"} <= set(key.scopes_found)
    shown = answer.content.decode()
    assert secret not in shown
    assert key.shown in shown
    assert key.shown == f"{secret[:12]}…{secret[-4:]}"


def test_it_gives_the_key_to_the_workflow_that_waits_for_one(
    page: Client, stand_in: Simulator
) -> None:
    page.post("/keys/add/", typed(stand_in.new_key()))
    flow = Workflow.objects.get(moment=Workflow.Moment.LISTING_IMAGES)
    assert flow.api_key == ApiKey.objects.get()
    card = catalogue.find(flow.default_model_id)
    assert card is not None
    assert card.is_choosable


def test_it_leaves_a_workflow_with_a_working_key_alone(add_key: AddKey) -> None:
    first = add_key("first")
    add_key("second")
    assert Workflow.objects.get(moment="listing_images").api_key == first


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "revoked"}, "revoked"),
        ({"state": "expired"}, "expired"),
        ({"scopes": ["credits:read", "generations:read"]}, "generations:create"),
        ({"scopes": ["generations:create"]}, "may not do all"),
    ],
)
def test_it_refuses_a_key_rivya_refuses_and_says_why(
    page: Client, stand_in: Simulator, fields: dict[str, Any], words: str
) -> None:
    secret = stand_in.new_key(**fields)
    answer = page.post("/keys/add/", typed(secret, purpose="kept-purpose"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown
    assert "kept-purpose" in shown
    assert secret not in shown
    assert not ApiKey.objects.exists()


def test_it_refuses_a_key_rivya_does_not_know(page: Client) -> None:
    answer = page.post("/keys/add/", typed("rvya_sk_test_" + "x" * 24))
    assert "does not know this key" in answer.content.decode()
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("secret", ["sk-something-else", "rvya_sk_", "rvya_sk_with space and ü"])
def test_it_refuses_what_is_no_key_without_asking_rivya(
    page: Client, stand_in: Simulator, secret: str
) -> None:
    answer = page.post("/keys/add/", typed(secret))
    assert "does not look like" in answer.content.decode()
    assert not stand_in.requests()


def test_it_says_when_rivya_cannot_be_reached(page: Client, settings: Any) -> None:
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    answer = page.post("/keys/add/", typed("rvya_sk_test_" + "x" * 24))
    assert answer.status_code == 422
    assert "could not be reached" in answer.content.decode()


def test_it_takes_a_secret_only_once(page: Client, stand_in: Simulator) -> None:
    secret = stand_in.new_key()
    page.post("/keys/add/", typed(secret))
    answer = page.post("/keys/add/", typed(secret, purpose="another"))
    assert "here already" in answer.content.decode()
    assert ApiKey.objects.count() == 1


def test_it_knows_a_secret_again_after_the_secret_key_was_rotated(
    page: Client, stand_in: Simulator, settings: Any
) -> None:
    secret = stand_in.new_key()
    page.post("/keys/add/", typed(secret))
    new = actions.NewKey("another", "production", Secret(secret))
    workspace = ApiKey.objects.get().workspace
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "k" * 50
    with pytest.raises(actions.KeyNotAccepted, match="known"):
        actions.install_key(workspace=workspace, new=new)


def test_it_takes_a_purpose_only_once_while_it_is_in_use(page: Client, stand_in: Simulator) -> None:
    page.post("/keys/add/", typed(stand_in.new_key()))
    answer = page.post("/keys/add/", typed(stand_in.new_key()))
    assert "Retire it first" in answer.content.decode()
    page.post(f"/keys/{ApiKey.objects.get().public_id}/retire/")
    page.post("/keys/add/", typed(stand_in.new_key()))
    assert ApiKey.objects.filter(state=ApiKey.State.ACTIVE).count() == 1


def test_it_retires_a_key_and_hands_its_workflow_over(page: Client, add_key: AddKey) -> None:
    first, second = add_key("first"), add_key("second")
    page.post(f"/keys/{first.public_id}/retire/")
    first.refresh_from_db()
    assert first.state == ApiKey.State.RETIRED
    assert first.retired_at is not None
    assert Workflow.objects.get(moment="listing_images").api_key == second
    page.post(f"/keys/{second.public_id}/retire/")
    assert Workflow.objects.get(moment="listing_images").api_key is None


def test_it_lets_running_jobs_end_with_a_retired_key(page: Client, add_key: AddKey) -> None:
    key = add_key()
    page.post(f"/keys/{key.public_id}/retire/")
    with clients.client_for(ApiKey.objects.get()) as rivya:
        assert rivya.credits.get().current >= 0


def test_it_takes_a_refused_key_back_once_rivya_does(
    page: Client, add_key: AddKey, stand_in: Simulator
) -> None:
    key = add_key()
    ApiKey.objects.update(state=ApiKey.State.REFUSED)
    stand_in.change_key("production-images", state="expired")
    answer = page.post(f"/keys/{key.public_id}/check/", follow=True)
    assert "expired" in answer.content.decode()
    assert ApiKey.objects.get().state == ApiKey.State.REFUSED
    stand_in.change_key("production-images", state="active")
    page.post(f"/keys/{key.public_id}/check/")
    assert ApiKey.objects.get().state == ApiKey.State.ACTIVE


def test_it_is_the_owners_page_alone(
    client_of: Browser, add_key: AddKey, seller: Membership, stranger: Membership
) -> None:
    key = add_key()
    assert client_of(seller).get("/keys/").status_code == 403
    assert client_of(seller).post(f"/keys/{key.public_id}/retire/").status_code == 403
    assert client_of(stranger).post(f"/keys/{key.public_id}/retire/").status_code == 404
    assert client_of(stranger).post(f"/keys/{key.public_id}/check/").status_code == 404
    assert key.shown not in client_of(stranger).get("/keys/").content.decode()
    assert ApiKey.objects.get().state == ApiKey.State.ACTIVE


def test_it_reads_the_model_list_on_demand_and_says_what_it_brought(
    page: Client, stand_in: Simulator
) -> None:
    CatalogueModel.objects.all().delete()
    said = page.post("/models/-/refresh/", follow=True).content.decode()
    count = CatalogueModel.objects.count()
    assert count > 20
    assert f"New: {count}" in said
    assert f"{count} models" in said
    again = page.post("/models/-/refresh/", follow=True).content.decode()
    assert "nothing has changed" in again


def test_it_keeps_the_model_list_when_it_cannot_be_read(page: Client, settings: Any) -> None:
    before = CatalogueModel.objects.count()
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    said = page.post("/models/-/refresh/", follow=True).content.decode()
    assert "could not be read" in said
    assert CatalogueModel.objects.count() == before
