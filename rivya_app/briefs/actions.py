"""What a seller can do with briefs. Each act is one durable transaction and may be repeated."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from rivya_app.briefs import access
from rivya_app.briefs.models import Brief, Draft
from rivya_app.core import clock
from rivya_app.credits import ledger, wallet
from rivya_app.gateway import catalogue
from rivya_app.gateway.access import workflow
from rivya_app.gateway.models import Workflow
from rivya_app.generations import actions as generations
from rivya_app.generations.price import unit_price
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Campaign, Membership, Role

MAY_SUBMIT = (Role.SELLER, Role.MANAGER, Role.OWNER)
LOW_CREDITS_CODE = "insufficient_credits"


class ModelGone(Exception):
    """The chosen model cannot be used any more."""


@dataclass(frozen=True, slots=True)
class WantedBrief:
    """A brief as typed and checked by the form."""

    form_token: UUID
    product: str
    points: str
    audience: str
    channel: str
    style: str
    language: str
    draft_count: int
    model_id: str
    params: dict[str, Any]
    prompt: str
    campaign: Campaign | None = None


@transaction.atomic(durable=True)
def submit_brief(*, member: Membership, wanted: WantedBrief) -> Brief:
    """Record the brief and start its drafts; the same form sent again finds the first one's brief.

    With too few credits the brief is kept, waiting, and nothing is started. Raises
    PermissionDenied, ModelGone, generations.NoKey (nothing is kept then).
    """
    _require_submitter(member)
    fields = {name: getattr(wanted, name) for name in WantedBrief.__slots__ if name != "form_token"}
    brief, is_new = Brief.objects.get_or_create(
        workspace=member.workspace,
        form_token=wanted.form_token,
        defaults={**fields, "created_by": member},
    )
    if is_new:
        _start(brief, member, list(range(1, brief.draft_count + 1)), earlier=[])
    return brief


def resume(*, member: Membership, public_id: UUID | str) -> Brief:
    """After a refusal for credits: read the balance, then start what was refused, and only that."""
    _require_submitter(member)
    brief = access.brief(member, public_id)
    wallet.read(brief.workspace, cause="before resuming a brief")
    return _resume(member, public_id)


@transaction.atomic(durable=True)
def _resume(member: Membership, public_id: UUID | str) -> Brief:
    brief = access.brief(member, public_id, lock=True)
    drafts = access.drafts_of(brief)
    _start(brief, member, refused_positions(brief, drafts), earlier=drafts)
    return brief


def refused_positions(brief: Brief, drafts: list[Draft]) -> list[int]:
    """The positions that wait for credits: those we refused to start, and those Rivya refused."""
    latest = {draft.position: draft.generation for draft in drafts}
    by_rivya = {
        position
        for position, job in latest.items()
        if job.error_code == LOW_CREDITS_CODE and not job.is_open
    }
    never_started = set(range(1, brief.draft_count + 1)) - set(latest)
    return sorted({*brief.waiting_positions, *by_rivya, *never_started})


@transaction.atomic(durable=True)
def new_attempt(
    *, member: Membership, public_id: UUID | str, position: int, attempt: int
) -> Draft | None:
    """A further, priced attempt at one draft; None where credits are too few (the brief says so).

    `attempt` is the number the person saw on the button, so pressing it twice makes one.
    """
    _require_submitter(member)
    brief = access.brief(member, public_id, lock=True)
    drafts = access.drafts_of(brief)
    existing = {draft.attempt: draft for draft in drafts if draft.position == position}
    if attempt in existing:
        return existing[attempt]
    newest = existing.get(attempt - 1)
    if newest is None or newest.generation.is_open:
        raise PermissionDenied
    _start(brief, member, [position], earlier=drafts)
    return brief.drafts.filter(position=position, attempt=attempt).first()


def _start(brief: Brief, member: Membership, positions: list[int], *, earlier: list[Draft]) -> None:
    """Start a draft at each position, or none of them where the credits do not reach for all.

    `earlier` are the brief's drafts so far, by position and attempt.
    """
    if not positions:
        return
    pays = workflow(brief.workspace, Workflow.Moment.LISTING_IMAGES)
    price = _price(brief)
    newest = {draft.position: draft for draft in earlier}
    started = 0
    try:
        with transaction.atomic():
            for position in positions:
                _start_draft(brief, member, pays, price, position, newest.get(position))
                started += 1
    except ledger.NotEnoughCredits as refusal:
        # The whole need, and the balance as it was before the drafts that are taken back.
        balance = refusal.available + price * started
        brief.waiting_positions = positions
        _wait_for_credits(brief, needed=price * len(positions), balance=balance)
    else:
        brief.waiting_positions = []
        _set_state(brief, Brief.State.STARTED)


def _start_draft(
    brief: Brief,
    member: Membership,
    pays: Workflow,
    price: Decimal,
    position: int,
    earlier: Draft | None,
) -> None:
    generation = generations.request(
        member=member,
        workflow=pays,
        title=brief.product,
        media_kind="image",
        body=_body(brief),
        price=price,
        campaign=brief.campaign,
        parent=earlier.generation if earlier else None,
    )
    attempt = earlier.attempt + 1 if earlier else 1
    Draft.objects.create(brief=brief, generation=generation, position=position, attempt=attempt)


def _body(brief: Brief) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": brief.model_id,
        "prompt": brief.prompt,
        "client_request_id": str(brief.public_id),
    }
    return {**body, "params": brief.params} if brief.params else body


def _price(brief: Brief) -> Decimal:
    model = catalogue.find(brief.model_id)
    if model is None or not model.is_choosable:
        raise ModelGone(brief.model_id)
    return unit_price(model).expected


def _wait_for_credits(brief: Brief, *, needed: Decimal, balance: Decimal) -> None:
    brief.needed_credits = needed
    brief.balance_seen = balance
    _set_state(brief, Brief.State.NEEDS_CREDITS)
    notices.tell(
        list(owners_of(brief.workspace)),
        kind=Notice.Kind.LOW_CREDITS,
        facts={"title": brief.product},
        link=reverse("briefs:show-brief", args=[brief.public_id]),
        event_key=f"low-credits:{brief.public_id}",
    )


def _set_state(brief: Brief, state: Brief.State) -> None:
    if brief.state == state == Brief.State.STARTED:
        return  # a new brief, mostly
    brief.state = state
    brief.changed_at = clock.now()
    brief.save(
        update_fields=["state", "waiting_positions", "needed_credits", "balance_seen", "changed_at"]
    )


def _require_submitter(member: Membership) -> None:
    if not member.has_role(*MAY_SUBMIT):
        raise PermissionDenied
