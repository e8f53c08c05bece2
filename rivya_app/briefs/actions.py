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
        _start(brief, member, list(range(1, brief.draft_count + 1)))
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
    _start(brief, member, refused_positions(brief))
    return brief


def refused_positions(brief: Brief) -> list[int]:
    """The drafts that wait for credits: all that never started, or those Rivya refused."""
    latest = {draft.position: draft for draft in access.drafts_of(brief)}
    return [
        position
        for position in range(1, brief.draft_count + 1)
        if position not in latest
        or (
            latest[position].generation.error_code == LOW_CREDITS_CODE
            and not latest[position].generation.is_open
        )
    ]


@transaction.atomic(durable=True)
def new_attempt(
    *, member: Membership, public_id: UUID | str, position: int, attempt: int
) -> Draft | None:
    """A further, priced attempt at one draft; None where credits are too few (the brief says so).

    `attempt` is the number the person saw on the button, so pressing it twice makes one.
    """
    _require_submitter(member)
    brief = access.brief(member, public_id, lock=True)
    existing = {draft.attempt: draft for draft in _attempts(brief, position)}
    if attempt in existing:
        return existing[attempt]
    newest = existing.get(attempt - 1)
    if newest is None or newest.generation.is_open:
        raise PermissionDenied
    _start(brief, member, [position])
    return brief.drafts.filter(position=position, attempt=attempt).first()


def _attempts(brief: Brief, position: int) -> list[Draft]:
    return [draft for draft in access.drafts_of(brief) if draft.position == position]


def _start(brief: Brief, member: Membership, positions: list[int]) -> None:
    """Start a draft at each position, or none of them where the credits do not reach for all."""
    if not positions:
        return
    pays = workflow(brief.workspace, Workflow.Moment.LISTING_IMAGES)
    price = _price(brief)
    drafts = brief.drafts.select_related("generation").order_by("position", "attempt")
    newest = {draft.position: draft for draft in drafts}
    try:
        with transaction.atomic():
            _require_credits(brief, price * len(positions))
            for position in positions:
                _start_draft(brief, member, pays, price, position, newest.get(position))
    except ledger.NotEnoughCredits as refusal:
        _wait_for_credits(brief, refusal)
    else:
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


def _require_credits(brief: Brief, total: Decimal) -> None:
    """Refuse the whole before any part, so that the message names the whole need."""
    account = ledger.lock_account(brief.workspace)
    if total > account.available:
        raise ledger.NotEnoughCredits(needed=total, available=account.available, held=account.held)


def _wait_for_credits(brief: Brief, refusal: ledger.NotEnoughCredits) -> None:
    brief.needed_credits = refusal.needed
    brief.balance_seen = refusal.available
    _set_state(brief, Brief.State.NEEDS_CREDITS)
    notices.tell(
        list(owners_of(brief.workspace)),
        kind=Notice.Kind.LOW_CREDITS,
        facts={"title": brief.product},
        link=reverse("briefs:show-brief", args=[brief.public_id]),
        event_key=f"low-credits:{brief.public_id}",
    )


def _set_state(brief: Brief, state: Brief.State) -> None:
    brief.state = state
    brief.changed_at = clock.now()
    brief.save(update_fields=["state", "needed_credits", "balance_seen", "changed_at"])


def _require_submitter(member: Membership) -> None:
    if not member.has_role(*MAY_SUBMIT):
        raise PermissionDenied
