"""Jobs in trouble, brought about by the product's own acts and the stand-in's faults."""

from typing import Any

from rivya_app.core import clock
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership
from tests.shop import Shop

SLOW, FAST = 0.01, 50


def slowly(shop: Shop) -> None:
    """What is sent now does not end by itself before `ended` says so."""
    shop.rivya.change_key("production-image-workflow", speed=SLOW)


def key_refused(shop: Shop, member: Membership) -> Generation:
    """Waits, never accepted, and no answer is missing."""
    shop.rivya.change_key("production-image-workflow", state="revoked")
    job = shop.job(shop.submit(member))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert (job.status, job.is_uncertain) == ("queued", False)
    return job


def uncertain(shop: Shop, member: Membership) -> Generation:
    """Sent, accepted there, and the answer was cut off."""
    shop.rivya.fault("cut_after", on=["generations.create"])
    job = shop.job(shop.submit(member))
    jobs.submit(job.public_id)
    shop.rivya.clear_faults()
    job.refresh_from_db()
    assert (job.status, job.is_uncertain) == ("queued", True)
    return job


def running(shop: Shop, member: Membership, **fields: Any) -> Generation:
    """Accepted by Rivya and not asked about again."""
    job = shop.job(shop.submit(member, **fields))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert job.status == "processing"
    return job


def stuck(shop: Shop, member: Membership) -> Generation:
    """Running, and a person was asked to look."""
    job = running(shop, member)
    Generation.objects.filter(pk=job.pk).update(needs_look=True, look_reason="overdue")
    job.refresh_from_db()
    return job


def ended(shop: Shop, job: Generation, code: str = "generation_failed") -> None:
    """It fails at Rivya, if it was sent `slowly`; nobody has asked yet."""
    shop.rivya.finish(job.task_id, "failed", code=code)
    shop.rivya.change_key("production-image-workflow", speed=FAST)


def failed(shop: Shop, member: Membership, code: str = "generation_failed") -> Generation:
    slowly(shop)
    job = running(shop, member)
    ended(shop, job, code)
    found = shop.finish(job.draft.brief)
    assert found.status == "failed"
    return found


def without_file(shop: Shop, member: Membership) -> Generation:
    """Succeeded, and its file was given up."""
    job = shop.finish(shop.submit(member))
    files = StoredFile.objects.filter(source=job.reference)
    files.update(
        state="broken", trouble="server_error", sha256="", storage_name="", changed_at=clock.now()
    )
    return job


def later(job: Generation) -> None:
    """Its next look is far away, as after many troubles."""
    Generation.objects.filter(pk=job.pk).update(next_check_at="2100-01-01T00:00Z")
