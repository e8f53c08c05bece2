"""An ordered video and the owner's gate: what needs a yes, what is asked, what an owner sees."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.credits import gate, ledger
from rivya_app.credits.gate import About, Spend
from rivya_app.credits.models import Ask, GateRule
from rivya_app.reviews.models import VideoConcept

ZERO = Decimal(0)


def may_go(concept: VideoConcept, *, press: Decimal = ZERO) -> bool:
    """Whether its credits may be held; else the owners are asked, once. Inside the caller's
    transaction. What is held already, or was let through by an owner, needs no further yes."""
    if concept.let_through_by_id or ledger.is_held(concept.ledger_reference):
        return True
    spend = _spend(concept, press)
    answer = gate.newest(concept.ask_reference)
    if gate.covers(answer, spend):
        return True
    if answer is not None and answer.rule.ended_at is None:
        return False  # asked already; again only when somebody presses for it
    rule = gate.rule_for(spend)
    if rule is None:
        gate.withdraw_pending(concept.ask_reference)
        return True
    gate.ask(spend, rule)
    return False


def ask_again(concept: VideoConcept) -> None:
    """After an ask that ended without an answer. Under the concept's lock."""
    answer = gate.newest(concept.ask_reference, lock=True)
    if answer is None or answer.state in (Ask.State.EXPIRED, Ask.State.WITHDRAWN):
        spend = _spend(concept, ZERO)
        if rule := gate.rule_for(spend) or _lasting(answer):
            gate.ask(spend, rule)


def _lasting(answer: Ask | None) -> GateRule | None:
    """The rule of the earlier ask, which was about more than this video, while it is in use."""
    return answer.rule if answer is not None and answer.rule.ended_at is None else None


def _spend(concept: VideoConcept, press: Decimal) -> Spend:
    return Spend(
        member=concept.ordered_by,
        amount=concept.price,
        reference=concept.ask_reference,
        title=concept.brief.product,
        # Not the review: who asked may not be who decides in its campaign any more.
        link=reverse("briefs:show-brief", args=[concept.brief.public_id]),
        campaign=concept.brief.campaign,
        model_ids=(concept.model_id,),
        press=press,
    )


def price_now(asked: Ask) -> Decimal | None:
    """The price that was frozen with the decision: the one it will be asked with."""
    return _concept(asked).price


def about(asked: Ask) -> About:
    """The still it is made of, and the text."""
    concept = _concept(asked)
    rows = (
        (_("What it is"), _("A short video of an approved picture")),
        (_("Text for the model"), concept.prompt),
    )
    return About((concept.still,), rows)


def _concept(asked: Ask) -> VideoConcept:
    rows = VideoConcept.objects.select_related("still", "brief")
    return rows.get(public_id=asked.reference.partition(":")[2])
