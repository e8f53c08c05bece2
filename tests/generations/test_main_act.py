"""From a submitted brief to a stored picture, against the stand-in over real HTTP."""

from decimal import Decimal

from rivya_app.briefs.models import Brief
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from rivya_app.notices.models import Notice
from tests.shop import CREDITS


def account(shop):
    return CreditAccount.objects.get(workspace=shop.workspace)


def test_it_makes_a_stored_picture_and_one_charge(shop, seller):
    brief = shop.submit(seller)
    job = shop.finish(brief)
    file = StoredFile.objects.get(source=job.reference)
    assert job.status == "succeeded"
    assert (file.state, file.kind, file.mime_type[:6]) == ("stored", "image", "image/")
    assert file.width == file.height
    assert account(shop).available == CREDITS - 1
    assert account(shop).held == 0
    assert len(shop.rivya.tasks()) == 1
    assert Notice.objects.filter(member=seller, kind="result_ready").count() == 1


def test_it_starts_as_many_jobs_as_drafts_were_asked_for(shop, seller):
    brief = shop.submit(seller, draft_count=4)
    shop.finish(brief)
    assert Generation.objects.filter(status="succeeded").count() == 4
    assert len(shop.rivya.tasks()) == 4
    assert account(shop).available == CREDITS - 4


def test_it_sends_the_frozen_bytes_with_the_stored_key(shop, seller):
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    assert shop.sends() == [str(job.idempotency_key)]


def test_it_returns_the_credits_of_a_job_that_failed(shop, seller):
    shop.rivya.fault("fail", times=1)
    job = shop.finish(shop.submit(seller))
    assert (job.status, job.error_code) == ("failed", "generation_failed")
    assert account(shop).available == CREDITS
    assert LedgerEntry.objects.filter(reference=job.reference, kind="release").count() == 1
    assert Notice.objects.filter(member=seller, kind="job_failed").count() == 1


def test_it_counts_what_rivya_kept_of_a_failed_job(shop, seller):
    shop.rivya.fault("fail_kept", times=1)
    job = shop.finish(shop.submit(seller))
    assert (job.status, job.final_credits) == ("failed", 1)
    assert account(shop).available == CREDITS - 1


def test_it_settles_at_what_rivya_says_in_the_end(shop, seller):
    shop.rivya.fault("settle", times=1, credits=3)
    job = shop.finish(shop.submit(seller))
    assert job.final_credits == 3
    assert account(shop).available == CREDITS - 3


def test_it_keeps_a_brief_that_our_own_ledger_cannot_carry(shop, seller, owner):
    brief = shop.submit(seller, draft_count=4, model_id="google-imagen4")
    spent = shop.submit(seller, draft_count=1)
    shop.rivya.set_credits(10)
    shop.finish(brief)
    shop.finish(spent)
    CreditAccount.objects.update(available=Decimal(10))
    kept = shop.submit(seller, draft_count=2, model_id="google-imagen4")
    assert kept.state == Brief.State.NEEDS_CREDITS
    assert (kept.needed_credits, kept.balance_seen) == (16, 10)
    assert not kept.drafts.exists()
    assert Notice.objects.filter(member=owner, kind="low_credits").exists()


def test_it_explains_and_releases_when_rivya_says_too_few_credits(shop, seller, owner):
    shop.rivya.fault("no_credits", times=1)
    brief = shop.submit(seller)
    job = shop.finish(brief)
    assert (job.status, job.error_code) == ("failed", "insufficient_credits")
    assert account(shop).available == CREDITS
    assert Notice.objects.filter(kind="low_credits", member__in=[seller, owner]).count() == 2
