"""What moved the demo's credits beside its jobs, and what the owner said of it: data, and its
playing through the product's acts, at its time, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from rivya_app.core import clock
from rivya_app.credits import access, differences, expiries, wallet
from rivya_app.credits.models import CreditExpiry, Difference
from rivya_app.demo.stand_in import StandIn
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """One thing about the account's credits. `days_ago` may be a fraction of a day."""

    days_ago: float
    by: str = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Moving):
    """So many credits came or went at Rivya, and the next reading showed it. Each amount once."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained(Moving):
    """The owner said why that amount had moved."""

    amount: int
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends(Moving):
    """The owner wrote down when something ends; `ends_in` days from the day the demo opens."""

    kind: str
    name: str
    credits: int
    ends_in: float


STUDIO, TOP_UP, UNEXPLAINED = -18, 150, -7

MOVINGS: tuple[Moving, ...] = (
    # What is left of the pack goes on the day before the lantern set is refused.
    Ends(
        days_ago=26.15, kind=CreditExpiry.Kind.PACK, name="Starter pack", credits=420, ends_in=-1.1
    ),
    Ends(days_ago=2.9, kind=CreditExpiry.Kind.PLAN, name="Monthly plan", credits=240, ends_in=9),
    Moved(days_ago=17.1, amount=STUDIO),
    Explained(
        days_ago=16.9,
        amount=STUDIO,
        kind=Difference.Kind.OUTSIDE,
        note="Meera tried lamp shades in Studio before the brief was written.",
    ),
    Moved(days_ago=12.4, amount=TOP_UP),
    Moved(days_ago=3.3, amount=UNEXPLAINED),
)


def play(moving: Moving, people: Mapping[str, Membership], stand_in: StandIn) -> None:
    """One of them, at its time."""
    with clock.at(clock.now() - timedelta(days=moving.days_ago)):
        _ACTS[type(moving)](moving, people[moving.by], stand_in)


def _move(moving: Moved, member: Membership, stand_in: StandIn) -> None:
    if access.differences(member).filter(amount=moving.amount).exists():
        return
    stand_in.set_credits(stand_in.credits() + moving.amount)
    wallet.read(member.workspace, cause="schedule")
    with clock.at(clock.now() + timedelta(seconds=wallet.SECOND_LOOK_AFTER)):
        wallet.read(member.workspace, cause=wallet.SECOND_LOOK)


def _explain(moving: Explained, member: Membership, _stand_in: StandIn) -> None:
    found = access.differences(member).filter(amount=moving.amount).first()
    if found is not None and found.named_by is None:
        said = differences.Named(moving.kind, moving.note)
        differences.name(member=member, public_id=found.public_id, named=said)


def _write_down(moving: Ends, member: Membership, _stand_in: StandIn) -> None:
    if access.expiries(member).filter(name=moving.name).exists():
        return
    today = clock.now() + timedelta(days=moving.days_ago)
    wanted = expiries.WantedExpiry(
        kind=moving.kind,
        name=moving.name,
        credits=Decimal(moving.credits),
        ends_on=(today + timedelta(days=moving.ends_in)).date(),
    )
    expiries.add(member=member, wanted=wanted)


_ACTS: dict[type[Moving], Callable[[Any, Membership, StandIn], None]] = {
    Moved: _move,
    Explained: _explain,
    Ends: _write_down,
}
