"""What a turn will cost, as far as it can be known before it is asked. Amounts are credits.

Rivya reserves at the start and settles by tokens; only its base price is stated. So what past turns
of the model were settled at says more, and what was reserved for them is what must be held.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.chat.models import Status, Turn
from rivya_app.core.text import credit_number, credit_words
from rivya_app.gateway.chat_models import ChatModel
from rivya_app.workspaces.models import Workspace

SAMPLE = 50  # the newest answers that count
ENOUGH = 3  # fewer say nothing about a price


@dataclass(frozen=True, slots=True)
class TurnPrice:
    """`hold` is set aside; an answer usually ends between `low` and `high`."""

    hold: Decimal
    low: Decimal
    high: Decimal
    count: int  # past answers it rests on

    @property
    def is_known(self) -> bool:
        return self.count >= ENOUGH

    @property
    def range_words(self) -> str:
        """The number itself, in words."""
        if not self.is_known:
            return _("about %(credits)s") % {"credits": credit_words(self.hold)}
        if self.low < self.high:
            return f"{credit_number(self.low)}–{credit_words(self.high)}"
        return credit_words(self.high)

    @property
    def words(self) -> str:
        """What the number rests on."""
        if not self.is_known:
            return _("Rivya’s base price; the tokens decide what it comes to.")
        return ngettext(
            "Estimate from %(count)d past answer of this model",
            "Estimate from %(count)d past answers of this model",
            self.count,
        ) % {"count": self.count}


def expected(workspace: Workspace, model: ChatModel) -> TurnPrice:
    """From the workspace's own newest answers of the model, else Rivya's base price. One query."""
    base = model.card.base_credits or Decimal(0)
    past = Turn.objects.filter(
        workspace=workspace,
        model_id=model.model_id,
        status=Status.ANSWERED,
        final_credits__isnull=False,
    ).order_by("-finished_at")
    rows = list(past.values_list("reserved_credits", "final_credits")[:SAMPLE])
    if len(rows) < ENOUGH:
        return TurnPrice(base, base, base, 0)
    reserved = [amount for amount, _final in rows if amount is not None]
    finals = sorted(final for _reserved, final in rows if final is not None)
    hold = max([base, *reserved[:1]])  # what Rivya asked for last time
    return TurnPrice(hold, _at_share(finals, 0.1), _at_share(finals, 0.9), len(rows))


def _at_share(ordered: list[Decimal], share: float) -> Decimal:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
