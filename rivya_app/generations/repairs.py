"""What the desk can do to one job, inside the caller's transaction and under the job's lock.

Nothing here makes a second job at Rivya: the same row, key and bytes go on, or the row ends.
Each says first why it cannot help (a code, "" where it can), then whether it changed anything.
"""

from rivya_app.core import clock
from rivya_app.core.redaction import redact
from rivya_app.credits import ledger
from rivya_app.generations import actions, lifecycle, references, telling
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces.models import Membership

RELEASED = "released_by_desk"


def why_not_ask(job: Generation) -> str:
    """Only what Rivya has can be asked about."""
    if not job.is_open:
        return "closed"
    if job.status == Status.SUBMITTING:
        return "being_sent"
    return "" if job.status == Status.PROCESSING else "not_sent"


def ask_now(job: Generation, member: Membership) -> bool:
    """Bring the next look at Rivya forward; the sweep asks, never the caller."""
    return _bring_forward(job, member, "desk_asked")


def why_not_send(job: Generation, *, is_paused: bool) -> str:
    """Only what waits here can be sent, and never bytes that are not the frozen ones."""
    if not job.is_open:
        return "closed"
    if job.status != Status.QUEUED:
        return "being_sent" if job.status == Status.SUBMITTING else "at_rivya"
    if job.look_reason == "body_changed":
        return "body_changed"
    return "paused" if is_paused else ""


def send_again(job: Generation, member: Membership) -> bool:
    """Send it now instead of later: the same row, key and bytes, so there is no second charge."""
    references.bring_forward(job)
    is_changed = _bring_forward(job, member, "desk_sent")
    if is_changed:
        actions.publish(job)
    return is_changed


def _bring_forward(job: Generation, member: Membership, kind: str) -> bool:
    """False where its time has come already, as after the first press of two."""
    now = clock.now()
    if job.next_check_at is not None and job.next_check_at <= now:
        return False
    job.next_check_at = now
    lifecycle.note(job, kind, cause="person", member=member)
    return True


def why_not_release(job: Generation) -> str:
    """Only where it is certain that nothing runs at Rivya: never accepted, no answer missing."""
    if not job.is_open:
        return "closed"
    if job.status == Status.SUBMITTING:
        return "being_sent"
    if job.task_id or job.status != Status.QUEUED:
        return "at_rivya"
    return "uncertain" if job.is_uncertain else ""


def why_not_release_unsure(job: Generation) -> str:
    """Only where Rivya was asked for long and its truth cannot be had."""
    why = why_not_release(job)
    if not why:
        return "sure"
    if why == "uncertain" or (why == "at_rivya" and job.needs_look):
        return ""
    return "runs" if why == "at_rivya" else why


def release(job: Generation, member: Membership, reason: str, *, is_sure: bool) -> bool:
    """Close it as failed and let its credits go; what it cost stays unknown unless `is_sure`.

    Should Rivya have run it after all, the difference of the wallets shows what that cost.
    """
    job.final_credits = ledger.ZERO if is_sure else None
    job.error_code = RELEASED
    ledger.release(job.reference)
    details = {"code": RELEASED, "sure": is_sure, "why": redact(reason)[:300]}
    lifecycle.move(
        job, Status.FAILED, cause="person", kind="released", details=details, member=member
    )
    telling.failed(job)
    return True
