"""What a seller can do with briefs. Each act is one durable transaction and may be repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from rivya_app.briefs import access, gating, over_budget, recipes
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.recipes import Recipe
from rivya_app.briefs.wishes import as_details
from rivya_app.chat.models import Turn
from rivya_app.core import clock
from rivya_app.credits import gate, ledger, limit_words, wallet
from rivya_app.credits.limits import Bound
from rivya_app.credits.models import GateRule
from rivya_app.gateway.access import model_of, workflows_making
from rivya_app.gateway.media_models import MediaModel, as_media_model
from rivya_app.gateway.models import Workflow
from rivya_app.generations import actions as generations
from rivya_app.generations import price
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces import access as workspaces
from rivya_app.workspaces.models import Campaign, Membership

MAY_SUBMIT = workspaces.MAY_SUBMIT
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
    media_kind: str = "image"  # image, video or audio
    references: tuple[StoredFile, ...] = ()  # in the order they are sent
    workflow: Workflow | None = None  # None: the main one of the kind
    from_turn: Turn | None = None  # the answer of the assistant it was made of


_COLUMNS = [name for name in WantedBrief.__slots__ if name not in ("form_token", "references")]


@transaction.atomic(durable=True)
def submit_brief(*, member: Membership, wanted: WantedBrief) -> Brief:
    """Record the brief and start its drafts; the same form sent again finds the first one's brief.

    With too few credits, too little room in a limit or the campaign's budget, or where an owner
    must say yes first, the brief is kept, waiting, and nothing is started. Raises PermissionDenied
    (also for a campaign that is not open to the member, or a workflow that does not make this),
    ModelGone, generations.NoKey, uses.FileGone (nothing is kept then).
    """
    _require_submitter(member)
    _require_open(member, wanted.campaign)
    _require_making(member, wanted)
    fields = {name: getattr(wanted, name) for name in _COLUMNS}
    brief, is_new = Brief.objects.get_or_create(
        workspace=member.workspace,
        form_token=wanted.form_token,
        defaults={**fields, "created_by": member},
    )
    if is_new:
        if wanted.references:
            _take(brief, brief.reference, wanted.references)
        _start(brief, member, list(range(1, brief.draft_count + 1)), earlier=[])
    return brief


def _take(brief: Brief, reference: str, files: tuple[StoredFile, ...]) -> None:
    """Keep the files for as long as the brief needs them."""
    uses.take(reference, files, title=brief.product, path=_path_of(brief))


def _path_of(brief: Brief) -> str:
    return reverse("briefs:show-brief", args=[brief.public_id])


def resume(*, member: Membership, public_id: UUID | str) -> Brief:
    """After a refusal: read the balance, then start what was refused, and only that.

    Raises as `new_attempt` does.
    """
    brief = access.brief(member, public_id)
    _require_asker(member, brief)
    if brief.state not in (Brief.State.NEEDS_BUDGET, Brief.State.NEEDS_YES):
        wallet.read(brief.workspace, cause="before resuming a brief")
    return _resume(member, public_id)


@transaction.atomic(durable=True)
def _resume(member: Membership, public_id: UUID | str) -> Brief:
    brief = access.brief(member, public_id, lock=True)
    drafts = access.drafts_of(brief)
    _start(brief, member, refused_positions(brief, drafts), earlier=drafts)
    return brief


def start_what_waits(brief: Brief, member: Membership) -> bool:
    """Start for `member` what waits, and nothing else; False where it cannot be started now.

    Inside the caller's transaction, under the brief's lock.
    """
    if not member.is_active or not access.may_ask(member, brief):
        return False  # whoever may has a button for it
    try:
        with transaction.atomic():
            _start(brief, member, brief.waiting_positions, earlier=access.drafts_of(brief))
    except (ModelGone, generations.NoKey, uses.FileGone):
        return False  # its page says which, and has the button to try again
    return brief.state == Brief.State.STARTED


def refused_positions(brief: Brief, drafts: list[Draft]) -> list[int]:
    """The positions that wait for credits or budget: refused by us, or for credits by Rivya."""
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
    *,
    member: Membership,
    public_id: UUID | str,
    position: int,
    attempt: int,
    wanted: Recipe | None = None,
) -> Draft | None:
    """A further, priced attempt at one draft, with changes where `wanted` says so.

    None where credits or budget are too few, or an owner must say yes first: the brief says so and
    keeps the changes. `attempt` is the number the person saw on the button, so pressing it twice
    makes one. Raises PermissionDenied, ModelGone, generations.NoKey, uses.FileGone.
    """
    brief = access.brief(member, public_id, lock=True)
    _require_asker(member, brief)
    drafts = access.drafts_of(brief)
    existing = {draft.attempt: draft for draft in drafts if draft.position == position}
    if attempt in existing:
        return existing[attempt]
    newest = existing.get(attempt - 1)
    if newest is None or newest.generation.is_open:
        raise PermissionDenied
    if wanted is None:  # the same again, whatever waits
        wanted = recipes.of_job(newest.generation)
    _start(brief, member, [position], earlier=drafts, wanted={position: wanted})
    return brief.drafts.filter(position=position, attempt=attempt).first()


def kind_of(brief: Brief, newest: Draft | None) -> str:
    """What the next draft at a position makes: as the one before it, else as the brief says."""
    return newest.generation.media_kind if newest else brief.media_kind


def add_draft(brief: Brief, generation: Generation) -> Draft:
    """A job that was asked for elsewhere on the strength of this brief, as one more of its drafts.

    Inside the caller's transaction, which holds the brief's lock.
    """
    last = brief.drafts.aggregate(last=Max("position"))["last"] or 0
    position = max(last, brief.draft_count) + 1
    return Draft.objects.create(brief=brief, generation=generation, position=position)


def _start(
    brief: Brief,
    member: Membership,
    positions: list[int],
    *,
    earlier: list[Draft],
    wanted: Mapping[int, Recipe] | None = None,
) -> None:
    """Start a draft at each position, or none where credits or budget do not reach for all.

    `earlier` are the brief's drafts so far, by position and attempt.
    """
    if not positions:
        return
    newest = {draft.position: draft for draft in earlier}
    asked = wanted or recipes.for_positions(brief, positions, newest)
    kind_at = {position: kind_of(brief, newest.get(position)) for position in positions}
    flows = {kind: access.pays_for(brief, kind) for kind in set(kind_at.values())}
    offers = _offers({position: flows[kind_at[position]] for position in positions}, asked)
    needed = sum((offers[position].price.expected for position in positions), Decimal(0))
    rule = gating.rule_for(brief, member, asked, needed, is_what_waited=wanted is None)
    if rule is not None:
        _keep_changes(brief, wanted or {})
        _wait_for_yes(brief, member, rule, positions, newest)
        return
    uses.lock(file for recipe in asked.values() for file in recipe.references)
    spent, bound = Decimal(0), None
    try:
        with transaction.atomic():
            for position in positions:
                kind = kind_at[position]
                draft = _NextDraft(position, kind, asked[position], offers[position])
                _start_draft(brief, member, flows[kind], draft, newest.get(position))
                spent += draft.offer.price.expected
    except ledger.NotEnoughCredits as refusal:
        state, left = Brief.State.NEEDS_CREDITS, refusal.available
    except ledger.OverLimit as refusal:
        state, left, bound = Brief.State.NEEDS_BUDGET, refusal.left, refusal.bound
    else:
        _wait_no_more(brief, positions)
        return
    _keep_changes(brief, wanted or {})
    # The whole need, and what there was before the drafts that are taken back.
    _wait(brief, state, positions, needed=needed, balance=left + spent, bound=bound)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a recipe's model is, and what it costs."""

    model: MediaModel
    price: price.UnitPrice


@dataclass(frozen=True, slots=True)
class _NextDraft:
    """One draft about to be started."""

    position: int
    media_kind: str
    recipe: Recipe
    offer: _Offer


def _start_draft(
    brief: Brief, member: Membership, pays: Workflow, draft: _NextDraft, earlier: Draft | None
) -> None:
    generation = generations.request(
        member=member,
        workflow=pays,
        title=brief.product,
        media_kind=draft.media_kind,
        model=draft.offer.model,
        body=draft.recipe.body(str(brief.public_id)),
        price=draft.offer.price.expected,
        settings_mark=draft.offer.price.mark,
        campaign=brief.campaign,
        parent=earlier.generation if earlier else None,
        references=draft.recipe.references,
        notes={"wishes": as_details(answers)} if (answers := draft.recipe.answers) else None,
    )
    attempt = earlier.attempt + 1 if earlier else 1
    Draft.objects.create(
        brief=brief,
        generation=generation,
        position=draft.position,
        attempt=attempt,
        from_turn_id=draft.recipe.from_turn,
    )


def _offers(pays: Mapping[int, Workflow], asked: Mapping[int, Recipe]) -> dict[int, _Offer]:
    """By position, as `pays` is; what several positions share is asked for once."""
    found: dict[str, _Offer] = {}
    offers = {}
    for position, recipe in asked.items():
        flow = pays[position]
        key = f"{flow.pk} {recipe.model_id} {sorted(recipe.params.items(), key=str)}"
        if key not in found:
            found[key] = _offer(flow, recipe)
        offers[position] = found[key]
    return offers


def _offer(pays: Workflow, recipe: Recipe) -> _Offer:
    card = model_of(pays, recipe.model_id)
    if card is None or not card.is_choosable:
        raise ModelGone(recipe.model_id)
    return _Offer(as_media_model(card), price.unit_price(card, recipe.params))


def _keep_changes(brief: Brief, wanted: Mapping[int, Recipe]) -> None:
    """Nothing that was typed is lost: a refused attempt starts with its changes once it can."""
    for position, recipe in wanted.items():
        brief.waiting_changes[str(position)] = recipe.as_change()
        _take(brief, recipes.waiting_reference(brief, position), recipe.references)


def _wait_for_yes(
    brief: Brief,
    member: Membership,
    rule: GateRule,
    positions: list[int],
    newest: Mapping[int, Draft],
) -> None:
    """Everything that waits is asked for together: one brief, one question."""
    brief.waiting_positions = sorted({*brief.waiting_positions, *positions})
    asked = gating.ask(brief, member, rule, newest)
    brief.needed_credits, brief.balance_seen = asked.amount, None
    _set_state(brief, Brief.State.NEEDS_YES)


def _wait(
    brief: Brief,
    state: Brief.State,
    positions: list[int],
    *,
    needed: Decimal,
    balance: Decimal,
    bound: Bound | None,
) -> None:
    others = set(brief.waiting_positions) - set(positions)
    brief.needed_credits = needed + (brief.needed_credits or 0 if others else 0)
    brief.waiting_positions = sorted({*others, *positions})
    brief.balance_seen = balance
    if others and brief.state == Brief.State.NEEDS_YES:
        state = Brief.State.NEEDS_YES  # the rest goes on waiting for its answer
    _set_state(brief, state)
    if state == Brief.State.NEEDS_YES:
        return
    if bound is None:
        _tell(brief, Notice.Kind.LOW_CREDITS, workspaces.owners_of(brief.workspace))
    else:
        raisers = over_budget.raisers_of(brief.workspace, bound)
        _tell(brief, Notice.Kind.OVER_BUDGET, raisers, **limit_words.facts_of(bound))


def _tell(brief: Brief, kind: Notice.Kind, people: Sequence[Membership], **facts: str) -> None:
    """Once a brief and kind, however often it is tried."""
    notices.tell(
        people,
        kind=kind,
        facts={"title": brief.product, **facts},
        link=_path_of(brief),
        event_key=f"{kind.replace('_', '-')}:{brief.public_id}",
    )


def _wait_no_more(brief: Brief, positions: list[int]) -> None:
    """These positions are started; others of the brief may wait on."""
    if brief.state == Brief.State.STARTED:
        return  # a new brief, mostly
    for position in positions:
        brief.waiting_changes.pop(str(position), None)
        uses.let_go(recipes.waiting_reference(brief, position))
    brief.waiting_positions = [one for one in brief.waiting_positions if one not in positions]
    state = Brief.State(brief.state) if brief.waiting_positions else Brief.State.STARTED
    if state == Brief.State.STARTED:
        gate.withdraw_pending(brief.reference)  # an owner started it, or its rule has ended
    _set_state(brief, state)


def _set_state(brief: Brief, state: Brief.State) -> None:
    brief.state = state
    brief.changed_at = clock.now()
    brief.save(
        update_fields=[
            "state",
            "waiting_positions",
            "waiting_changes",
            "needed_credits",
            "balance_seen",
            "changed_at",
        ]
    )


def _require_submitter(member: Membership) -> None:
    if not member.has_role(*MAY_SUBMIT):
        raise PermissionDenied


def _require_open(member: Membership, campaign: Campaign | None) -> None:
    """A campaign that is not open to the member, or archived, takes no briefs of theirs."""
    if campaign and not workspaces.submits_to(member).filter(pk=campaign.pk).exists():
        raise PermissionDenied


def _require_making(member: Membership, wanted: WantedBrief) -> None:
    """A workflow that makes something else, is archived or another workspace's, pays for none."""
    flow = wanted.workflow
    if flow and flow not in workflows_making(member.workspace, wanted.media_kind):
        raise PermissionDenied


def _require_asker(member: Membership, brief: Brief) -> None:
    if not access.may_ask(member, brief):
        raise PermissionDenied
