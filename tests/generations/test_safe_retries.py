"""Whatever breaks between us and Rivya: one task there, one charge, one end here."""

import pytest

from rivya_app.generations import actions, jobs, sweep
from rivya_app.generations.models import Generation, GenerationEvent
from rivya_app.library.models import StoredFile
from tests.shop import CREDITS


def assert_one_of_everything(shop, job):
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert len(shop.rivya.tasks()) == 1
    shop.workspace.credit_account.refresh_from_db()
    assert shop.workspace.credit_account.available == CREDITS - 1
    assert shop.workspace.credit_account.held == 0
    assert StoredFile.objects.filter(source=job.reference, state="stored").count() == 1


FAULTS = {
    "cut before anything is accepted": ("cut_before", {}),
    "cut after it was accepted": ("cut_after", {"on": ["generations.create"]}),
    "cut in the middle of the answer": ("cut_body", {"on": ["generations.create"]}),
    "a gateway's error page": ("malformed", {"kind": "html", "on": ["generations.create"]}),
    "a truncated answer": ("malformed", {"kind": "truncated", "on": ["generations.create"]}),
    "an empty answer": ("malformed", {"kind": "empty", "on": ["generations.create"]}),
    "wrong types": ("malformed", {"kind": "wrong_types", "on": ["generations.create"]}),
    "a server error": ("server_error", {"status": 502, "body": "html"}),
    "too many requests": ("rate_limited", {}),
    "closed for now": ("api_disabled", {}),
}


@pytest.mark.parametrize("trouble", FAULTS)
def test_it_sends_the_same_job_again(shop, seller, trouble):
    name, options = FAULTS[trouble]
    shop.rivya.fault(name, times=4, **options)
    brief = shop.submit(seller)
    job = shop.finish(brief)
    assert_one_of_everything(shop, job)
    assert set(shop.sends()) <= {str(job.idempotency_key)}


def test_it_does_not_call_an_uncertain_job_failed(shop, seller):
    shop.rivya.fault("cut_after", on=["generations.create"])
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert (job.status, job.is_uncertain) == ("queued", True)
    assert len(shop.rivya.tasks()) == 1
    shop.rivya.clear_faults()
    assert_one_of_everything(shop, shop.finish(job.draft.brief))


def test_it_asks_for_a_look_and_never_for_a_second_task_on_a_lasting_conflict(shop, seller):
    shop.rivya.fault("error", on=["generations.create"], code="idempotency_conflict", status=409)
    job = shop.job(shop.submit(seller))
    for _send in range(5):
        shop.work()
    job.refresh_from_db()
    assert (job.status, job.needs_look) == ("queued", True)
    assert shop.rivya.tasks() == []
    shop.rivya.clear_faults()
    assert_one_of_everything(shop, shop.finish(job.draft.brief))


def test_it_waits_for_a_key_that_works(shop, seller):
    shop.rivya.change_key("production-image-workflow", state="revoked")
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("queued", "api_key_revoked")
    shop.rivya.change_key("production-image-workflow", state="active")
    assert_one_of_everything(shop, shop.finish(job.draft.brief))


def test_it_takes_up_a_send_whose_worker_died(shop, seller):
    job = shop.job(shop.submit(seller))
    assert jobs._claim_for_submit(job.public_id)
    Generation.objects.update(next_check_at="2020-01-01T00:00Z")
    sweep.sweep()
    job.refresh_from_db()
    assert (job.status, job.is_uncertain) == ("queued", True)
    assert_one_of_everything(shop, shop.finish(job.draft.brief))


def test_it_leaves_a_send_under_way_alone(shop, seller):
    job = shop.job(shop.submit(seller))
    assert jobs._claim_for_submit(job.public_id)
    sweep.sweep()
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert (job.status, job.submit_count) == ("submitting", 1)
    assert shop.rivya.tasks() == []


def test_it_ignores_a_doubled_and_an_old_answer(shop, seller):
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    shop.rivya.finish(job.task_id)
    from rivya_app.gateway.clients import client_for

    with client_for(shop.key) as rivya:
        final = rivya.generations.get(job.task_id)
        shop.rivya.fault("stale_read")
        old = rivya.generations.get(job.task_id)
    shop.rivya.clear_faults()
    assert jobs.apply_remote(job.public_id, final, cause="poll")
    assert not jobs.apply_remote(job.public_id, final, cause="webhook")
    assert not jobs.apply_remote(job.public_id, old, cause="poll")
    assert_one_of_everything(shop, shop.finish(job.draft.brief))
    assert GenerationEvent.objects.filter(generation=job, status_after="succeeded").count() == 1


def test_it_goes_on_through_a_status_it_does_not_know(shop, seller):
    shop.rivya.fault("unknown_status", times=1)
    job = shop.finish(shop.submit(seller))
    assert_one_of_everything(shop, job)


def test_it_does_not_believe_a_success_without_a_result(shop, seller):
    shop.rivya.fault("no_result", times=1)
    job = shop.job(shop.submit(seller))
    for _look in range(40):
        shop.work()
    job.refresh_from_db()
    assert (job.status, job.needs_look) == ("processing", True)


def test_it_follows_no_second_task_for_one_job(shop, seller):
    from dataclasses import replace

    from rivya_app.gateway.clients import client_for

    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    with client_for(shop.key) as rivya:
        answer = rivya.generations.get(job.task_id)
    assert not jobs.apply_remote(job.public_id, replace(answer, id="task_other"), cause="webhook")
    kept = Generation.objects.get(pk=job.pk)
    assert (kept.task_id, kept.needs_look) == (job.task_id, True)


def test_it_looks_again_when_asked_and_keeps_the_key(shop, seller):
    shop.rivya.fault("cut_before", times=3)
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    actions.look_now(member=seller, public_id=job.public_id)
    assert Generation.objects.get(pk=job.pk).idempotency_key == job.idempotency_key
    assert_one_of_everything(shop, shop.finish(job.draft.brief))
