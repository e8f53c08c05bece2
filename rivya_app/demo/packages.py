"""What left the house in the demo: approved results packed, answered for, shared. Data alone."""

from dataclasses import dataclass

Result = tuple[str, int, int]  # a product, the draft's position, its attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """One thing somebody did with a package. `days_ago` may be a fraction of a day."""

    days_ago: float
    title: str
    by: str = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed(Handing):
    """Made, and built by the workers a moment later."""

    results: tuple[Result, ...]
    presets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredFor(Handing):
    """Every check that failed is let pass, by name."""

    reason: str
    by: str = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Handing):
    """A link for somebody without an account, opened so often and taken whole by the last."""

    given_to: str
    days: int
    views: int


_MARKETPLACE, _DIWALI = "Mug for the marketplace", "Diwali, first delivery"

HANDINGS: tuple[Handing, ...] = (
    Packed(
        days_ago=19.0,
        title=_DIWALI,
        results=(("Jasmine soy candle", 1, 1), ("Jasmine soy candle", 3, 1)),
        presets=("square",),
        by="manager",
    ),
    Packed(
        days_ago=8.1,
        title=_MARKETPLACE,
        results=(("Blue stoneware mug", 1, 1),),
        presets=("marketplace", "square"),
    ),
    AnsweredFor(
        days_ago=7.9,
        title=_MARKETPLACE,
        reason="Agreed with the marketplace: it goes into the story block, where this rule "
        "does not hold.",
    ),
    Shared(
        days_ago=7.8,
        title=_MARKETPLACE,
        given_to="Listing desk of the marketplace",
        days=30,
        views=3,
    ),
    Packed(
        days_ago=0.04,
        title="Cushion and oil for the shop",
        results=(("Marigold print cushion", 1, 1), ("Rose face oil bottle", 1, 1)),
        presets=("portrait",),
    ),
)
