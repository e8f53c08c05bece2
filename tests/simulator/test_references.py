"""What is made shows what it was made from, and a reference can be refused or lost on request."""

from __future__ import annotations

import io
from typing import Any

import av
import httpx
import pytest
from PIL import Image, ImageStat

from rivya_app.simulator.media.render import contact_sheet
from tests.simulator.conftest import Api, code_of
from tests.simulator.test_files import item, refs

MODEL = "nano-banana-2"


def upload(api: Api, colour: str, name: str = "") -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (320, 320), colour).save(out, "PNG")
    files = {"file": (name or f"{colour}.png", out.getvalue(), "image/png")}
    answer = api.http.post("/files", files=files, data={"kind": "image"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def share_of(picture: Image.Image, channel: int) -> float:
    """How much of a picture is mostly of that colour (0 red, 1 green, 2 blue)."""
    pixels = list(picture.convert("RGB").resize((64, 64)).get_flattened_data())
    others = [c for c in range(3) if c != channel]
    strong = [p for p in pixels if p[channel] > 110 and all(p[o] < 90 for o in others)]
    return len(strong) / len(pixels)


def test_a_picture_shows_each_of_its_references(api: Api) -> None:
    items = [item(upload(api, colour)) for colour in ("red", "blue")]
    answer = api.result(model=MODEL, params=refs(*items, aspect_ratio="1:1"))
    with Image.open(io.BytesIO(answer.content)) as made:
        assert share_of(made, 0) > 0.05
        assert share_of(made, 2) > 0.05


def test_a_clip_films_its_references_in_turn(api: Api) -> None:
    items = [item(upload(api, colour)) for colour in ("red", "blue")]
    answer = api.result(model="kling-3-0", params=refs(*items, duration="3"))
    with av.open(io.BytesIO(answer.content), "r") as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    first, last = ImageStat.Stat(frames[0]).mean, ImageStat.Stat(frames[-1]).mean
    assert (first[0] > 150, first[2] < 80) == (True, True)
    assert (last[2] > 150, last[0] < 80) == (True, True)


@pytest.mark.parametrize(("count", "size"), [(1, (8, 8)), (2, (1280, 640)), (5, (1920, 1280))])
def test_a_sheet_holds_every_reference(count: int, size: tuple[int, int]) -> None:
    assert contact_sheet([Image.new("RGB", (8, 8), "red")] * count).size == size


def test_a_reference_is_refused_once_or_always(api: Api) -> None:
    params = refs(item(upload(api, "red")))
    api.stand_in.fault("refuse_reference", times=1)
    answers = [api.create(model=MODEL, params=params) for _ in range(2)]
    assert (code_of(answers[0]), answers[1].status_code) == ("validation_failed", 201)
    assert "referenceMediaItems[0]" in answers[0].json()["error"]["message"]
    api.stand_in.fault("refuse_reference")
    statuses = [api.create(model=MODEL, params=params).status_code for _ in range(3)]
    assert statuses == [400, 400, 400]
    assert api.create(model=MODEL).status_code == 201  # it has no reference to refuse


def test_one_reference_of_several_is_refused(api: Api) -> None:
    items = [item(upload(api, colour)) for colour in ("red", "blue")]
    api.stand_in.fault("refuse_reference", times=1, file="blue")
    assert api.create(model=MODEL, params=refs(items[0])).status_code == 201
    answer = api.create(model=MODEL, params=refs(*items))
    assert "referenceMediaItems[1]" in answer.json()["error"]["message"]
    assert api.create(model=MODEL, params=refs(*items)).status_code == 201


def test_a_reference_that_expired_must_be_uploaded_again(api: Api) -> None:
    file = upload(api, "red")
    api.stand_in.fault("expire_reference", times=1)
    for _ in range(2):
        answer = api.create(model=MODEL, params=refs(item(file)))
        assert code_of(answer) == "validation_failed"
    assert api.http.get(f"/files/{file['id']}").status_code == 404
    assert api.create(model=MODEL, params=refs(item(upload(api, "red")))).status_code == 201


def test_a_prompt_word_refuses_a_reference_once_for_each_key(api: Api) -> None:
    body = {"model": MODEL, "params": refs(item(upload(api, "red")))}
    answers = [api.create("[[refuse_reference]] x", "one", **body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 201]
    assert api.create("[[refuse_reference]] x").status_code == 201  # nothing to refuse


def test_a_model_may_need_a_reference(api: Api) -> None:
    api.stand_in.set(extra_models="needs-a-picture")
    (model,) = (m for m in _listed(api) if m["id"] == "needs-a-picture")
    assert (model["requires_files_api"], model["api_input_status"]) == (True, "requires_files_api")
    assert code_of(api.create(model=model["id"])) == "validation_failed"
    params = refs(item(upload(api, "red")))
    assert api.create(model=model["id"], params=params).status_code == 201


def _listed(api: Api) -> list[dict[str, Any]]:
    answer = httpx.get(f"{api.stand_in.base_url}/api/v1/models")
    return list(answer.json()["data"])
