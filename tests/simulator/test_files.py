"""Uploads: signatures, limits, lengths, and their use as references."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from rivya_app.simulator.media import clip, sound
from tests.simulator.conftest import Api, code_of
from tests.simulator_process import Simulator

WEBM = b"\x1a\x45\xdf\xa3" + b"\0" * 20 + b"webm" + b"\0" * 40


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="module")
def film() -> bytes:
    return clip.encoded("a mug", 1, (160, 90), 1.0, [], sound=False)


@pytest.fixture(scope="module")
def song() -> bytes:
    track = sound.piece("effect", 1, 1.5)
    return sound.encoded(track, "mp3", rate=44100, kilobits=64, codec="")


def upload(api: Api, content: bytes, kind: str = "image", **fields: str) -> httpx.Response:
    files = {"file": ("my file!.png", content, "application/octet-stream")}
    return api.http.post("/files", files=files, data={"kind": kind, **fields})


def item(file: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"url": file["url"], "kind": file["kind"]} | more


def refs(*items: dict[str, Any], **params: Any) -> dict[str, Any]:
    return {"referenceMediaItems": list(items), **params}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_it_takes_a_picture_and_knows_its_type(api: Api, kind: str) -> None:
    answer = upload(api, picture(kind), client_request_id="mine")
    file = answer.json()
    assert answer.status_code == 201
    assert file["mime_type"] == f"image/{kind.lower()}"
    assert (file["kind"], file["duration_token"]) == ("image", None)
    assert api.http.get(f"/files/{file['id']}").json() == file
    assert httpx.get(file["url"]).content == picture(kind)


def test_it_measures_clips_and_sounds(api: Api, film: bytes, song: bytes) -> None:
    video = upload(api, film, "video").json()
    assert video["mime_type"] == "video/mp4"
    assert video["duration_seconds"] == pytest.approx(1, abs=0.1)
    audio = upload(api, song, "audio").json()
    assert audio["mime_type"] == "audio/mpeg"
    assert audio["duration_seconds"] == pytest.approx(1.5, abs=0.2)
    assert video["duration_token"] != audio["duration_token"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "image"),
        (b"just words, whatever the name says", "image"),
        (b"GIF89a" + b"\0" * 40, "image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image"),
        (picture(), "video"),
        (picture(), "document"),
        (picture(), ""),
        (WEBM, "audio"),
    ],
)
def test_it_refuses_what_the_bytes_are_not(api: Api, content: bytes, kind: str) -> None:
    answer = upload(api, content, kind)
    assert (answer.status_code, code_of(answer)) == (400, "validation_failed")


def test_it_refuses_a_form_without_a_file(api: Api) -> None:
    assert code_of(api.http.post("/files", data={"kind": "image"})) == "validation_failed"
    broken = {"content-type": "multipart/form-data; boundary=x"}
    answer = api.http.post("/files", content=b"--y\r\nnot a form", headers=broken)
    assert code_of(answer) == "validation_failed"


def test_it_minds_the_limits_of_the_model(api: Api) -> None:
    large = picture() + b"\0" * (11 * 1024 * 1024)
    assert code_of(upload(api, large)) == "validation_failed"
    assert upload(api, large, model="nano-banana-2").status_code == 201
    assert code_of(upload(api, picture(), model="z-image")) == "validation_failed"
    assert code_of(upload(api, picture(), model="nobody")) == "validation_failed"
    assert code_of(upload(api, WEBM, "video", model="wan-2-6")) == "validation_failed"
    assert code_of(upload(api, picture(), client_request_id="x" * 129)) == "validation_failed"


def test_it_shows_files_to_their_account_only(rivya: Simulator) -> None:
    mine, other = Api(rivya, rivya.new_key("a")), Api(rivya, rivya.new_key("b", account="other"))
    file = upload(mine, picture()).json()
    assert other.http.get(f"/files/{file['id']}").status_code == 404
    answer = other.create(model="nano-banana-2", params=refs(item(file)))
    assert code_of(answer) == "validation_failed"


def test_it_uses_a_file_as_a_reference(api: Api) -> None:
    file = upload(api, picture(size=(400, 200))).json()
    answer = api.result(model="nano-banana-2", params=refs(item(file, mimeType="image/png")))
    with Image.open(io.BytesIO(answer.content)) as result:
        assert result.width == pytest.approx(2 * result.height, rel=0.02)  # auto: as the reference
        assert result.getpixel((result.width // 2, result.height // 2))[0] > 150


@pytest.mark.parametrize(
    ("model", "count", "status"),
    [
        ("nano-banana-pro", 8, 201),
        ("nano-banana-pro", 9, 400),
        ("veo3-1-lite", 2, 201),
        ("veo3-1-lite", 3, 400),
        ("kling-2-6", 2, 400),
    ],
)
def test_it_counts_references(api: Api, model: str, count: int, status: int) -> None:
    file = upload(api, picture()).json()
    params = refs(*[item(file)] * count)
    assert api.create(model=model, params=params).status_code == status


def test_it_minds_which_references_go_together(api: Api, film: bytes) -> None:
    image, video = upload(api, picture()).json(), upload(api, film, "video").json()
    shot = item(video, durationToken=video["duration_token"])
    for images, status in ((5, 201), (6, 400)):
        params = refs(shot, *[item(image)] * images)
        assert api.create(model="happyhorse-1-0", params=params).status_code == status
    assert api.create(model="wan-2-6", params=refs(shot, item(image))).status_code == 400


def test_it_asks_for_the_proof_of_length(api: Api, film: bytes) -> None:
    video = upload(api, film, "video").json()
    for more in ({}, {"durationToken": "dur_guess"}):
        assert api.create(model="wan-2-6", params=refs(item(video, **more))).status_code == 400
    good = item(video, durationToken=video["duration_token"])
    assert api.create(model="wan-2-6", params=refs(good)).status_code == 201


def test_it_refuses_links_from_elsewhere_unless_told(api: Api) -> None:
    params = refs({"url": "https://example.com/a.png", "kind": "image"})
    assert api.create(model="nano-banana-2", params=params).status_code == 400
    api.stand_in.set(foreign_references="allow")
    assert api.create(model="nano-banana-2", params=params).status_code == 201


def test_it_forgets_a_file_that_has_expired(api: Api) -> None:
    file = upload(api, picture()).json()
    api.stand_in.expire_file(file["id"])
    assert api.http.get(f"/files/{file['id']}").status_code == 404
    assert httpx.get(file["url"]).status_code == 404
    answer = api.create(model="nano-banana-2", params=refs(item(file)))
    assert code_of(answer) == "validation_failed"
