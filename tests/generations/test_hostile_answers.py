"""Answers that no honest Rivya gives: a job ends or goes on, and no row is ever beyond saving."""

from typing import Any

import pytest

from rivya_app.gateway import catalogue
from rivya_app.gateway.models import CatalogueModel
from rivya_app.generations import jobs, sweep
from rivya_app.generations.models import Generation
from rivya_app.generations.price import unit_price
from rivya_app.library.models import StoredFile
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.resources import Generations
from rivya_app.rivya_api.types import Job
from tests.shop import CREDITS

RUNNING = {
    "id": "task_1",
    "status": "processing",
    "reserved_credits": 1,
    "final_credits": 0,
    "result": None,
    "error": None,
}
FAILED = {"status": "failed"}
DONE = {"status": "succeeded", "final_credits": 1}

UNREADABLE: dict[str, dict[str, Any]] = {
    "a status as long as a page": {"status": "m" * 200},
    "a status that no database keeps": {"status": "moder\x00ating"},
    "half a character": {"status": "\ud800"},
    "an id as long as a page": {"id": "t" * 255},
    "a reservation of everything": {"reserved_credits": 1e12},
    "a charge of everything": {**FAILED, "final_credits": 1e12},
}
BEARABLE: dict[str, tuple[dict[str, Any], str]] = {
    "a code that no database keeps": (
        {**FAILED, "error": {"code": "a\x00b", "message": ""}},
        "failed",
    ),
    "half a character as a code": (
        {**FAILED, "error": {"code": "\ud800", "message": ""}},
        "failed",
    ),
    "a code as long as a page": ({**FAILED, "error": {"code": "x" * 5000}}, "failed"),
    "an error that is a sentence": ({**FAILED, "error": "It went wrong."}, "failed"),
    "ten thousand results": (
        {**DONE, "result": {"urls": [f"https://m.example/{n}" for n in range(10_000)]}},
        "succeeded",
    ),
    "half a character in the link": (
        {**DONE, "result": {"primary_url": "https://m.example/\ud800", "urls": []}},
        "processing",
    ),
}


@pytest.fixture
def job(shop, seller):
    return shop.job(shop.submit(seller))


@pytest.mark.parametrize("oddity", UNREADABLE)
def test_it_does_not_read_what_it_could_not_keep(oddity):
    with pytest.raises(errors.BadResponse):
        Job.from_json(RUNNING | UNREADABLE[oddity])


@pytest.mark.parametrize("oddity", BEARABLE)
def test_it_keeps_what_it_reads(shop, job, oddity):
    answer, status = BEARABLE[oddity]
    jobs.apply_remote(job.public_id, Job.from_json(RUNNING | answer), cause="poll")
    job.refresh_from_db()
    assert job.status == status
    assert job.error_code or status != "failed"
    assert StoredFile.objects.filter(source=job.reference).count() <= 20
    shop.workspace.credit_account.refresh_from_db()
    assert shop.workspace.credit_account.held == (0 if job.finished_at else 1)


def test_a_create_that_cannot_be_read_is_asked_about_and_seen_by_a_person(shop, job, monkeypatch):
    def answered(_self: Any, _body: Any, **_key: Any) -> Job:
        return Job.from_json(RUNNING | {"status": "m" * 200})

    monkeypatch.setattr(Generations, "create", answered)
    for _time in range(8):
        shop.work()
    job.refresh_from_db()
    assert (job.status, job.needs_look, job.look_reason) == ("queued", True, "bad_answer")


def test_a_refusal_that_outlived_its_lease_ends_nothing(shop, job, monkeypatch):
    """The first send hangs beyond its lease and is refused at last; the second is accepted."""
    create = Generations.create

    def hangs_once(self: Any, body: Any, *, idempotency_key: str) -> Job:
        monkeypatch.setattr(Generations, "create", create)
        lost = Generation.objects.filter(pk=job.pk)
        lost.update(next_check_at="2020-01-01T00:00Z")
        sweep._take_back_lost_sends()
        jobs._claim_for_submit(job.public_id)  # another worker, about to be accepted
        raise errors.InsufficientCredits(
            code="insufficient_credits", status=402, message="", request_id=""
        )

    monkeypatch.setattr(Generations, "create", hangs_once)
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert (job.status, job.submit_count) == ("submitting", 2)
    Generation.objects.filter(pk=job.pk).update(next_check_at="2020-01-01T00:00Z")
    sweep._take_back_lost_sends()
    shop.finish(job.draft.brief)
    shop.workspace.credit_account.refresh_from_db()
    assert shop.workspace.credit_account.available == CREDITS - 1


def test_a_model_without_a_price_is_never_called_free(shop):
    entry = CatalogueModel.objects.get(model_id="z-image").payload | {"base_credits": None}
    CatalogueModel.objects.filter(model_id="z-image").update(base_credits=None, payload=entry)
    model = catalogue.find("z-image")
    assert model is not None
    price = unit_price(model)
    assert not price.is_fixed
    assert "at least" in price.range_words
