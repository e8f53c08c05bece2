"""The pages about models: what is listed, what changed, and what the owner permits."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from rivya_app.gateway import access, catalogue, model_actions
from rivya_app.gateway.models import CatalogueChange, CatalogueModel
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Membership
from tests.shop import Shop
from tests.simulator_process import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]


@pytest.fixture
def models(stand_in: Simulator) -> None:
    """The stand-in's list, read once."""
    catalogue.refresh()


def change(model_id: str, **columns: Any) -> CatalogueModel:
    """Let our row differ, so that the next reading finds a change back."""
    row = CatalogueModel.objects.get(model_id=model_id)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    return row


def page_of(browser: Client, address: str = "/models/") -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_lists_every_model_with_its_rules(
    models: None, seller: Membership, client_of: Browser
) -> None:
    page = page_of(client_of(seller))
    for row in CatalogueModel.objects.all():
        assert row.model_id in page
    assert "Takes up to 9 pictures, or 1 video and 5 pictures." in page
    assert "Text up to 1,000 characters" in page
    assert "Coming soon" in page
    assert "/docs/api/models/z-image" in page
    assert "/studio/video/kling-2-6" in page
    assert "/studio/audio/" not in page


def test_it_narrows_the_list_by_what_the_address_says(
    models: None, seller: Membership, client_of: Browser
) -> None:
    browser = client_of(seller)
    assert "z-image" not in page_of(browser, "/models/?kind=video")
    assert "kling-2-6" in page_of(browser, "/models/?kind=video&q=KLING")
    assert "longtake-1" not in page_of(browser, "/models/?usable=yes")
    assert "Nothing matches" in page_of(browser, "/models/?q=no-such-model")


def test_it_shows_one_model_with_every_setting(
    models: None, seller: Membership, client_of: Browser
) -> None:
    page = page_of(client_of(seller), "/models/elevenlabs-turbo-2-5/")
    for key in ("voice", "stability", "similarity_boost", "previous_text", "language_code"):
        assert f">{key}</code>" in page
    assert "Liam" in page
    assert client_of(seller).get("/models/never-listed/").status_code == 404


def test_it_shows_our_own_record(shop: Shop, seller: Membership, client_of: Browser) -> None:
    shop.finish(shop.submit(seller, draft_count=2))
    shop.rivya.fault("fail", times=1)
    shop.finish(shop.submit(seller))
    page = page_of(client_of(seller), "/models/z-image/")
    assert "3 jobs, 67 % succeeded" in page
    assert "usually 1 credit" in page


def test_it_keeps_a_workspaces_record_to_itself(
    shop: Shop, seller: Membership, stranger: Membership, client_of: Browser
) -> None:
    shop.finish(shop.submit(seller))
    assert "not used lately" in page_of(client_of(stranger), "/models/z-image/")


def test_it_asks_the_database_as_often_for_many_models_as_for_few(
    models: None,
    seller: Membership,
    client_of: Browser,
    django_assert_max_num_queries: Any,
) -> None:
    browser = client_of(seller)
    page_of(browser)
    with django_assert_max_num_queries(12):
        page_of(browser)


# --- What changed ---------------------------------------------------------------------------------


def test_it_records_nothing_on_the_first_reading(models: None) -> None:
    assert not CatalogueChange.objects.exists()


def test_it_shows_what_changed_since_the_last_reading(
    models: None, seller: Membership, client_of: Browser
) -> None:
    change("z-image", base_credits=Decimal(7))
    change("nano-banana", api_status="coming_soon")
    CatalogueModel.objects.get(model_id="kling-2-6").delete()
    CatalogueModel.objects.create(model_id="old-one", display_name="Old One", category="image")
    catalogue.refresh()
    kinds = {(row.model_id, row.kind) for row in CatalogueChange.objects.all()}
    assert kinds == {
        ("z-image", "price"),
        ("nano-banana", "readiness"),
        ("kling-2-6", "added"),
        ("old-one", "gone"),
    }
    page = page_of(client_of(seller))
    assert "Price: 7 credits, fixed price before, 1 credit, fixed price now." in page
    assert "No longer on the list." in page
    catalogue.refresh()
    assert CatalogueChange.objects.count() == 4


def test_it_tells_the_owner_once_of_a_change_a_workflow_depends_on(
    models: None, owner: Membership, seller: Membership, client_of: Browser
) -> None:
    flow = access.workflow_for(owner.workspace, "image")
    flow.default_model_id, flow.allowed_model_ids = "z-image", ["z-image", "nano-banana"]
    flow.save()
    change("z-image", base_credits=Decimal(7))
    change("4o-image", base_credits=Decimal(7))
    for _reading in range(2):
        catalogue.refresh()
    told = Notice.objects.get(kind=Notice.Kind.MODEL_CHANGED)
    assert told.member == owner
    assert told.sentence == "“Z-Image” costs 1.00 credits now; it was 7.00."
    assert client_of(owner).get(told.link).status_code == 200


def test_it_tells_of_a_permitted_model_that_went(models: None, owner: Membership) -> None:
    CatalogueModel.objects.create(model_id="old-one", display_name="Old One", category="image")
    flow = access.workflow_for(owner.workspace, "image")
    flow.allowed_model_ids = ["old-one"]
    flow.save()
    catalogue.refresh()
    assert "no longer lists “Old One”" in Notice.objects.get().sentence


# --- What the owner permits -----------------------------------------------------------------------


def permit(browser: Client, kind: str = "image", **fields: Any) -> str:
    answer = browser.post(f"/models/-/permit/{kind}/", fields, follow=True)
    return str(answer.content.decode())


def test_it_lets_the_owner_permit_some_models_and_start_from_one(
    models: None, owner: Membership, client_of: Browser
) -> None:
    fields = {"which": "only", "allowed": ["nano-banana", "4o-image"], "start_from": "nano-banana"}
    said = permit(client_of(owner), **fields)
    assert "Saved" in said
    assert "The account owner permits 2 models" in said
    flow = access.workflow_for(owner.workspace, "image")
    assert access.starting_model(owner.workspace) == "nano-banana"
    refused = access.model_of(flow, "z-image")
    assert refused is not None
    assert "not permitted" in refused.why_not
    assert access.workflow_for(owner.workspace, "video").allowed_model_ids == []


def test_it_lets_the_owner_permit_them_all_again(
    models: None, owner: Membership, client_of: Browser
) -> None:
    browser = client_of(owner)
    permit(browser, which="only", allowed=["nano-banana"])
    permit(browser, which="all", allowed=["nano-banana"])
    flow = access.workflow_for(owner.workspace, "image")
    assert flow.allowed_model_ids == []
    assert access.model_of(flow, "z-image").is_choosable  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"which": "only"}, "Choose at least one"),
        ({"which": "only", "allowed": ["kling-2-6"]}, "no longer on the list"),
        ({"which": "only", "allowed": ["no-such"]}, "no longer on the list"),
        ({"which": "only", "allowed": ["z-image"], "start_from": "4o-image"}, "not permitted"),
        ({"which": "all", "start_from": "longtake-1"}, "cannot be used"),
    ],
)
def test_it_refuses_a_choice_that_would_leave_no_model(
    models: None, owner: Membership, client_of: Browser, fields: dict[str, Any], said: str
) -> None:
    assert said in permit(client_of(owner), **fields)
    assert access.workflow_for(owner.workspace, "image").allowed_model_ids == []


def test_it_starts_new_briefs_from_a_model_by_its_own_button(
    models: None, owner: Membership, client_of: Browser
) -> None:
    answer = client_of(owner).post("/models/-/start/video/", {"model_id": "kling-2-6"}, follow=True)
    assert "New briefs start from this model" in answer.content.decode()
    assert access.starting_model(owner.workspace, "video") == "kling-2-6"


@pytest.mark.parametrize("person", ["seller", "manager", "support"])
def test_it_offers_the_others_no_button(
    models: None, person: str, request: pytest.FixtureRequest, client_of: Browser
) -> None:
    member = request.getfixturevalue(person)
    browser = client_of(member)
    assert "/models/-/" not in page_of(browser)
    assert "/models/-/" not in page_of(browser, "/models/nano-banana/")
    assert browser.post("/models/-/refresh/").status_code == 403
    with pytest.raises(model_actions.PermissionDenied):
        model_actions.permit(member=member, media_kind="image", model_ids=["z-image"])


def test_it_makes_a_workflow_with_a_working_key_on_first_use(shop: Shop) -> None:
    assert access.workflow_for(shop.workspace, "audio").api_key == shop.key


# --- A hostile list -------------------------------------------------------------------------------


def test_it_shows_a_hostile_entry_as_text(
    models: None, owner: Membership, client_of: Browser
) -> None:
    params = [{"key": f"p{n}<script>", "type": {"odd": n}, "options": ["<b>"]} for n in range(3000)]
    evil = "<script>alert(1)</script>"
    payload = {
        "id": "a/b ?&<x>",
        "display_name": evil,
        "category": "image",
        "api_status": evil,
        "supported_api_inputs": [evil, 7],
        "notices": [evil, {"a": 1}],
        "params": params,
        "reference_media": {"image": evil, "max_items": "many"},
    }
    CatalogueModel.objects.create(
        model_id="a/b ?&<x>", display_name=evil, category="image", api_status=evil[:40],
        billing_type="?" * 40, payload=payload,
    )  # fmt: skip
    browser = client_of(owner)
    pages = [page_of(browser), page_of(browser, "/models/a%2Fb%20%3F%26%3Cx%3E/")]
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    assert "2800 further settings are not shown" in pages[1]
