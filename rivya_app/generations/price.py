"""What a job will cost, as far as it can be known before the press. Amounts are credits.

Rivya states a base for every model and says that only FIXED ones cost just that; for the others our
own past reservations are the only source there is.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.core.text import credit_number, credit_words
from rivya_app.gateway.cards import ModelCard
from rivya_app.generations.models import Generation, Status
from rivya_app.rivya_api.types import Param

LOOKED_AT = 1000  # the newest successes of the model
SAMPLE = 200  # of those, the newest that count
ENOUGH = 3  # fewer past jobs say nothing about a price


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """One job's price: `expected` is what is held; low and high differ for an estimate."""

    expected: Decimal
    low: Decimal
    high: Decimal
    is_fixed: bool
    count: int  # past jobs the estimate rests on
    mark: str = ""  # of the settings it was asked for
    is_for_settings: bool = False  # the past jobs had the same settings
    last_reserved: Decimal | None = None  # by the newest job with the same settings

    @property
    def is_known(self) -> bool:
        """Whether `expected` is more than the least it can be."""
        return self.is_fixed or bool(self.count)

    @property
    def range_words(self) -> str:
        """The number itself, in words."""
        return range_words(self.low, self.high, is_known=self.is_known)

    @property
    def words(self) -> str:
        """What the number rests on."""
        if self.is_fixed:
            return self._fixed_words()
        if self.count and self.is_for_settings:
            return ngettext(
                "Estimate from %(count)d past job with these settings",
                "Estimate from %(count)d past jobs with these settings",
                self.count,
            ) % {"count": self.count}
        if self.count:
            return ngettext(
                "Estimate from %(count)d past job with any settings",
                "Estimate from %(count)d past jobs with any settings",
                self.count,
            ) % {"count": self.count}
        return _("The price is not known before the first job; it is at least this much.")

    def _fixed_words(self) -> str:
        if self.last_reserved is None or self.last_reserved <= self.expected:
            return _("Fixed price")
        return _(
            "Fixed price by Rivya’s list. Last time, with these settings, it took %(credits)s."
        ) % {"credits": credit_words(self.last_reserved)}


def range_words(low: Decimal, high: Decimal, *, is_known: bool) -> str:
    """One price, the range of an estimate, or the least where nothing else is known."""
    if not is_known:
        return _("at least %(credits)s") % {"credits": credit_words(high)}
    if low < high:
        return f"{credit_number(low)}–{credit_words(high)}"
    return credit_words(high)


def mark(model: ModelCard, params: Mapping[str, Any]) -> str:
    """A hash of the settings that can move a price: selects, switches and numbers.

    Texts and references stay out: no two are alike. What is left out counts as its default.
    """
    settings = {
        param.key: _plain(params.get(param.key, param.default))
        for param in model.params
        if _is_setting(param)
    }
    text = json.dumps([model.model_id, settings], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def unit_price(model: ModelCard, params: Mapping[str, Any] | None = None) -> UnitPrice:
    """Rivya's base price for a fixed-price model; else the range of our own reservations.

    Those with the same settings where there are enough, then those with any.
    """
    base = model.base_credits or Decimal(0)
    settings_mark = mark(model, params or {})
    past = _past_reservations(model.model_id)
    alike = [amount for its_mark, amount in past if its_mark == settings_mark][:SAMPLE]
    last = alike[0] if alike else None
    # FIXED without a price says nothing of what a job costs.
    if model.billing_type == "FIXED" and model.base_credits is not None:
        return UnitPrice(base, base, base, True, 0, mark=settings_mark, last_reserved=last)
    is_for_settings = len(alike) >= ENOUGH
    counted = sorted(alike if is_for_settings else [amount for _mark, amount in past[:SAMPLE]])
    if len(counted) < ENOUGH:
        return UnitPrice(base, base, base, False, 0, mark=settings_mark, last_reserved=last)
    low, high = at_share(counted, 0.1), at_share(counted, 0.9)
    return UnitPrice(
        high,
        low,
        high,
        is_fixed=False,
        count=len(counted),
        mark=settings_mark,
        is_for_settings=is_for_settings,
        last_reserved=last,
    )


def at_share(ordered: list[Decimal], share: float) -> Decimal:
    """The value below which `share` of the others lie; `ordered` rises and is not empty."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _past_reservations(model_id: str) -> list[tuple[str, Decimal]]:
    """Mark and amount of the model's newest successes, newest first."""
    done = Generation.objects.filter(
        model_id=model_id, status=Status.SUCCEEDED, reserved_credits__isnull=False
    ).order_by("-finished_at")
    rows = done.values_list("settings_mark", "reserved_credits")[:LOOKED_AT]
    return [(its_mark, amount) for its_mark, amount in rows if amount]


def _is_setting(param: Param) -> bool:
    return bool(param.options) or param.type in ("number", "integer", "float", "boolean")


def _plain(value: Any) -> str:
    """One text for what Rivya takes as the same: 1, 1.0 and "1"."""
    try:
        return str(Decimal(str(value)).normalize())
    except InvalidOperation:
        return str(value).lower() if isinstance(value, bool) else str(value)
