"""Uploading: what is taken, what is refused and in which words, and that nothing comes twice."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.asgi import ASGIHandler
from django.test import Client
from django.urls import reverse

from rivya_app.gateway.models import CatalogueModel
from rivya_app.library import uploads
from rivya_app.library.models import Derivative, FileUse, StoredFile
from tests.library.conftest import bomb, film, picture, sound
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

Send = Callable[..., Any]


def model(model_id: str, **media: Any) -> CatalogueModel:
    """A model of Rivya's list whose `reference_media` is `media`."""
    payload = {
        "id": model_id,
        "display_name": model_id.title(),
        "category": "image",
        "api_status": "available",
        "reference_media": media or None,
        "file_kinds": [kind for kind in ("image", "video", "audio") if kind in media],
    }
    return CatalogueModel.objects.create(
        model_id=model_id, display_name=model_id.title(), category="image", payload=payload
    )


@pytest.fixture
def send(client_of: Callable[..., Client], seller: Any, vault_dir: Path) -> Send:
    """`send(content, name)`: what the form's script does with one file; the answer."""

    def one(content: bytes, name: str = "mug.png", member: Any = seller, **fields: Any) -> Any:
        file = SimpleUploadedFile(name, content)
        values = {"token": str(uuid4()), "file": file, **fields}
        return client_of(member).post(reverse("library:upload"), values)

    return one


@pytest.mark.parametrize(
    ("content", "name", "kind", "mime_type"),
    [
        (picture(), "blue mug.png", "image", "image/png"),
        (picture(form="JPEG"), "mug.jpg", "image", "image/jpeg"),
        (picture(form="WEBP"), "mug.webp", "image", "image/webp"),
        (film(), "turn.mp4", "video", "video/mp4"),
        (sound(), "voice.wav", "audio", "audio/wav"),
    ],
)
def test_it_keeps_what_a_person_sends(send, seller, content, name, kind, mime_type, vault_dir):
    answer = send(content, name)
    file = StoredFile.objects.get()
    assert answer.status_code == 200
    assert f'name="references" value="{file.public_id}"' in answer.content.decode()
    assert (file.kind, file.mime_type, file.state) == (kind, mime_type, "stored")
    assert (file.original_name, file.made_by, file.size) == (name, seller, len(content))
    assert (vault_dir / file.storage_name).read_bytes() == content
    assert file.source.startswith("upload:")


def test_it_reads_the_length_of_films_and_sound_from_the_file(send):
    send(film(2.0), "turn.mp4")
    send(sound(3.0), "voice.wav")
    lengths = dict(StoredFile.objects.values_list("kind", "duration"))
    assert lengths["video"] == pytest.approx(2.0, abs=0.2)
    assert lengths["audio"] == pytest.approx(3.0, abs=0.1)


def test_it_has_made_what_pages_show_of_the_file(send):
    send(film(), "turn.mp4")
    assert Derivative.objects.filter(file=StoredFile.objects.get()).exists()


def refused(answer: Any) -> str:
    assert answer.status_code == 422
    assert StoredFile.objects.count() == 0
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.png", "nothing inside"),
        (b"MZ\x90 a program" * 20, "mug.png", "JPEG, PNG, WebP"),
        (b"%PDF-1.7 not a picture", "mug.pdf", "not a format taken here"),
        (picture(form="GIF"), "mug.gif", "This format (GIF) is not taken here"),
        (picture()[:80], "cut.png", "damaged"),
        (film()[:300], "cut.mp4", "damaged"),
        (bomb(), "bomb.png", "pixels"),
    ],
)
def test_it_says_why_a_file_is_not_taken(send, content, name, said):
    assert said in refused(send(content, name))


def test_it_judges_by_the_bytes_and_not_by_the_name(send):
    send(picture(form="JPEG"), "called.png")
    assert StoredFile.objects.get().mime_type == "image/jpeg"


def test_it_holds_a_file_to_the_chosen_models_own_limit(send):
    model("small", image={"max_items": 1, "max_bytes": 100})
    model("large", image={"max_items": 1, "max_bytes": 100_000})
    assert "at most 100 B" in refused(send(picture(), model_id="small"))
    assert send(picture(), model_id="large").status_code == 200


def test_it_holds_a_file_to_the_chosen_models_own_formats(send):
    model("jpeg-only", image={"max_items": 1, "mime_types": ["image/jpeg"]})
    assert "This format (PNG)" in refused(send(picture(), model_id="jpeg-only"))
    assert send(picture(form="JPEG"), model_id="jpeg-only").status_code == 200


def test_it_refuses_a_kind_the_model_does_not_take(send):
    model("stills", image={"max_items": 1})
    assert "Video" in refused(send(film(), "turn.mp4", model_id="stills"))
    model("words-only")
    assert "takes no reference files" in refused(send(picture(), model_id="words-only"))


def test_it_counts_sound_in_a_films_container_as_sound(send, settings):
    out = io.BytesIO()
    import av

    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 44100
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    model("films", video={"max_items": 1})
    assert "Audio" in refused(send(out.getvalue(), "voice.mp4", model_id="films"))


def test_it_drops_a_file_that_grows_too_large_and_keeps_the_rest_of_the_form(send, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    said = refused(send(picture() + b"\0" * 200_000))
    assert "at most 100 kB" in said


def test_it_leaves_nothing_on_the_disk_of_what_was_refused(send, settings, tmp_path, vault_dir):
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(waiting)
    refused(send(b"MZ\x90 a program" * 20))
    assert list(waiting.iterdir()) == []
    assert not vault_dir.exists() or not list(vault_dir.rglob("*"))


def test_the_same_request_again_makes_nothing_twice(send):
    token = str(uuid4())
    first = send(picture(), token=token)
    again = send(picture(90, 90), token=token)
    assert first.content == again.content
    assert StoredFile.objects.count() == 1


def test_two_at_once_with_one_token_make_one_row(send, workspace, seller):
    token = str(uuid4())
    answers = at_once(4, lambda _number: send(picture(), token=token).status_code)
    assert answers == [200] * 4
    assert StoredFile.objects.count() == 1


def test_the_same_bytes_from_two_tabs_are_one_file(send):
    answers = at_once(4, lambda number: send(picture(), f"tab-{number}.png").status_code)
    assert answers == [200] * 4
    assert StoredFile.objects.count() == 1


def test_one_person_cannot_fill_the_disk_with_what_nothing_uses(send, manager, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNUSED", 2)
    token = str(uuid4())
    for side in (40, 50):
        send(picture(side, side), token=token if side == 40 else str(uuid4()))
    answer = send(picture(60, 60))
    assert answer.status_code == 422
    assert "many files here that nothing uses" in answer.content.decode()
    assert send(picture(40, 40), token=token).status_code == 200
    assert send(picture(60, 60), member=manager).status_code == 200
    first = StoredFile.objects.order_by("pk")[0]
    FileUse.objects.create(file=first, reference="brief:1", title="A mug", path="/")
    assert send(picture(60, 60)).status_code == 200


def test_the_same_bytes_of_two_people_are_two_files_with_one_blob(send, manager, vault_dir):
    send(picture())
    send(picture(), member=manager)
    names = StoredFile.objects.values_list("storage_name", flat=True)
    assert len(names) == 2
    assert len(set(names)) == 1


def test_anothers_token_reaches_nothing_of_theirs(send, stranger):
    token = str(uuid4())
    send(picture(), token=token)
    send(picture(90, 90), token=token, member=stranger)
    mine, theirs = StoredFile.objects.order_by("pk")
    assert (mine.sha256, mine.workspace_id) != (theirs.sha256, theirs.workspace_id)


def test_those_who_may_begin_nothing_may_not_upload(send, support):
    assert send(picture(), member=support).status_code == 403
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize("left_out", ["token", "file"])
def test_a_request_without_all_it_needs_makes_nothing(client_of, seller, vault_dir, left_out):
    values = {"token": str(uuid4()), "file": SimpleUploadedFile("a.png", picture())}
    del values[left_out]
    assert client_of(seller).post(reverse("library:upload"), values).status_code == 400
    assert StoredFile.objects.count() == 0


def test_a_full_disk_is_said_and_leaves_no_row(send, monkeypatch):
    from rivya_app.library import blobs

    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blobs, "_put", full)
    assert "did not take it" in refused(send(picture()))


def test_uploading_again_starts_its_time_anew(send):
    send(picture())
    StoredFile.objects.update(changed_at="2026-01-01T00:00Z", stored_at="2026-01-01T00:00Z")
    send(picture())
    assert StoredFile.objects.get().changed_at.isoformat() > "2026-02"
    assert FileUse.objects.count() == 0


def test_an_upload_that_is_cut_off_leaves_nothing(client_of, seller, settings, tmp_path, vault_dir):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    session = client_of(seller).cookies["sessionid"].value
    headers = {
        b"host": b"localhost",
        b"cookie": f"sessionid={session}".encode(),
        b"content-type": b"multipart/form-data; boundary=b",
        b"content-length": b"5000",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": reverse("library:upload"),
        "query_string": b"",
        "headers": list(headers.items()),
    }
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'

    async def hang_up() -> bool:
        talk = ApplicationCommunicator(ASGIHandler(), scope)
        await talk.send_input({"type": "http.request", "body": head + picture(), "more_body": True})
        await talk.send_input({"type": "http.disconnect"})
        await talk.wait(10)
        return await talk.receive_nothing()

    assert async_to_sync(hang_up)()
    assert StoredFile.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
