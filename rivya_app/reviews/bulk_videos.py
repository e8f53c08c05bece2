"""A short video with each still that is approved at once: what they cost, and their orders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.http import QueryDict
from django.utils.text import capfirst

from rivya_app.credits import budgets, gate, limit_words, limits, wallet
from rivya_app.credits.gate_words import rule_words
from rivya_app.credits.limits import Bound
from rivya_app.gateway import kinds
from rivya_app.gateway.access import workflow_for
from rivya_app.generations import price
from rivya_app.reviews.concepts import VideoOrder
from rivya_app.reviews.models import Review
from rivya_app.reviews.refusals import ModelRefused
from rivya_app.reviews.video_offer import VideoOffer, usual_order
from rivya_app.workspaces.models import Campaign, Membership

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class VideoLine:
    """The video of one still, with the credits it is expected to cost."""

    review: Review
    offer: VideoOffer
    price: Decimal


@dataclass(frozen=True, slots=True)
class BudgetAfter:
    """A campaign's budget once its videos are held, in credits; below zero they wait."""

    campaign: Campaign
    after: Decimal


@dataclass(frozen=True, slots=True)
class LimitAfter:
    """What a hard limit leaves once these videos are held; `words` say whose it is."""

    words: str
    after: Decimal


@dataclass(frozen=True, slots=True)
class VideoPart:
    """Every video that can be ordered with these approvals. `balance` is what is left to spend."""

    lines: Mapping[int, VideoLine]  # by the reviews' keys
    is_wanted: bool
    balance: Decimal
    budgets: Sequence[BudgetAfter]
    limits: Sequence[LimitAfter] = ()
    rule_words: str = ""  # of the rule that wants an owner's yes; "" where none does

    @property
    def total(self) -> Decimal:
        return sum((line.price for line in self.lines.values()), ZERO)

    @property
    def after(self) -> Decimal:
        return self.balance - self.total

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def is_short(self) -> bool:
        """Whether some of them would have to wait."""
        after = [self.after, *(one.after for one in self.budgets)]
        return min(*after, *(one.after for one in self.limits), ZERO) < 0


def video_part(member: Membership, reviews: Iterable[Review], asked: QueryDict) -> VideoPart | None:
    """None where no video can be made of any of these."""
    lines = {review.pk: line for review in reviews if (line := _line(member, review))}
    if not lines:
        return None
    rules = (gate.rule_for(_spend(member, line, lines.values())) for line in lines.values())
    rule = next((rule for rule in rules if rule is not None), None)
    return VideoPart(
        lines=lines,
        is_wanted=asked.get("with_video") == "1",
        balance=wallet.standing(member.workspace).available,
        budgets=_budgets_after(lines.values()),
        limits=_limits_after(member, lines.values()),
        rule_words=rule_words(rule) if rule else "",
    )


def _spend(member: Membership, line: VideoLine, together: Iterable[VideoLine]) -> gate.Spend:
    return gate.Spend(
        member=member,
        amount=line.price,
        reference="",
        title="",
        link="",
        campaign=line.review.campaign,
        model_ids=(line.offer.model.model_id,),
        press=sum((one.price for one in together), ZERO),
    )


def _line(member: Membership, review: Review) -> VideoLine | None:
    offer = usual_order(member, review)
    if offer is None:
        return None
    return VideoLine(review, offer, price.unit_price(offer.model, offer.params).expected)


def _budgets_after(lines: Iterable[VideoLine]) -> list[BudgetAfter]:
    """Of the campaigns that have a budget, by name."""
    sums: dict[Campaign, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.review.campaign is not None and line.review.campaign.budget is not None:
            sums[line.review.campaign] += line.price
    used = budgets.used_by(sums)
    found = [
        BudgetAfter(campaign, (campaign.budget or ZERO) - used[campaign.pk][0] - total)
        for campaign, total in sums.items()
    ]
    return sorted(found, key=lambda one: one.campaign.name)


def _limits_after(member: Membership, lines: Iterable[VideoLine]) -> list[LimitAfter]:
    """Of each hard limit that counts for some of them, the least left first."""
    key = workflow_for(member.workspace, kinds.VIDEO).api_key
    sums: dict[Campaign | None, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.review.campaign] += line.price
    found: dict[int, tuple[Bound, Decimal]] = {}
    for campaign, total in sums.items():
        for bound in limits.hard_limits_for(member, campaign, key):
            taken = found[bound.limit_id or 0][1] if bound.limit_id in found else ZERO
            found[bound.limit_id or 0] = (bound, taken + total)
    after = [
        LimitAfter(capfirst(limit_words.whose(bound, member)), bound.left - total)
        for bound, total in found.values()
    ]
    return sorted(after, key=lambda one: one.after)


def order_of(member: Membership, review: Review, asked: QueryDict) -> VideoOrder | None:
    """The video as it stood on the confirmed page; None where none was wanted or offered.

    Raises ModelRefused where it cannot be made as it was offered there.
    """
    shown = asked.get(f"price_{review.public_id}", "")
    if asked.get("with_video") != "1" or not shown or not review.is_pending:
        return None
    offer = usual_order(member, review)
    if offer is None or offer.model.model_id != asked.get(f"model_{review.public_id}"):
        raise ModelRefused("model_gone")
    return VideoOrder(
        model_id=offer.model.model_id,
        prompt=offer.prompt,
        price=_amount(shown),
        params=offer.params,
        press=_press(asked),
    )


def _press(asked: QueryDict) -> Decimal:
    """Credits of every video on the confirmed page, as it showed them."""
    shown = [value for name, value in asked.items() if name.startswith("price_")]
    return sum((max(ZERO, _amount(str(value))) for value in shown), ZERO)


def _amount(text: str) -> Decimal:
    """Credits as the page sent them back; what is no number fits no price."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return Decimal(-1)
    return amount if amount.is_finite() else Decimal(-1)
