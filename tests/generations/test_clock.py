"""A job that takes long: when it is looked at, when a person is asked, and what its page says."""

from datetime import timedelta

import pytest

from rivya_app.core import clock
from rivya_app.gateway import webhooks
from rivya_app.generations import jobs, overdue, schedule, sweep
from rivya_app.generations.history import UsualTime
from rivya_app.generations.models import Generation, GenerationEvent
from rivya_app.notices.models import Notice

MINUTE = 60


@pytest.fixture
def running(shop, seller):
    """A job that Rivya has and does not end."""
    shop.rivya.fault("stuck", stage="processing")
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert job.status == "processing"
    return job


def after(job, seconds):
    """The clock so long after Rivya accepted the job."""
    return clock.at(job.submitted_at + timedelta(seconds=seconds))


def late_jobs_at(job, seconds):
    with after(job, seconds):
        asked = overdue.ask_about_late_jobs()
    job.refresh_from_db()
    return asked


def pause(job):
    """Seconds from now until the job is looked at next."""
    job.refresh_from_db()
    return (job.next_check_at - clock.now()).total_seconds()


def announce(monkeypatch, *key_ids):
    monkeypatch.setattr(webhooks, "announced_key_ids", lambda: set(key_ids))


def make_due():
    Generation.objects.update(next_check_at=clock.now() - timedelta(seconds=1))


def test_it_asks_a_person_once_about_a_job_over_its_limit(running, seller, support, owner):
    assert late_jobs_at(running, 14 * MINUTE) == 0
    assert late_jobs_at(running, 16 * MINUTE) == 1
    assert (running.status, running.needs_look) == ("processing", True)
    assert running.look_reason == "overdue"
    assert late_jobs_at(running, 17 * MINUTE) == 0
    told = Notice.objects.filter(kind="needs_look").values_list("member", flat=True)
    assert sorted(told) == sorted([seller.pk, support.pk, owner.pk])
    assert GenerationEvent.objects.filter(generation=running, kind="overdue").count() == 1


@pytest.mark.parametrize(
    ("media_kind", "minutes"), [("image", 15), ("audio", 30), ("video", 60), ("hologram", 60)]
)
def test_it_waits_longer_for_kinds_that_take_longer(running, media_kind, minutes):
    Generation.objects.update(media_kind=media_kind)
    assert late_jobs_at(running, minutes * MINUTE - 1) == 0
    assert late_jobs_at(running, minutes * MINUTE + 1) == 1


def test_it_waits_three_times_the_models_own_longest(running, monkeypatch):
    slow = UsualTime(low=300, high=500, late_after=600, count=50)
    monkeypatch.setattr(overdue, "usual_times", lambda ids: dict.fromkeys(ids, slow))
    assert late_jobs_at(running, 29 * MINUTE) == 0
    assert late_jobs_at(running, 31 * MINUTE) == 1


def test_it_asks_about_the_overdue_on_slowly_until_the_answer_comes(shop, running):
    late_jobs_at(running, 16 * MINUTE)
    make_due()
    sweep.poll(sweep.claim_due(10))
    assert 500 < pause(running) < 700
    shop.rivya.clear_faults()
    shop.rivya.finish(running.task_id)
    done = shop.finish(running.draft.brief)
    assert (done.status, done.needs_look, done.look_reason) == ("succeeded", False, "")


def test_it_does_not_starve_the_overdue_behind_jobs_of_a_slower_kind(shop, running, seller):
    """The oldest are looked through first; those that may still run must not fill the batch."""
    shop.submit(seller, draft_count=4)
    for job in Generation.objects.filter(status="queued"):
        jobs.submit(job.public_id)
    old = running.submitted_at - timedelta(minutes=10)
    Generation.objects.exclude(pk=running.pk).update(media_kind="video", submitted_at=old)
    overdue_batch = overdue.BATCH
    overdue.BATCH = 1
    try:
        assert late_jobs_at(running, 16 * MINUTE) == 1
    finally:
        overdue.BATCH = overdue_batch
    assert running.needs_look


def test_it_asks_about_a_job_that_waits_too_long_for_a_key(shop, seller):
    shop.rivya.change_key("production-image-workflow", state="revoked")
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    with clock.at(job.created_at + timedelta(minutes=16)):
        assert overdue.ask_about_late_jobs() == 1
    job.refresh_from_db()
    assert (job.status, job.look_reason) == ("queued", "api_key_revoked")
    shop.rivya.change_key("production-image-workflow", state="active")
    done = shop.finish(job.draft.brief)
    assert (done.status, done.needs_look, done.look_reason) == ("succeeded", False, "")


def test_it_asks_about_a_job_that_waits_too_long_for_its_references(shop, seller):
    job = shop.job(shop.submit(seller))
    Generation.objects.update(waits_for="references")
    with clock.at(job.created_at + timedelta(minutes=16)):
        assert overdue.ask_about_late_jobs() == 1
    job.refresh_from_db()
    assert job.look_reason == "references_late"


def test_it_asks_nobody_where_rivya_only_said_not_now(shop, seller):
    shop.rivya.fault("rate_limited")
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    with clock.at(job.created_at + timedelta(hours=2)):
        assert overdue.ask_about_late_jobs() == 0


def test_it_takes_a_question_about_silence_back_when_an_answer_comes(shop, running):
    shop.rivya.fault("server_error", on=["generations.get"], status=502)
    for _look in range(schedule.NEEDS_LOOK_AFTER + 1):
        shop.work()
    running.refresh_from_db()
    assert (running.status, running.needs_look) == ("processing", True)
    shop.rivya.clear_faults()
    shop.rivya.fault("stuck", stage="processing")
    shop.work()
    running.refresh_from_db()
    assert (running.status, running.needs_look, running.look_reason) == ("processing", False, "")


def test_it_looks_soon_and_often_without_a_webhook(running, monkeypatch):
    assert 0 < pause(running) < 4
    make_due()
    assert [row.is_announced for row in sweep.claim_due(10)] == [False]
    assert 4 < pause(running) < 7


@pytest.mark.parametrize(("media_kind", "seconds"), [("image", 30), ("audio", 45), ("video", 90)])
def test_it_looks_once_for_safety_and_then_slowly_behind_a_webhook(
    shop, seller, monkeypatch, media_kind, seconds
):
    announce(monkeypatch, shop.key.pk)
    shop.rivya.fault("stuck", stage="processing")
    job = shop.job(shop.submit(seller))
    Generation.objects.update(media_kind=media_kind)
    jobs.submit(job.public_id)
    assert seconds - 2 < pause(job) <= seconds
    make_due()
    assert [row.is_announced for row in sweep.claim_due(10)] == [True]
    assert 260 < pause(job) < 340


def test_it_speeds_up_by_itself_when_the_webhook_is_no_longer_healthy(running, monkeypatch):
    key = running.api_key_id
    announce(monkeypatch, key)
    make_due()
    sweep.claim_due(10)
    assert sweep.hurry_unannounced() == 0
    announce(monkeypatch)
    assert sweep.hurry_unannounced() == 1
    assert pause(running) < 1
    assert len(sweep.claim_due(10)) == 1


def test_it_leaves_the_slow_looks_at_overdue_jobs_slow(running, monkeypatch):
    late_jobs_at(running, 16 * MINUTE)
    make_due()
    sweep.claim_due(10)
    announce(monkeypatch)
    assert sweep.hurry_unannounced() == 0


@pytest.mark.parametrize(("waited", "missed"), [(10, 0), (90, 1)])
def test_it_reports_an_end_that_the_webhook_had_fair_time_to_tell(
    shop, running, monkeypatch, waited, missed
):
    announce(monkeypatch, running.api_key_id)
    noted = []
    monkeypatch.setattr(webhooks, "note_missed", noted.append)
    shop.rivya.clear_faults()
    shop.rivya.finish(running.task_id)
    make_due()
    with clock.at(clock.now() + timedelta(seconds=waited)):
        sweep.poll(sweep.claim_due(10))
    running.refresh_from_db()
    assert running.status == "succeeded"
    assert noted == [running.api_key_id] * missed


def test_it_reports_nothing_missed_where_nothing_was_announced(shop, running, monkeypatch):
    noted = []
    monkeypatch.setattr(webhooks, "note_missed", noted.append)
    shop.rivya.clear_faults()
    shop.rivya.finish(running.task_id)
    make_due()
    with clock.at(clock.now() + timedelta(seconds=90)):
        sweep.poll(sweep.claim_due(10))
    assert noted == []


def test_the_page_says_that_a_late_job_still_runs(running, seller, client_of, monkeypatch):
    from rivya_app.generations import cards

    usual = UsualTime(low=20, high=40, late_after=60, count=50)
    monkeypatch.setattr(cards, "usual_times", lambda ids: dict.fromkeys(ids, usual))
    address = f"/jobs/{running.public_id}/"
    browser = client_of(seller)
    assert "Longer than usual" not in browser.get(address).content.decode()
    Generation.objects.update(submitted_at=clock.now() - timedelta(minutes=2))
    page = browser.get(address).content.decode()
    assert "usually 20 sec to 40 sec" in page
    assert "Longer than usual, still running. Nothing to do." in page


def test_the_page_of_an_overdue_job_says_so_and_offers_a_look(running, seller, client_of):
    late_jobs_at(running, 16 * MINUTE)
    page = client_of(seller).get(f"/jobs/{running.public_id}/").content.decode()
    assert "Needs a look" in page
    assert "Check now" in page
