"""Jobs with reference files: never sent without them, never charged twice, never silently ended."""

import json
import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from rivya_app.core import clock
from rivya_app.core.redaction import RedactionFilter
from rivya_app.credits.models import LedgerEntry
from rivya_app.gateway import catalogue
from rivya_app.gateway.access import workflow_for
from rivya_app.gateway.media_models import MediaModel
from rivya_app.generations import actions, bodies, jobs, references, sweep
from rivya_app.generations.models import Generation, GenerationEvent
from rivya_app.library import remote, sending
from rivya_app.library.models import FileUse, RemoteCopy, StoredFile
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.resources import Generations
from tests.gateway.test_leaks import everything_in_redis, everything_in_the_database
from tests.library.test_strip import film_of_a_phone, photo
from tests.shop import CREDITS, Shop
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MODEL, PRICE = "nano-banana-2", 5
REFUSED = {"on": ["generations.create"]}


@pytest.fixture
def file(shop: Shop, seller: Any) -> StoredFile:
    return shop.upload(seller, photo(), "IMG_1234 home.jpg")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, str]]:
    """The bytes and the key of every create."""
    calls: list[tuple[bytes, str]] = []
    create = Generations.create

    def watched(self: Any, body: Any, *, idempotency_key: str) -> Any:
        calls.append((body, idempotency_key))
        return create(self, body, idempotency_key=idempotency_key)

    monkeypatch.setattr(Generations, "create", watched)
    return calls


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs handed to workers."""
    from rivya_app.generations import tasks

    ids: list[str] = []
    monkeypatch.setattr(
        tasks.submit_generation, "delay", lambda *, generation_id: ids.append(generation_id)
    )
    return ids


def ask(shop: Shop, member: Any, *files: StoredFile, **fields: Any) -> Generation:
    """One job with these files, as a brief would ask for it."""
    values: dict[str, Any] = {"media_kind": "image", "model": MODEL, "price": Decimal(PRICE)}
    values |= fields
    body = {"model": values["model"], "prompt": "A mug", "client_request_id": str(uuid4())}
    with transaction.atomic():
        return actions.request(
            member=member,
            workflow=workflow_for(shop.workspace, values["media_kind"]),
            title="Hand-thrown blue mug",
            media_kind=values["media_kind"],
            model=MediaModel(catalogue.find(values["model"])),
            body=body | fields.get("body", {}),
            price=values["price"],
            references=files,
        )


def now(job: Generation) -> Generation:
    return Generation.objects.get(pk=job.pk)


def finish(shop: Shop, job: Generation) -> Generation:
    shop.wait_until(lambda: not now(job).is_open)
    return now(job)


def uploads_at(shop: Shop) -> int:
    return sum(call["path"] == "/api/v1/files" for call in shop.rivya.requests())


def assert_charged_once(shop: Shop, job: Generation, price: int = PRICE) -> None:
    job = now(job)
    assert job.status == "succeeded"
    assert [task["id"] for task in shop.rivya.tasks()] == [job.task_id]
    kinds = LedgerEntry.objects.filter(reference=job.reference).values_list("kind", flat=True)
    assert sorted(kinds) == ["hold", "reserve", "settle"]
    account = shop.workspace.credit_account
    account.refresh_from_db()
    assert (account.available, account.held) == (CREDITS - price, 0)
    assert Decimal(str(shop.rivya.wallet()["credits"])) == account.available


def assert_nothing_charged(shop: Shop, job: Generation, code: str) -> None:
    job = now(job)
    assert (job.status, job.error_code) == ("failed", code)
    assert shop.rivya.tasks() == []
    account = shop.workspace.credit_account
    account.refresh_from_db()
    assert (account.available, account.held) == (CREDITS, 0)


# --- The way of a job ---------------------------------------------------------------------------


def test_it_waits_for_its_files_and_goes_on_at_once(shop, seller, file, published):
    job = ask(shop, seller, file)
    assert (job.waits_for, job.body_sha256, published) == ("references", "", [])
    jobs.submit(job.public_id)
    assert (now(job).status, shop.sends()) == ("queued", [])
    shop.send_references()
    assert published == [str(job.public_id)]
    jobs.submit(job.public_id)
    assert (now(job).status, now(job).waits_for) == ("processing", "")
    finish(shop, job)
    assert_charged_once(shop, job)


def test_it_takes_its_files_into_use(shop, seller, file):
    job = ask(shop, seller, file, file)
    assert job.reference_count == 1
    assert FileUse.objects.get().reference == job.reference


def test_it_sends_references_as_the_contract_says(shop, seller, file, sent):
    job = finish(shop, ask(shop, seller, file, body={"params": {"resolution": "2K"}}))
    body = json.loads(sent[0][0])
    (item,) = body["params"].pop("referenceMediaItems")
    assert body["params"] == {"resolution": "2K"}
    assert set(item) == {"url", "kind", "name", "mimeType"}
    assert (item["kind"], item["mimeType"]) == ("image", "image/jpeg")
    assert item["url"].startswith(shop.rivya.base_url)
    assert "referenceMediaItems" not in now(job).body
    assert "url" not in now(job).body


def test_it_sends_several_in_their_order(shop, seller, file, sent):
    others = [shop.upload(seller, photo(quality=q), "more.jpg") for q in (40, 60)]
    files = [others[1], file, others[0]]
    finish(shop, ask(shop, seller, *files))
    items = json.loads(sent[0][0])["params"]["referenceMediaItems"]
    assert [each.sha256[:12] in item["name"] for each, item in zip(files, items, strict=True)] == [
        True
    ] * 3


def test_it_sends_a_film_with_the_token_of_its_length(shop, seller, sent):
    film = shop.upload(seller, film_of_a_phone(turned=False), "clip.mp4")
    job = ask(shop, seller, film, media_kind="video", model="wan-2-6", price=Decimal(70))
    finish(shop, job)
    (item,) = json.loads(sent[0][0])["params"]["referenceMediaItems"]
    assert set(item) == {"url", "kind", "name", "mimeType", "durationSeconds", "durationToken"}
    assert item["durationSeconds"] == pytest.approx(1, abs=0.1)
    assert_charged_once(shop, job, 70)


def test_a_second_job_uses_what_is_there(shop, seller, file, published):
    finish(shop, ask(shop, seller, file))
    published.clear()
    second = ask(shop, seller, file)
    assert published == [str(second.public_id)]
    jobs.submit(second.public_id)
    assert now(second).status == "processing"
    assert uploads_at(shop) == 1


def test_a_job_without_references_is_frozen_at_once(shop, seller):
    job = ask(shop, seller)
    assert job.body_sha256
    assert job.waits_for == ""


def test_a_lost_word_from_the_library_is_made_up_for_by_the_sweep(shop, seller, file, published):
    job = ask(shop, seller, file)
    jobs.submit(job.public_id)
    before = dict(remote._listeners)
    remote._listeners.clear()
    shop.send_references()
    remote._listeners.clear()
    remote._listeners.update(before)
    assert published == []
    assert now(job).next_check_at > clock.now()
    Generation.objects.update(next_check_at=clock.now())
    sweep.sweep()
    assert published == [str(job.public_id)]


def test_the_page_says_what_it_waits_for(shop, seller, file, client_of):
    job = ask(shop, seller, file)
    page = client_of(seller).get(f"/jobs/{job.public_id}/").content.decode()
    assert "Sending the reference" in page


# --- The same bytes, for ever -------------------------------------------------------------------


def test_it_sends_the_same_bytes_again_whatever_became_of_the_copy(shop, seller, file, sent):
    shop.rivya.fault("cut_after", **REFUSED)
    job = ask(shop, seller, file)
    shop.send_references()
    jobs.submit(job.public_id)
    assert now(job).is_uncertain
    frozen = now(job).body_sha256
    RemoteCopy.objects.update(expires_at=clock.now() - timedelta(days=1))
    another = ask(shop, seller, file)  # has the file sent again, under another link
    shop.send_references()
    shop.rivya.clear_faults()
    finish(shop, job)
    finish(shop, another)
    mine = {body for body, key in sent if key == str(job.idempotency_key)}
    assert len(mine) == 1
    assert now(job).body_sha256 == frozen
    assert len(shop.rivya.tasks()) == 2
    assert uploads_at(shop) == 2


def frozen_and_queued(shop: Shop, seller: Any, file: StoredFile) -> Generation:
    shop.rivya.fault("rate_limited", times=6, **REFUSED)
    job = ask(shop, seller, file)
    shop.send_references()
    jobs.submit(job.public_id)
    shop.rivya.clear_faults()
    assert now(job).body_sha256
    return now(job)


def test_it_stops_before_it_sends_other_bytes_under_the_same_key(shop, seller, file, sent):
    job = frozen_and_queued(shop, seller, file)
    sent.clear()
    items = json.loads(job.reference_items.reveal())
    items["items"][0]["url"] += "x"
    Generation.objects.update(reference_items=json.dumps(items))
    for _send in range(3):
        jobs.submit(job.public_id)
    assert sent == []
    job = now(job)
    assert (job.status, job.needs_look, job.look_reason) == ("queued", True, "body_changed")
    assert GenerationEvent.objects.filter(kind="body_changed").count() == 1


def test_it_stops_at_a_changed_text_too(shop, seller, sent):
    job = ask(shop, seller)
    Generation.objects.update(body=job.body.replace("mug", "jug"))
    jobs.submit(job.public_id)
    assert sent == []
    assert now(job).look_reason == "body_changed"


def test_it_forgets_the_links_when_the_job_is_closed(shop, seller, file):
    job = frozen_and_queued(shop, seller, file)
    assert job.reference_items
    assert not finish(shop, job).reference_items


# --- A copy that Rivya no longer takes ----------------------------------------------------------


def test_it_sends_the_files_again_once_and_begins_under_a_new_key(shop, seller, file, sent):
    shop.rivya.fault("expire_reference", times=1)
    job = ask(shop, seller, file)
    key_before = job.idempotency_key
    finish(shop, job)
    assert_charged_once(shop, job)
    assert uploads_at(shop) == 2
    (first, second) = sent
    assert first[1] == str(key_before) != second[1] == str(now(job).idempotency_key)
    assert first[0] != second[0]
    renewed = GenerationEvent.objects.get(generation=job, kind="references_renewed")
    assert renewed.details == {"code": "validation_failed", "key_before": str(key_before)}


def test_a_copy_that_ran_out_at_rivya_unannounced_is_sent_again(shop, seller, file):
    finish(shop, ask(shop, seller, file))
    shop.rivya.expire_file(shop.rivya.files()[0]["id"])
    job = finish(shop, ask(shop, seller, file))
    assert job.status == "succeeded"
    assert uploads_at(shop) == 2


def test_a_second_refusal_ends_the_job_and_gives_the_credits_back(shop, seller, file, sent):
    shop.rivya.fault("refuse_reference")
    job = finish(shop, ask(shop, seller, file))
    assert_nothing_charged(shop, job, "validation_failed")
    assert len({key for _body, key in sent}) == 2
    assert job.renewal_count == 1


def test_two_jobs_that_meet_the_same_old_copy_send_it_once_more(shop, seller, file):
    both = [frozen_and_queued(shop, seller, file) for _job in range(2)]
    shop.rivya.expire_file(shop.rivya.files()[0]["id"])
    for job in both:
        jobs.submit(job.public_id)
        assert now(job).renewal_count == 1
        shop.send_references()
    for job in both:
        finish(shop, job)
    assert uploads_at(shop) == 2
    assert len(shop.rivya.tasks()) == 2


def test_an_uncertain_job_never_begins_anew(shop, seller, file, sent):
    """Its first send may have been taken up, so another key could be a second charge."""
    shop.rivya.fault("cut_before", **REFUSED)
    job = ask(shop, seller, file)
    shop.send_references()
    jobs.submit(job.public_id)
    assert now(job).is_uncertain
    shop.rivya.clear_faults()
    shop.rivya.expire_file(shop.rivya.files()[0]["id"])
    finish(shop, job)
    assert_nothing_charged(shop, job, "validation_failed")
    assert {key for _body, key in sent} == {str(job.idempotency_key)}
    assert now(job).renewal_count == 0


def test_a_send_whose_worker_died_never_begins_anew(shop, seller, file, sent):
    job = ask(shop, seller, file)
    shop.send_references()
    assert jobs._claim_for_submit(job.public_id)
    Generation.objects.update(next_check_at="2020-01-01T00:00Z")
    sweep.sweep()
    shop.rivya.expire_file(shop.rivya.files()[0]["id"])
    finish(shop, job)
    assert_nothing_charged(shop, job, "validation_failed")
    assert {key for _body, key in sent} == {str(job.idempotency_key)}


def refusal(**changes: Any) -> errors.ApiError:
    error = errors.api_error(code="validation_failed", status=400, message="no")
    for name, value in changes.items():
        setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    ("error", "row", "may"),
    [
        (refusal(), {}, True),
        (errors.api_error(code="not_found", status=404, message="no"), {}, True),
        (errors.api_error(code="", status=404, message="no"), {}, False),
        (errors.api_error(code="insufficient_credits", status=402, message="no"), {}, False),
        (refusal(follows_doubt=True), {}, False),
        (refusal(maybe_sent=True), {}, False),
        (refusal(), {"is_uncertain": True}, False),
        (refusal(), {"renewal_count": 1}, False),
        (refusal(), {"reference_count": 0}, False),
    ],
)
def test_it_begins_anew_only_where_nothing_can_exist_under_the_old_key(error, row, may):
    job = Generation(**{"reference_count": 1, **row})
    assert references.may_begin_anew(job, error) is may


def test_creates_doubled_by_many_workers_make_one_task(shop, seller, file):
    shop.rivya.fault("expire_reference", times=1)
    job = ask(shop, seller, file)

    def work(_number: int) -> None:
        for copy_id in RemoteCopy.objects.values_list("pk", flat=True):
            sending.send(copy_id)
        jobs.submit(job.public_id)

    for _round in range(4):
        at_once(4, work)
    finish(shop, job)
    assert_charged_once(shop, job)
    assert uploads_at(shop) == 2
    assert len(shop.sends()) == 2


# --- What goes wrong before -----------------------------------------------------------------------


def test_a_refused_reference_ends_the_job_before_any_create(shop, seller, file, client_of):
    shop.rivya.fault("error", on=["files.create"], code="validation_failed", times=1)
    job = finish(shop, ask(shop, seller, file))
    assert_nothing_charged(shop, job, "reference_refused")
    assert shop.sends() == []
    assert job.request_id
    assert StoredFile.objects.get().is_stored
    page = client_of(seller).get(f"/jobs/{job.public_id}/").content.decode()
    assert "No credits were taken" in page
    again = finish(shop, ask(shop, seller, file))  # a person asks anew
    assert again.status == "succeeded"


def test_a_removed_file_ends_the_job_before_any_create(shop, seller, file):
    job = ask(shop, seller, file)
    default_storage.delete(file.storage_name)
    finish(shop, job)
    assert_nothing_charged(shop, job, "reference_gone")
    row_gone = ask(shop, seller, shop.upload(seller, photo(quality=50), "b.jpg"))
    StoredFile.objects.exclude(pk=file.pk).update(state="removed")
    finish(shop, row_gone)
    assert_nothing_charged(shop, row_gone, "reference_gone")


def test_a_file_that_cannot_be_made_ready_ends_the_job(shop, seller, file, monkeypatch):
    monkeypatch.setattr(sending, "_most_bytes", lambda copy: 100)
    job = finish(shop, ask(shop, seller, file))
    assert_nothing_charged(shop, job, "reference_unready")


def test_while_rivya_takes_no_files_the_job_waits_and_says_why(shop, seller, file, client_of):
    shop.rivya.fault("api_disabled", on=["files.create"])
    job = ask(shop, seller, file)
    for _round in range(3):
        shop.work()
    job = now(job)
    assert (job.status, job.waits_for) == ("queued", "references")
    assert job.error_code == "public_api_disabled"
    assert shop.sends() == []
    assert GenerationEvent.objects.filter(kind="references_wait").count() == 1
    assert client_of(seller).get(f"/jobs/{job.public_id}/").status_code == 200
    shop.rivya.clear_faults()
    assert_charged_once(shop, finish(shop, job))


def test_a_look_now_tries_a_resting_file_at_once(shop, seller, file, monkeypatch):
    from rivya_app.library import tasks

    monkeypatch.setattr(sending, "_FIRST_PAUSE", 60.0)  # longer than the next lines could take
    shop.rivya.fault("api_disabled", on=["files.create"], times=1)
    job = ask(shop, seller, file)
    sending.send(RemoteCopy.objects.get().pk)
    assert RemoteCopy.objects.get().not_before > clock.now()
    tried: list[int] = []
    monkeypatch.setattr(tasks.send_reference, "delay", lambda *, copy_id: tried.append(copy_id))
    actions.look_now(member=seller, public_id=job.public_id)
    assert tried == [RemoteCopy.objects.get().pk]
    sending.send(tried[0])
    assert RemoteCopy.objects.get().state == "ready"


def test_a_copy_refused_under_another_model_is_no_verdict_on_this_one(shop, seller, file):
    shop.rivya.fault("error", on=["files.create"], code="validation_failed", times=1)
    first = ask(shop, seller, file, model="seedream-4-5", price=Decimal(7))
    second = ask(shop, seller, file)
    shop.send_references()
    jobs.submit(first.public_id)
    finish(shop, second)
    assert now(first).error_code == "reference_refused"
    assert now(second).status == "succeeded"


# --- Leaks --------------------------------------------------------------------------------------


def test_links_and_tokens_are_found_nowhere(
    shop: Shop, seller: Any, client_of: Any, settings: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(RedactionFilter())
    film = shop.upload(seller, film_of_a_phone(turned=False), "clip.mp4")
    shop.rivya.fault("expire_reference", times=1)
    job = ask(shop, seller, film, media_kind="video", model="wan-2-6", price=Decimal(70))
    secrets: set[str] = set()
    shop.send_references()
    copy = RemoteCopy.objects.get()
    secrets |= {copy.remote_url.reveal(), copy.duration_token.reveal()}
    jobs.submit(job.public_id)
    said = [repr(copy), repr(now(job)), repr(now(job).__dict__), str(copy.__dict__)]
    finish(shop, job)
    copy = RemoteCopy.objects.get()
    secrets |= {copy.remote_url.reveal(), copy.duration_token.reveal()}
    assert len(secrets) == 4
    browser = client_of(seller)
    pages = [browser.get(path).content.decode() for path in (f"/jobs/{job.public_id}/", "/")]
    places = {
        "logs": caplog.text,
        "reprs": "\n".join(said),
        "pages": "\n".join(pages),
        "database": everything_in_the_database(),
        "redis": everything_in_redis(settings.REDIS_URL),
    }
    assert "Hand-thrown blue mug" in places["database"]
    assert "/api/v1/files" in places["logs"]
    parts = {each.partition("/files/")[2].partition("/")[0] or each for each in secrets}
    for secret in secrets | parts:
        assert [name for name, text in places.items() if secret in text] == []


def test_the_frozen_bytes_are_canonical():
    assert bodies.freeze({"b": 1, "a": "ä"})[0] == '{"a":"ä","b":1}'
