"""One measured figure beside its limit, and the table of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """`measured` and `limit` in `unit`; `at_least` says which side of the limit is good."""

    what: str
    measured: float
    limit: float | None = None
    unit: str = ""
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        if self.limit is None:
            return True
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def ratio(self) -> float | None:
        """Measured over limit."""
        return self.measured / self.limit if self.limit else None

    def row(self) -> list[str]:
        ratio = self.ratio
        return [
            self.what,
            f"{_number(self.measured)} {self.unit}".strip(),
            _limit(self),
            "" if ratio is None else f"{ratio:.2f}",
            "" if self.limit is None else ("kept" if self.is_kept else "MISSED"),
        ]


def _number(value: float) -> str:
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.0f}"


def _limit(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {_number(figure.limit)}"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table, columns aligned."""
    rows = [["What", "Measured", "Limit", "Ratio", "Verdict"], *(one.row() for one in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
    )


def percentile(values: list[float], share: int) -> float:
    """The `share`-th of a hundred, by linear interpolation."""
    return quantiles(values, n=100, method="inclusive")[share - 1]
