"""What an event does to a job: once, whenever, however often and in whatever order it comes."""

from typing import Any

import pytest

from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.gateway import inbox
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from tests.shop import CREDITS, Shop
from tests.webhooks import envelope, make_endpoint, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def endpoint(shop: Shop) -> WebhookEndpoint:
    return make_endpoint(shop)


@pytest.fixture
def job(shop: Shop, seller: Any) -> Generation:
    """A job that Rivya works on until a test ends it."""
    shop.rivya.fault("stuck", stage="processing", times=1)
    made = shop.job(shop.submit(seller))
    jobs.submit(made.public_id)
    made.refresh_from_db()
    return made


def ended(shop: Shop, job: Generation, outcome: str = "succeeded") -> dict[str, Any]:
    """End it at Rivya; the generation as an event carries it."""
    shop.rivya.finish(job.task_id, outcome)
    return shown(shop, job)


def shown(shop: Shop, job: Generation) -> dict[str, Any]:
    with client_for(shop.key) as rivya:
        found = rivya.generations.get(job.task_id)
    return {
        "id": found.id,
        "status": found.status,
        "model": found.model,
        "reserved_credits": str(found.reserved_credits),
        "final_credits": str(found.final_credits),
        "result": {"urls": list(found.result.urls)} if found.result else None,
        "error": {"code": found.error.code, "message": ""} if found.error else None,
    }


def ring(endpoint: WebhookEndpoint, event: dict[str, Any]) -> InboxEvent:
    assert tell(endpoint, event) == 202
    return look(event)


def look(event: dict[str, Any]) -> InboxEvent:
    InboxEvent.objects.filter(state="waiting").update(next_try_at="2020-01-01T00:00Z")
    inbox.drain()
    return InboxEvent.objects.get(event_id=event["id"])


def reads(shop: Shop) -> int:
    """How often Rivya was asked about a job."""
    return sum(
        call["method"] == "GET" and "/generations/task_" in call["path"]
        for call in shop.rivya.requests()
        if not call["path"].endswith("scope_probe")
    )


def test_it_ends_a_job_without_asking(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    told = ended(shop, job)
    before = reads(shop)
    row = ring(endpoint, envelope(told))
    job.refresh_from_db()
    assert (job.status, row.state, row.subject) == ("succeeded", "applied", job.task_id)
    assert reads(shop) == before
    assert StoredFile.objects.get(source=job.reference).state == "pending"
    assert job.events.filter(kind="succeeded", cause="webhook").count() == 1
    account = CreditAccount.objects.get(workspace=shop.workspace)
    assert (account.available, account.held) == (CREDITS - 1, 0)


def test_it_fails_a_job_and_gives_its_credits_back(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    row = ring(endpoint, envelope(ended(shop, job, "failed")))
    job.refresh_from_db()
    assert (job.status, job.error_code, row.state) == ("failed", "generation_failed", "applied")
    account = CreditAccount.objects.get(workspace=shop.workspace)
    assert (account.available, account.held) == (CREDITS, 0)


@pytest.mark.parametrize(
    "place", ["data.object", "data.generation", "data", "generation", "object"]
)
def test_it_finds_the_job_wherever_the_envelope_has_it(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation, place: str
) -> None:
    told: Any = ended(shop, job)
    event = envelope(told)
    del event["data"]
    outer, _, inner = place.partition(".")
    ring(endpoint, event | {outer: {inner: told} if inner else told})
    job.refresh_from_db()
    assert job.status == "succeeded"


def test_the_same_event_twice_does_nothing_twice(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    event = envelope(ended(shop, job))
    ring(endpoint, event)
    entries = LedgerEntry.objects.count()
    row = ring(endpoint, event)
    assert (row.state, row.duplicate_count, LedgerEntry.objects.count()) == ("applied", 1, entries)


def test_another_event_for_the_same_end_is_ignored(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    told = ended(shop, job)
    ring(endpoint, envelope(told))
    entries, events = LedgerEntry.objects.count(), job.events.count()
    row = ring(endpoint, envelope(told))
    assert (row.state, row.reason) == ("ignored", "closed")
    assert (LedgerEntry.objects.count(), job.events.count()) == (entries, events)


def test_an_event_that_polling_overtook_is_ignored(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    told = ended(shop, job)
    shop.work()
    assert ring(endpoint, envelope(told)).reason == "closed"


@pytest.mark.parametrize("first", ["succeeded", "failed"])
def test_the_other_end_afterwards_changes_nothing(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation, first: str
) -> None:
    other = {"succeeded": "failed", "failed": "succeeded"}[first]
    told = ended(shop, job, first)
    ring(endpoint, envelope(told))
    late = told | {"status": other, "final_credits": "0"}
    row = ring(endpoint, envelope(late))
    job.refresh_from_db()
    assert (job.status, row.reason) == (first, "closed")


def test_an_old_processing_after_the_end_changes_nothing(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    told = ended(shop, job)
    ring(endpoint, envelope(told))
    ring(endpoint, envelope(told | {"status": "processing"}, type="generation.succeeded"))
    job.refresh_from_db()
    assert job.status == "succeeded"


def test_an_event_before_our_own_answer_was_stored_waits_for_it(
    shop: Shop, endpoint: WebhookEndpoint, seller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = shop.job(shop.submit(seller))
    held: list[Any] = []
    apply_remote = jobs.apply_remote
    monkeypatch.setattr(jobs, "apply_remote", lambda *said, **how: held.append((said, how)))
    jobs.submit(job.public_id)
    monkeypatch.setattr(jobs, "apply_remote", apply_remote)
    [(said, how)] = held
    shop.rivya.finish(said[1].id)
    job.task_id = said[1].id
    event = envelope(shown(shop, job))
    row = ring(endpoint, event)
    assert (row.state, row.reason) == ("waiting", "early")
    apply_remote(*said, **how)
    row = look(event)
    job.refresh_from_db()
    assert (row.state, job.status) == ("applied", "succeeded")


def test_an_event_of_a_job_that_was_not_made_here_is_ignored_at_once(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    elsewhere = ended(shop, job) | {"id": "task_of_studio"}
    row = ring(endpoint, envelope(elsewhere))
    job.refresh_from_db()
    assert (row.state, row.reason, job.status) == ("ignored", "not_ours", "processing")


def test_another_accounts_endpoint_cannot_end_a_job(
    shop: Shop, job: Generation, stranger: Any
) -> None:
    theirs = ApiKey.objects.create(
        workspace=stranger.workspace, purpose="theirs", secret="rvya_sk_x", fingerprint="f"
    )
    row = ring(make_endpoint(key=theirs), envelope(ended(shop, job)))
    job.refresh_from_db()
    assert (row.reason, job.status) == ("not_ours", "processing")


def test_an_endpoint_of_another_environment_cannot_end_a_job(shop: Shop, job: Generation) -> None:
    staging = ApiKey.objects.create(
        workspace=shop.workspace,
        purpose="staging",
        environment="staging",
        secret="rvya_sk_x",
        fingerprint="f",
    )
    row = ring(make_endpoint(key=staging), envelope(ended(shop, job)))
    job.refresh_from_db()
    assert (row.reason, job.status) == ("not_ours", "processing")


def test_a_bell_without_the_job_is_answered_by_reading_it(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    ended(shop, job)
    before = reads(shop)
    event = envelope(type="generation.succeeded", data={"generation_id": job.task_id})
    row = ring(endpoint, event)
    job.refresh_from_db()
    assert (row.state, row.reason, job.status) == ("applied", "fetched", "succeeded")
    assert reads(shop) == before + 1


def test_a_bell_without_any_id_brings_the_sweep_forward(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    Generation.objects.update(next_check_at="2040-01-01T00:00Z")
    ended(shop, job)
    row = ring(endpoint, envelope(type="generation.succeeded", data={}))
    assert (row.state, row.reason) == ("applied", "looked_at_all")
    job.refresh_from_db()
    assert job.next_check_at.year < 2040  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "lacking",
    [
        {"final_credits": None},
        {"result": None},
        {"result": {"urls": []}},
        {"status": "processing"},
        {"status": "failed", "error": None},
    ],
)
def test_a_success_that_lacks_or_contradicts_is_read_before_it_is_believed(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation, lacking: dict[str, Any]
) -> None:
    told = ended(shop, job) | lacking
    row = ring(endpoint, envelope(told, type="generation.succeeded"))
    job.refresh_from_db()
    assert (row.state, row.reason, job.status) == ("applied", "fetched", "succeeded")
    assert job.final_credits == 1


def test_an_end_that_rivya_itself_does_not_know_of_is_not_believed(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    event = envelope(type="generation.succeeded", data={"generation_id": job.task_id})
    row = ring(endpoint, event)
    job.refresh_from_db()
    assert (row.state, job.status) == ("waiting", "processing")


def test_it_asks_again_where_rivya_could_not_be_asked(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation, settings: Any
) -> None:
    ended(shop, job)
    event = envelope(type="generation.succeeded", data={"generation_id": job.task_id})
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    row = ring(endpoint, event)
    assert (row.state, row.reason) == ("waiting", "could_not_ask")
    settings.RIVYA_BASE_URL = shop.rivya.base_url
    assert look(event).state == "applied"


def test_a_rotated_away_key_still_speaks_for_its_jobs(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation, owner: Any
) -> None:
    from rivya_app.gateway.actions import add_key, retire_key

    ended(shop, job)
    secret = shop.rivya.new_key("second")
    add_key(member=owner, purpose="second", environment="production", secret=secret)
    retire_key(member=owner, public_id=shop.key.public_id)
    event = envelope(type="generation.succeeded", data={"generation_id": job.task_id})
    assert ring(endpoint, event).state == "applied"


def test_a_burst_loses_none_and_doubles_none(
    shop: Shop, endpoint: WebhookEndpoint, job: Generation
) -> None:
    """500 events, a tenth of them twice; one of them is about a job of ours."""
    told = ended(shop, job)
    events = [envelope(told | {"id": f"task_elsewhere_{n}"}) for n in range(449)]
    events.append(envelope(told))
    posts = [*events, *events[::9]][:500]
    assert {tell(endpoint, event) for event in posts} == {202}
    while inbox.drain():
        pass
    states = InboxEvent.objects.values_list("state", flat=True)
    assert (states.filter(state="ignored").count(), states.filter(state="applied").count()) == (
        449,
        1,
    )
    assert sum(InboxEvent.objects.values_list("duplicate_count", flat=True)) == 50
    job.refresh_from_db()
    assert job.status == "succeeded"
