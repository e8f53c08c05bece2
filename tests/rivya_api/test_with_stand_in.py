"""The client against the stand-in over real HTTP: two independent readings of one contract."""

import io
import json
from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest
from PIL import Image

from rivya_app.rivya_api import RivyaClient, doctor, errors, webhooks
from rivya_app.rivya_api.sse import Delta, Done
from rivya_app.rivya_api.types import Job, JobState, Model, WebhookEvent, find_job, find_job_id
from tests.rivya_api.raw_server import RawServer
from tests.simulator_process import Simulator
from tests.waiting import wait_for

BODY = {"model": "z-image", "prompt": "A blue mug", "params": {"aspect_ratio": "1:1"}}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Simulator]:
    process = Simulator.start(100)
    yield process
    process.close()


@pytest.fixture
def live(stand_in: Simulator) -> Iterator[RivyaClient]:
    stand_in.reset()
    with RivyaClient(stand_in.new_key(), base_url=stand_in.base_url) as client:
        yield client


def _finished(live: RivyaClient, job: Job) -> Job:
    wait_for(lambda: live.generations.get(job.id).is_final, what="the end of the job")
    return live.generations.get(job.id)


def test_it_carries_a_job_from_request_to_picture(live: RivyaClient) -> None:
    before = live.credits.get().current
    job = live.generations.create(BODY, idempotency_key="k-1")
    assert (job.model, job.reserved_credits) == ("z-image", Decimal(1))
    assert job.request_id.startswith("req_")
    done = _finished(live, job)
    assert (done.state, done.final_credits) == (JobState.SUCCEEDED, Decimal(1))
    assert done.result is not None
    assert httpx.get(done.result.primary_url).content.startswith(b"\x89PNG")
    assert live.credits.get().current == before - 1


def test_it_makes_one_job_of_one_key(live: RivyaClient, stand_in: Simulator) -> None:
    first = live.generations.create(BODY, idempotency_key="k")
    assert live.generations.create(BODY, idempotency_key="k").id == first.id
    with pytest.raises(errors.IdempotencyConflict):
        live.generations.create({**BODY, "prompt": "Another"}, idempotency_key="k")
    assert len(stand_in.tasks()) == 1


@pytest.mark.parametrize("status", [400, 402, 403, 409])
def test_it_knows_low_credits_whatever_the_status(
    live: RivyaClient, stand_in: Simulator, status: int
) -> None:
    stand_in.set_credits(0)
    stand_in.set(insufficient_status=status)
    with pytest.raises(errors.InsufficientCredits) as caught:
        live.generations.create(BODY, idempotency_key="k")
    assert (caught.value.status, caught.value.maybe_sent) == (status, False)


def test_it_reads_every_model(live: RivyaClient) -> None:
    models = {model.id: model for model in live.models.list()}
    assert len(models) >= 30
    for model in models.values():
        assert model.base_credits is not None
        assert len(model.params) == len(model.raw["params"])
        assert bool(model.reference_rules) == (model.reference_media is not None)
    assert _rules(models["wan-2-6"]) == [("image", 1, 10_000_000), ("video", 1, 10_000_000)]
    assert _rules(models["nano-banana-2"]) == [("image", 14, 30_000_000)]
    happyhorse = models["happyhorse-1-0"]
    assert happyhorse.max_reference_count == 10
    assert happyhorse.reference_combinations == ({"image": 9}, {"video": 1, "image": 5})
    assert not any(model.is_reference_required for model in models.values())
    assert models["gpt-5-2-chat"].is_chat


def _rules(model: Model) -> list[tuple[str, int | None, int | None]]:
    return [(rule.kind, rule.max_count, rule.max_bytes) for rule in model.reference_rules]


def test_it_uploads_a_picture_and_reads_it_back(live: RivyaClient) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    made = live.files.upload(picture, kind="image", filename="a.png", mime_type="image/png")
    again = live.files.get(made.id)
    assert (again.kind, again.size_bytes) == ("image", len(picture.getvalue()))
    assert again.expires_at is not None
    with pytest.raises(errors.ApiError):
        live.files.upload(io.BytesIO(b"no"), kind="image", filename="a.png", mime_type="image/png")


@pytest.mark.parametrize("line_ending", ["lf", "crlf", "cr"])
@pytest.mark.parametrize("dialect", ["named", "chat", "typed", "openai"])
def test_it_streams_in_every_dialect_of_the_stand_in(
    live: RivyaClient, stand_in: Simulator, dialect: str, line_ending: str
) -> None:
    stand_in.set(sse_dialect=dialect, sse_line_ending=line_ending)
    body = {"model": "gpt-5-2-chat", "message": "Three names for a blue mug, please."}
    with live.chat.stream(body, idempotency_key="turn-1") as stream:
        *deltas, done = stream
    assert isinstance(done, Done)
    assert done.is_marked
    assert len(deltas) > 3
    assert done.completion.text == "".join(d.text for d in deltas if isinstance(d, Delta))
    assert done.completion.has_totals
    assert done.completion.usage is not None
    session = live.chat.sessions.get(done.completion.session_id)
    assert session.messages[-1].text == done.completion.text
    assert session.id in {listed.id for listed in live.chat.sessions.list()}


def test_it_answers_a_turn_at_once(live: RivyaClient) -> None:
    body = {"model": "gpt-5-2-chat", "message": "Hello"}
    first = live.chat.complete(body, idempotency_key="turn-1")
    follow = {**body, "session_id": first.session_id}
    second = live.chat.complete(follow, idempotency_key="turn-2")
    assert second.session_id == first.session_id
    assert second.has_totals
    other = {**follow, "model": "gemini-2-5-flash-chat"}
    with pytest.raises(errors.ChatSessionConflict):
        live.chat.complete(other, idempotency_key="turn-3")


def test_it_keeps_webhook_endpoints(live: RivyaClient) -> None:
    types = ["generation.succeeded", "generation.failed"]
    made = live.webhooks.create(name="n", url="https://hooks.example.com/r", event_types=types)
    assert made.signing_secret.startswith("whsec_")
    assert live.webhooks.get(made.id).signing_secret == ""
    assert live.webhooks.update(made.id, name="Renamed").name == "Renamed"
    rotated = live.webhooks.rotate_secret(made.id)
    assert rotated.id == made.id
    assert rotated.signing_secret not in ("", made.signing_secret)
    assert [endpoint.id for endpoint in live.webhooks.list()] == [made.id]
    live.webhooks.delete(made.id)
    assert live.webhook_events.list() == []


@pytest.mark.parametrize("form", ["standard", "hex"])
@pytest.mark.parametrize("place", ["data.object", "data", "generation", "none"])
def test_it_verifies_and_reads_what_the_stand_in_delivers(
    live: RivyaClient, stand_in: Simulator, raw_server: RawServer, form: str, place: str
) -> None:
    raw_server.behave = lambda peer: peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    stand_in.set(webhook_form=form, webhook_envelope=place)
    endpoint = live.webhooks.create(
        name="n", url=raw_server.base_url + "/hook", event_types=["generation.succeeded"]
    )
    job = _finished(live, live.generations.create(BODY, idempotency_key="k"))
    wait_for(lambda: raw_server.request_count == 1)
    headers, body = raw_server.received[0]
    proved = webhooks.verify(headers, body, [endpoint.signing_secret])
    event = WebhookEvent.from_json(json.loads(body))
    assert (proved.form, event.type) == (form, "generation.succeeded")
    assert proved.event_id in (event.id, "")
    found = find_job(event.raw)
    assert (found.id if found else find_job_id(event.raw)) in (job.id, "")
    assert (found is None) == (place == "none")
    with pytest.raises(errors.SignatureRefused, match="mismatch"):
        webhooks.verify(headers, body + b" ", [endpoint.signing_secret])
    assert [listed.id for listed in live.webhook_events.list()] == [event.id]
    wait_for(lambda: live.webhooks.deliveries(endpoint.id)[0].response_status == 204)


def test_it_finds_the_stand_in_as_we_took_rivya_to_be(live: RivyaClient) -> None:
    findings = doctor.examine(live, needed_scopes=doctor.SCOPES)
    assert [finding for finding in findings if finding.is_harmful] == []
    assert sum(finding.verdict == "agrees" for finding in findings) > 60


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("revoked", errors.ApiKeyRevoked),
        ("expired", errors.ApiKeyExpired),
        ("active", errors.ApiScopeDenied),
    ],
)
def test_it_names_what_is_wrong_with_a_key(
    stand_in: Simulator, state: str, kind: type[errors.ApiError]
) -> None:
    key = stand_in.new_key(state=state, scopes=["models:read"])
    with RivyaClient(key, base_url=stand_in.base_url) as client, pytest.raises(kind):
        client.credits.get()
