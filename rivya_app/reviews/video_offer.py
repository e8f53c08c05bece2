"""The short video that an approved still can become: what is offered, and what it would cost.

Only reads. What is ordered is judged again by `concepts.order`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rivya_app.briefs import prompts
from rivya_app.briefs.models import Brief
from rivya_app.credits import budgets, gate_rules, limit_words, limits, wallet
from rivya_app.credits.gate_words import rule_words
from rivya_app.gateway import kinds
from rivya_app.gateway.access import models_of, workflow_for
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.param_words import snake
from rivya_app.generations import price
from rivya_app.library import references
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import Review
from rivya_app.rivya_api.types import Param
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Campaign, Membership

DURATION_KEYS = frozenset({"duration", "duration_seconds", "n_frames"})
RATIO_KEYS = frozenset({"aspect_ratio", "ratio", "image_size", "size"})
# The shape a channel is made for, where the campaign says nothing.
_RATIOS: dict[str, str] = {
    Brief.Channel.STORY: "9:16",
    Brief.Channel.MARKETPLACE: "1:1",
    Brief.Channel.SOCIAL: "1:1",
}
_OTHER_RATIO = "16:9"
# The same shapes as some models call them.
_NAMES = {
    "9:16": ("portrait_16_9", "portrait"),
    "16:9": ("landscape_16_9", "landscape"),
    "1:1": ("square", "square_hd"),
}


@dataclass(frozen=True, slots=True)
class VideoOffer:
    """A video as it is offered first. `is_wanted`: the campaign means its stills to become one."""

    model: ModelCard
    models: Sequence[ModelCard]  # that take this still, cheapest first
    prompt: str
    is_wanted: bool
    params: dict[str, Any] = field(default_factory=dict)  # as Rivya names them


@dataclass(frozen=True, slots=True)
class VideoCost:
    """Credits of one video and what is left after it. `budget_after` is None without a budget."""

    unit: price.UnitPrice
    balance: Decimal
    held: Decimal
    campaign: Campaign | None
    budget_left: Decimal | None
    owners: tuple[str, ...]  # who can put right what is missing; empty where nothing is
    limit_left: Decimal | None = None  # of the limit that leaves least; None: no limit counts
    limit_words: str = ""  # whose it is, within a sentence
    rule_words: str = ""  # of the rule that wants an owner's yes; "" where none does

    @property
    def after(self) -> Decimal:
        return self.balance - self.unit.expected

    @property
    def budget_after(self) -> Decimal | None:
        return None if self.budget_left is None else self.budget_left - self.unit.expected

    @property
    def limit_after(self) -> Decimal | None:
        return None if self.limit_left is None else self.limit_left - self.unit.expected

    @property
    def is_within_limit(self) -> bool:
        return self.limit_after is None or self.limit_after >= 0

    @property
    def is_enough(self) -> bool:
        return self.after >= 0

    @property
    def is_in_budget(self) -> bool:
        return self.budget_after is None or self.budget_after >= 0


def usual_order(member: Membership, review: Review) -> VideoOffer | None:
    """What the approve panel starts from; None where no video can be made of this file.

    The campaign's own model where it can be used, else the cheapest of the workflow's.
    """
    if review.media_kind != StoredFile.MediaKind.IMAGE:
        return None
    usable = models_for(member, review)
    if not usable:
        return None
    wanted = review.campaign.video_model_id if review.campaign else ""
    named = next((card for card in usable if card.model_id == wanted), None)
    model = named or usable[0]
    return VideoOffer(
        model=model,
        models=usable,
        prompt=prompt_for(review.brief, model),
        is_wanted=named is not None,
        params=params_for(review, model),
    )


def models_for(member: Membership, review: Review) -> list[ModelCard]:
    """The models that may be used and take this still, cheapest first."""
    flow = workflow_for(member.workspace, kinds.VIDEO)
    return [card for card in models_of(flow) if card.is_choosable and _takes(card, review.file)]


def _takes(card: ModelCard, still: StoredFile) -> bool:
    model = card.model
    if references.file_problem(model, still):
        return False
    return not references.problems_together(model.reference_rules, model, [still])


def prompt_for(brief: Brief, model: ModelCard) -> str:
    """The text drafted from the brief, within the model's limit."""
    return prompts.suggest(
        product=brief.product,
        points=brief.points,
        audience=brief.audience,
        channel=brief.channel,
        style=brief.style,
        language=brief.language,
        media_kind=kinds.VIDEO,
        limit=model.prompt_limit,
    )


def params_for(review: Review, model: ModelCard) -> dict[str, Any]:
    """Length and shape as the campaign, else the channel, wants them, where the model has both."""
    channel = review.brief.channel
    own = (review.campaign.video_formats if review.campaign else {}).get(channel) or {}
    ratio = str(own.get("ratio") or _RATIOS.get(channel, _OTHER_RATIO))
    wanted = {"duration": str(own.get("duration") or ""), "ratio": ratio}
    found = {}
    for param in model.params:
        value = _value(param, wanted)
        if value:
            found[param.key] = value
    return found


def _value(param: Param, wanted: Mapping[str, str]) -> str:
    """What this parameter is to say, or "" where that is left to the model."""
    key = snake(param.key)
    if key in DURATION_KEYS:
        value = wanted["duration"]
        return value if not param.options or value in param.options else ""
    if key not in RATIO_KEYS:
        return ""
    names = (wanted["ratio"], *_NAMES.get(wanted["ratio"], ()))
    return next((name for name in names if name in param.options), "")


def cost_of(
    member: Membership, review: Review, model: ModelCard, params: Mapping[str, Any]
) -> VideoCost:
    """The price with these settings, and who is asked where it cannot be paid yet."""
    unit = price.unit_price(model, params)
    standing = wallet.standing(member.workspace)
    left = budgets.left_of(review.campaign) if review.campaign else None
    key = workflow_for(member.workspace, kinds.VIDEO).api_key
    room = next(iter(limits.hard_limits_for(member, review.campaign, key)), None)
    bounds = [standing.available, left, room.left if room else None]
    is_short = any(one is not None and one < unit.expected for one in bounds)
    rule = gate_rules.stands_in_the_way(member, unit.expected, review.campaign, [model.model_id])
    owners = owners_of(member.workspace) if is_short or rule else ()
    return VideoCost(
        unit=unit,
        balance=standing.available,
        held=standing.held,
        campaign=review.campaign if left is not None else None,
        budget_left=left,
        owners=tuple(str(owner) for owner in owners),
        limit_left=room.left if room else None,
        limit_words=limit_words.whose(room, member) if room else "",
        rule_words=rule_words(rule) if rule else "",
    )
