"""What a job will cost, as far as it can be known before the press. Amounts are credits."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.gateway.cards import ModelCard
from rivya_app.generations.models import Generation, Status

SAMPLE = 200
ENOUGH = 3  # fewer past jobs say nothing about a price


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """One job's price: `expected` is what is held; low and high differ for an estimate."""

    expected: Decimal
    low: Decimal
    high: Decimal
    is_fixed: bool
    count: int  # past jobs the estimate rests on

    @property
    def words(self) -> str:
        if self.is_fixed:
            return _("Fixed price")
        if self.count:
            return ngettext(
                "Estimate from %(count)d past job", "Estimate from %(count)d past jobs", self.count
            ) % {"count": self.count}
        return _("The price is not known before the first job; it is at least this much.")


def unit_price(model: ModelCard) -> UnitPrice:
    """Rivya's base price for a fixed-price model; else the range of our own reservations."""
    base = model.base_credits or Decimal(0)
    if model.billing_type == "FIXED":
        return UnitPrice(base, base, base, is_fixed=True, count=0)
    past = _past_reservations(model.model_id)
    if len(past) < ENOUGH:
        return UnitPrice(base, base, base, is_fixed=False, count=0)
    low, high = past[len(past) // 10], past[(len(past) * 9) // 10]
    return UnitPrice(high, low, high, is_fixed=False, count=len(past))


def _past_reservations(model_id: str) -> list[Decimal]:
    done = Generation.objects.filter(
        model_id=model_id, status=Status.SUCCEEDED, reserved_credits__isnull=False
    ).order_by("-finished_at")
    return sorted(
        amount for amount in done.values_list("reserved_credits", flat=True)[:SAMPLE] if amount
    )
