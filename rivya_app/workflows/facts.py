"""What workflows lean on, gathered for readiness.py in a constant number of queries. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from rivya_app.core import clock
from rivya_app.credits import limits, wallet
from rivya_app.credits.models import CreditAccount, LedgerEntry, Limit
from rivya_app.credits.usage import month_start, zone_of
from rivya_app.gateway import access, catalogue, kinds
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.gateway.webhook_words import standing_code
from rivya_app.workflows.readiness import Facts
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Membership, Workspace


@dataclass(frozen=True, slots=True)
class Known:
    """A workflow with its model as it may use it, and the facts about both."""

    flow: Workflow
    card: ModelCard | None  # None: none named, or never listed
    cheapest: ModelCard | None  # that it may use, asked for where it names none
    facts: Facts
    limit: limits.State | None  # the tightest hard one


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all workflows of a workspace share."""

    standing: wallet.Standing
    endpoints: dict[str, str]  # by environment
    hard: list[limits.State]
    is_paused: bool
    cards: dict[str, ModelCard]


def known_of(member: Membership, flows: Sequence[Workflow]) -> list[Known]:
    """In their order; all of them the member's workspace's."""
    shared = _Shared(
        standing=wallet.standing(member.workspace),
        endpoints=_endpoints(member),
        hard=_hard_limits(member.workspace),
        is_paused=pauses.is_paused(member.workspace_id),
        cards=catalogue.found({flow.default_model_id for flow in flows}),
    )
    return [_known(flow, shared) for flow in flows]


def _endpoints(member: Membership) -> dict[str, str]:
    """The best standing of an endpoint, by the environment it announces jobs of."""
    found: dict[str, str] = {}
    for endpoint in access.webhook_endpoints(member):
        code = standing_code(endpoint)
        environment = endpoint.api_key.environment
        if found.get(environment) != "healthy":
            found[environment] = code
    return found


def _hard_limits(workspace: Workspace) -> list[limits.State]:
    account = CreditAccount.objects.filter(workspace=workspace).first()
    if account is None:
        return []
    account.workspace = workspace
    rows = Limit.objects.filter(account=account, ended_at=None, is_hard=True)
    mine = rows.filter(scope__in=[Limit.Scope.WORKSPACE, Limit.Scope.KEY])
    return limits.states_of(account, mine.select_related("api_key"))


def _known(flow: Workflow, shared: _Shared) -> Known:
    found = shared.cards.get(flow.default_model_id)
    card = access.as_used_by(flow, found) if found else None
    cheapest = None if flow.default_model_id else _cheapest(flow)
    used = card or cheapest
    limit = _tightest(flow, shared.hard)
    key = flow.api_key
    facts = Facts(
        is_chat=kinds.kind_made_by(flow.moment) == kinds.CHAT,
        key_state=key.state if key else "",
        key_days_left=_days_left(key, flow.workspace),
        scopes=frozenset(key.scopes_found) if key else frozenset(),
        model_id=flow.default_model_id,
        has_other_model=cheapest is not None,
        is_model_listed=card is not None,
        model_problem=card.problem if card else "",
        model_takes=used.reference_file_kinds if used else frozenset(),
        model_needs_files=bool(used and used.needs_references),
        reference=flow.reference,
        completion=flow.completion,
        endpoint=shared.endpoints.get(key.environment, "") if key else "",
        has_owner=flow.owner is not None,
        is_owner_here=_is_here(flow.owner),
        is_paused=shared.is_paused,
        price=used.base_credits if used else None,
        balance=shared.standing.available if shared.standing.is_known else None,
        low_mark=shared.standing.low_mark,
        limit_left=limit.left if limit else None,
    )
    return Known(flow, card, cheapest, facts, limit)


def _cheapest(flow: Workflow) -> ModelCard | None:
    return next((card for card in access.models_of(flow) if card.is_choosable), None)


def _tightest(flow: Workflow, hard: Sequence[limits.State]) -> limits.State | None:
    mine = [one for one in hard if one.limit.api_key_id in (None, flow.api_key_id)]
    return min(mine, key=lambda one: one.left, default=None)


def _days_left(key: ApiKey | None, workspace: Workspace) -> int | None:
    if key is None or key.expires_on is None:
        return None
    return (key.expires_on - clock.now().astimezone(zone_of(workspace)).date()).days


def _is_here(owner: Membership | None) -> bool:
    return owner is not None and owner.is_active and owner.user.is_active


def month_spent(flows: Sequence[Workflow], workspace: Workspace) -> dict[int, Decimal]:
    """Credits gone this month, by the workflow's key. One query, of the index for reports alone."""
    begin = month_start(workspace)
    rows = LedgerEntry.objects.filter(
        account__workspace=workspace, created_at__gte=begin, workflow__in=list(flows)
    ).exclude(spent=0)
    return dict(rows.order_by().values_list("workflow").annotate(Sum("spent")))
