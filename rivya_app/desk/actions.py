"""What a person does at the desk. Each act is one transaction, written down twice: in the audit,
and in the job's own history. A second press finds that it is done and changes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404

from rivya_app.chat import repairs as turn_repairs
from rivya_app.core.redaction import redact
from rivya_app.desk import access, listing, sources, turn_acts
from rivya_app.desk.acts import ACTS, RELEASE_UNSURE, Act, Seen
from rivya_app.desk.models import Handled, Note
from rivya_app.gateway import inbox
from rivya_app.gateway.access import inbox_of
from rivya_app.generations import lifecycle
from rivya_app.generations.models import Generation
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role


class CannotHelp(Exception):
    """The act would change nothing for the better; `why` is a code of acts.WHY_NOT."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def repair(*, member: Membership, code: str, public_id: UUID | str, reason: str = "") -> bool:
    """Do an act of ACTS to a job; False where the same was done already.

    Raises Http404, PermissionDenied, CannotHelp, KeyError for an act that is none.
    """
    return _do(member, ACTS[code], public_id, reason)


def release_unsure(*, member: Membership, public_id: UUID | str, reason: str) -> bool:
    """An owner ends a job whose truth cannot be had. Raises as `repair`."""
    access.require(member, Role.OWNER)
    return _do(member, RELEASE_UNSURE, public_id, reason)


def _do(member: Membership, act: Act[Seen], public_id: UUID | str, reason: str) -> bool:
    before = access.seen([access.job(member, public_id)])[0]  # asks the storage, so not inside
    with transaction.atomic(durable=True):
        job = access.job(member, public_id, lock=True)
        if why := act.why_not(replace(before, job=job)):
            raise CannotHelp(why)
        is_changed = act.do(replace(before, job=job), member, reason)
        if is_changed:
            facts = {"job": str(job.public_id), **({"reason": redact(reason)} if reason else {})}
            _note(member, f"desk.{act.code}", job.title, facts)
    return is_changed


@transaction.atomic(durable=True)
def repair_turn(*, member: Membership, code: str, public_id: UUID | str, reason: str = "") -> bool:
    """Do an act of turn_acts.ACTS to a question; False where the same was done already.

    Raises Http404, PermissionDenied, CannotHelp, KeyError for an act that is none.
    """
    act = turn_acts.ACTS[code]
    [seen] = access.seen_turns([access.turn(member, public_id, lock=True)])
    if why := act.why_not(seen):
        raise CannotHelp(why)
    is_changed = act.do(seen, member, reason)
    if is_changed:
        turn = seen.turn
        facts = {"turn": str(turn.public_id), **({"reason": redact(reason)} if reason else {})}
        _note(member, f"desk.{act.code}", turn_acts.name_of(turn), facts)
    return is_changed


@transaction.atomic(durable=True)
def write_turn_note(*, member: Membership, public_id: UUID | str, text: str, token: UUID) -> bool:
    """The same as `write_note`, about a question."""
    turn = access.turn(member, public_id, lock=True)
    if not _keep_note(member, turn.reference, text, token):
        return False
    turn_repairs.note(turn, "desk_noted", member)
    _note(member, "desk.turn_note", turn_acts.name_of(turn), {"turn": str(turn.public_id)})
    return True


@transaction.atomic(durable=True)
def write_note(*, member: Membership, public_id: UUID | str, text: str, token: UUID) -> bool:
    """Keep a note about a job for ever; False where this form was sent before.

    Raises Http404, PermissionDenied.
    """
    job = access.job(member, public_id, lock=True)
    if not _keep_note(member, job.reference, text, token):
        return False
    lifecycle.note(job, "desk_noted", cause="person", member=member)
    _note(member, "desk.note", job.title, {"job": str(job.public_id)})
    return True


def _keep_note(member: Membership, reference: str, text: str, token: UUID) -> bool:
    """False where this form was sent before. Behind the lock of what it is about."""
    if Note.objects.filter(workspace=member.workspace, token=token).exists():
        return False
    Note.objects.create(
        workspace=member.workspace,
        reference=reference,
        member=member,
        text=redact(text),
        token=token,
    )
    return True


@transaction.atomic(durable=True)
def mark_handled(*, member: Membership, kind: str, reference: str) -> bool:
    """Take a thing off one of the lists; False where it is off already.

    Raises PermissionDenied, and Http404 for what does not stand in the list.
    """
    access.require(member)
    title = _title_in(member, kind, reference)
    if title is None:
        raise Http404
    _handled, is_new = Handled.objects.get_or_create(
        workspace=member.workspace, kind=kind, reference=reference, defaults={"member": member}
    )
    if is_new:
        _tell_it(member, reference, "desk_handled", kind)
        _note(member, "desk.handle", title, {"list": kind})
    return is_new


@transaction.atomic(durable=True)
def put_back(*, member: Membership, kind: str, reference: str) -> bool:
    """Take a mark away; False where there is none. Raises PermissionDenied."""
    access.require(member)
    rows = Handled.objects.filter(workspace=member.workspace, kind=kind, reference=reference)
    is_changed = rows.delete()[0] > 0
    if is_changed:
        _tell_it(member, reference, "desk_reopened", kind)
        title = _title_in(member, kind, reference) or reference
        _note(member, "desk.reopen", title, {"list": kind})
    return is_changed


@transaction.atomic(durable=True)
def replay_event(*, member: Membership, event_id: str) -> bool:
    """Have an event that waits looked at now. Raises CannotHelp where it is settled: its text is
    wiped then, and only Rivya can say more."""
    access.require(member)
    if not inbox.replay(member.workspace_id, event_id):
        raise CannotHelp("settled")
    reference = _job_of_event(member, event_id)
    if reference:
        _tell_it(member, reference, "desk_replayed", event_id)
    _note(member, "desk.replay", event_id, {})
    return True


def _title_in(member: Membership, kind: str, reference: str) -> str | None:
    """What a thing of a list is called; None where it does not stand there."""
    source = sources.find(kind)
    row = listing.row_named(member, source, reference) if source else None
    if source is None or row is None:
        return None
    return next((item.title for item in source.items(member, [row])), reference)


def _job_of_event(member: Membership, event_id: str) -> str:
    """ "" where it names no job of ours."""
    named = inbox_of(member).filter(event_id=event_id).exclude(subject="")
    subject = named.values_list("subject", flat=True).first()
    found = access.job_of_task(member, subject) if subject else None
    return found.reference if found else ""


def _tell_it(member: Membership, reference: str, kind: str, about: str) -> None:
    """Write it in the thing's own history, where it is a job or a question."""
    if turn := access.turns_named(member, [reference]).get(reference):
        locked_turn = access.turn(member, turn.public_id, lock=True)
        turn_repairs.note(locked_turn, kind, member, about)
    job: Generation | None = access.jobs_named(member, [reference]).get(reference)
    if job is not None:
        locked = access.job(member, job.public_id, lock=True)
        details = {"about": about[:80]}
        lifecycle.note(locked, kind, cause="person", member=member, details=details)


def _note(member: Membership, act: str, subject: str, facts: Mapping[str, Any]) -> None:
    audit.note(member.workspace, act, member=member, subject=subject, facts=facts)
