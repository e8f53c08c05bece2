"""The one message about a brief that waits for an owner's yes: what was asked, what was said."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from rivya_app.briefs.models import Brief
from rivya_app.credits import gate, gate_pages
from rivya_app.credits.gate_words import rule_words
from rivya_app.credits.models import Ask
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Membership, Role


@dataclass(frozen=True, slots=True)
class NeedsYes:
    """`ask` is the newest one. Addresses are "" for those who may not do it."""

    ask: Ask
    before: Ask | None  # an earlier yes, to less
    rule: str
    owners: list[str]
    answer_url: str
    withdraw_url: str
    again_url: str  # asks once more, or starts what a yes was given to
    change_url: str

    @property
    def state(self) -> str:
        return str(self.ask.state)

    @property
    def is_starting(self) -> bool:
        """A yes that is being carried out just now."""
        return self.ask.state == Ask.State.GRANTED and self.ask.carried_out_at is None

    @property
    def amount(self) -> Decimal:
        return self.ask.amount


def needs_yes_of(reader: Membership, brief: Brief, *, may_ask: bool) -> NeedsYes | None:
    """The message as this reader should see it; None where the brief waits for no yes."""
    if brief.state != Brief.State.NEEDS_YES:
        return None
    ask = gate.newest_of([brief.reference]).get(brief.reference)
    if ask is None:
        return None
    is_owner, is_pending = reader.has_role(Role.OWNER), ask.state == Ask.State.PENDING
    is_mine = is_pending and ask.asked_by_id == reader.pk
    may_start = may_ask and (not is_pending or is_owner or ask.rule.ended_at is not None)
    return NeedsYes(
        ask=ask,
        before=gate_pages.earlier_yes(ask),
        rule=rule_words(ask.rule),
        owners=[str(owner) for owner in owners_of(reader.workspace)],
        answer_url=reverse("credits:show-ask", args=[ask.public_id]) if is_owner else "",
        withdraw_url=reverse("credits:withdraw-ask", args=[ask.public_id]) if is_mine else "",
        again_url=reverse("briefs:resume", args=[brief.public_id]) if may_start else "",
        change_url=f"{reverse('briefs:new')}?from={brief.public_id}" if may_ask else "",
    )
