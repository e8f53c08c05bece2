"""The form for each kind: what it shows, keeps and refuses."""

from decimal import Decimal

import pytest

from rivya_app.briefs.models import Brief
from rivya_app.gateway import access
from rivya_app.gateway.models import CatalogueModel
from rivya_app.generations.models import Generation
from tests.shop import typed

NEW = "/briefs/new/"


def video(**fields):
    return typed(media_kind="video", model_id="kling-2-6", param_aspect_ratio="16:9", **fields)


def sound(**fields):
    own = typed(media_kind="audio", **fields)
    return {key: value for key, value in own.items() if key not in ("param_aspect_ratio", "style")}


def refresh(browser, form, part="kind"):
    answer = browser.post(f"{NEW}{part}/", form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.context["form"]


# --- Each kind ------------------------------------------------------------------------------------


def test_it_makes_a_video_brief_under_the_video_workflow(shop, seller, client_of):
    client_of(seller).post(NEW, video(param_duration="10", param_sound="true"))
    brief, job = Brief.objects.get(), Generation.objects.get()
    assert (brief.media_kind, job.media_kind) == ("video", "video")
    assert job.workflow == access.workflow_for(shop.workspace, "video")
    assert brief.params == {"aspect_ratio": "16:9", "duration": "10", "sound": "true"}
    assert shop.finish(brief).status == "succeeded"


def test_it_makes_a_spoken_brief_of_the_sellers_own_words(shop, seller, client_of):
    client_of(seller).post(NEW, sound(model_id="elevenlabs-turbo-2-5", prompt=""))
    brief = Brief.objects.get()
    assert brief.prompt == "Hand-thrown blue mug. glazed stoneware."
    assert brief.params["voice"] == "TX3LPaxmHKxFdv7VOQHJ"
    assert brief.params["stability"] == 0.5
    assert shop.finish(brief).status == "succeeded"


def test_it_speaks_lines_without_a_text_beside_them(shop, seller, client_of):
    lines = {
        "param_dialogue:voice": ["Adam", "", "Alice"],
        "param_dialogue:text": ["Namaste!", "A blue mug?", "  "],
        "param_default_voice": "Lily",
    }
    form = sound(model_id="elevenlabs-dialogue-v3", prompt="", points="", **lines)
    client_of(seller).post(NEW, form)
    brief = Brief.objects.get()
    assert brief.prompt == ""
    assert brief.params["dialogue"] == [
        {"voice": "Adam", "text": "Namaste!"},
        {"voice": "Lily", "text": "A blue mug?"},
    ]
    job = shop.finish(brief)
    assert job.status == "succeeded"
    assert '"prompt"' not in job.body


@pytest.mark.parametrize(
    ("texts", "said"),
    [(["", ""], "required"), (["x" * 3000, "y" * 2500], "at most 5000")],
)
def test_it_refuses_lines_the_model_would_refuse(shop, seller, client_of, texts, said):
    lines = {"param_dialogue:voice": ["Adam", "Adam"], "param_dialogue:text": texts}
    form = sound(model_id="elevenlabs-dialogue-v3", prompt="", **lines)
    answer = client_of(seller).post(NEW, form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Brief.objects.exists()


def test_it_keeps_a_text_of_its_own_within_the_models_limit(shop, seller, client_of):
    points = "\n".join(f"point number {n} of many" for n in range(70))
    client_of(seller).post(NEW, sound(model_id="suno-music", prompt="", points=points))
    assert 400 < len(Brief.objects.get().prompt) <= 500


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_it_starts_a_new_form_of_each_kind(shop, seller, client_of, kind):
    page = client_of(seller).get(f"{NEW}?kind={kind}")
    form = page.context["form"]
    assert form.kind == kind
    assert form.model.is_choosable
    assert {card.media_kind for card in form.models} == {kind}
    assert ("style" in form.fields) == (kind != "audio")


def test_it_starts_from_a_named_model_of_whatever_kind(shop, seller, client_of):
    form = client_of(seller).get(f"{NEW}?model_id=suno-music").context["form"]
    assert (form.kind, form.model.model_id) == ("audio", "suno-music")


# --- Changing the mind ----------------------------------------------------------------------------


def test_it_keeps_words_and_fitting_settings_when_the_model_changes(shop, seller, client_of):
    form = typed(
        model_id="google-imagen4",
        controls_of="nano-banana-2",
        param_aspect_ratio="9:16",
        param_resolution="4K",
        param_seed="12",
    )
    shown = refresh(client_of(seller), form)
    assert shown.controls["param_aspect_ratio"].value() == "9:16"
    assert shown.controls["param_seed"].value() == "12"
    assert "param_resolution" not in shown.controls.fields
    assert shown["product"].value() == "Hand-thrown blue mug"


def test_it_gives_up_a_setting_the_other_model_does_not_take(shop, seller, client_of):
    form = typed(model_id="z-image", controls_of="nano-banana-2", param_aspect_ratio="8:1")
    browser = client_of(seller)
    assert refresh(browser, form).controls["param_aspect_ratio"].value() == "1:1"
    browser.post(NEW, form)
    assert Brief.objects.get().params == {"aspect_ratio": "1:1"}


def test_it_shows_the_other_kind_with_everything_typed(shop, seller, client_of):
    shown = refresh(client_of(seller), typed(media_kind="video"))
    assert shown.model.media_kind == "video"
    assert shown["points"].value() == "glazed stoneware"
    assert shown.fields["points"].label == "What should the video show?"


def test_it_never_spends_on_a_kind_whose_price_was_not_seen(shop, seller, client_of):
    answer = client_of(seller).post(NEW, typed(media_kind="video"))
    assert answer.status_code == 422
    assert "Look at the model and its price" in answer.content.decode()
    assert not Brief.objects.exists()


def test_it_prices_the_settings_that_are_chosen(shop, seller, client_of):
    price = client_of(seller).post(f"{NEW}price/", video(draft_count="2")).context["price"]
    assert (price.each, price.total) == (Decimal(55), Decimal(110))
    metered = sound(model_id="elevenlabs-sound-effect-v2", param_loop="true")
    page = client_of(seller).post(f"{NEW}price/", metered).content.decode()
    assert "at least 3 credits" in page


# --- Models that cannot be used -------------------------------------------------------------------


def let_go(model_id):
    CatalogueModel.objects.filter(model_id=model_id).update(gone_at="2026-01-01T00:00Z")


def test_it_offers_the_nearest_model_in_place_of_one_that_went(shop, seller, client_of):
    let_go("google-imagen4")
    form = typed(model_id="google-imagen4", controls_of="google-imagen4", param_seed="7")
    browser = client_of(seller)
    answer = browser.post(NEW, form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Google Imagen 4 cannot be used" in page
    assert 'name="switch_to" value="google-imagen4-ultra"' in page
    switched = browser.post(NEW, {**form, "switch_to": "google-imagen4-ultra"})
    assert switched.status_code == 200
    assert switched.context["form"].model.model_id == "google-imagen4-ultra"
    assert switched.context["form"].controls["param_seed"].value() == "7"
    assert not Brief.objects.exists()


def test_it_says_so_of_a_form_opened_for_a_model_that_went(shop, seller, client_of):
    let_go("z-image")
    page = client_of(seller).get(f"{NEW}?model_id=z-image").content.decode()
    assert "Z-Image cannot be used" in page
    assert 'name="switch_to"' in page


def test_it_offers_a_waiting_brief_another_model(shop, seller, client_of):
    from rivya_app.credits import wallet

    shop.rivya.set_credits(1)
    wallet.read(shop.workspace, cause="test")
    brief = shop.submit(seller, model_id="google-imagen4", params={"aspect_ratio": "3:4"})
    let_go("google-imagen4")
    browser = client_of(seller)
    page = browser.get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Google Imagen 4 cannot be used" in page
    place = f"{NEW}?from={brief.public_id}&model_id=google-imagen4-ultra"
    assert place.replace("&", "&amp;") in page
    form = browser.get(place).context["form"]
    assert form["product"].value() == brief.product
    assert form["prompt"].value() == brief.prompt
    assert form.controls["param_aspect_ratio"].value() == "3:4"


def test_it_takes_up_no_brief_of_another_workspace(shop, seller, stranger, client_of):
    brief = shop.submit(seller)
    assert client_of(stranger).get(f"{NEW}?from={brief.public_id}").status_code == 404


def test_it_takes_only_what_the_owner_permits(shop, seller, client_of):
    flow = access.workflow_for(shop.workspace, "image")
    flow.allowed_model_ids = ["nano-banana"]
    flow.save()
    browser = client_of(seller)
    answer = browser.post(NEW, typed())
    assert answer.status_code == 422
    assert "has not permitted this model" in answer.content.decode()
    assert browser.get(NEW).context["form"].model.model_id == "nano-banana"
    from rivya_app.briefs.actions import ModelGone

    with pytest.raises(ModelGone):
        shop.submit(seller)
    assert not Brief.objects.exists()


def test_it_never_takes_a_chat_model(shop, seller, client_of):
    answer = client_of(seller).post(NEW, typed(model_id="gpt-5-2-chat"))
    assert answer.status_code == 422
    assert "for conversations" in answer.content.decode()


def test_it_insists_on_a_reference_where_the_model_makes_nothing_without(shop, seller, client_of):
    CatalogueModel.objects.filter(model_id="nano-banana").update(
        api_input_status="requires_files_api"
    )
    answer = client_of(seller).post(NEW, typed(model_id="nano-banana"))
    assert answer.status_code == 422
    assert "needs a reference file" in answer.content.decode()
    assert not Brief.objects.exists()


def test_it_survives_a_hostile_model(shop, seller, client_of):
    row = CatalogueModel.objects.get(model_id="z-image")
    row.display_name = "<script>alert(1)</script>"
    row.payload = {
        **row.payload,
        "params": [
            *({"key": f"n{n}", "type": "number", "min": 9, "max": 1} for n in range(2000)),
            {"key": "<b>", "type": ["odd"], "required": True, "default": {"deep": 1}},
        ],
    }
    row.save()
    browser = client_of(seller)
    answer = browser.post(f"{NEW}controls/", typed(param_n1="1e999999", param_n2="nan"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in page
    assert page.index('name="param_&lt;b&gt;"') < page.index('name="param_n0"')
    assert "1941 further settings" in page
    wrong = browser.post(NEW, typed(param_n1="1e999999", param_n2="nan"))
    assert wrong.status_code == 422
