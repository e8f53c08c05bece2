"""A report as a stacked chart: lengths and words for the template, which only draws. Asks nobody.

Measures are units of the SVG; its height holds the plot and, below it, the words of the columns.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from django.utils.translation import gettext as _

from rivya_app.core.text import credit_number, credit_words, date_words, reader_locale
from rivya_app.credits.report import ZERO, Report, Row
from rivya_app.credits.report_spans import DAY, MONTH, WEEK, YEAR, Days

WIDTH, PLOT, HEIGHT = 800, 240, 284
LEFT = 44  # of the plot: the values of its lines
TOP = 26  # above the highest column: its value
MOST_STACKED = 6  # rows with a pattern of their own; the others share one
_MOST_LABELS, _MOST_NARROW = 12, 6
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a column. `series` numbers its pattern, from 1."""

    series: int
    y: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """The credits of some days: where it stands, what it says, and where it leads."""

    days: Days
    x: float
    width: float
    top: float
    total: Decimal
    words: str
    label: str
    is_on_phones: bool
    segments: list[Segment]

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Series:
    """One pattern of the legend: its number from 1, whose it is, and its credits in all."""

    number: int
    name: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    columns: list[Column]
    series: list[Series]
    lines: list[tuple[float, str]]  # height and value
    width: int = WIDTH
    height: int = HEIGHT
    plot: int = PLOT

    @property
    def total(self) -> Decimal:
        """What is drawn, all segments of all columns."""
        return sum((column.total for column in self.columns), ZERO)


def chart_of(report: Report) -> Chart | None:
    """None where there is nothing to draw."""
    series = _series(report)
    if not series:
        return None
    places = range(len(report.parts))
    sums = [sum((shares[place] for _one, shares in series), ZERO) for place in places]
    top, lines = _scale(max(sums))
    made = [
        _column(report, place, sums[place], [(one, shares[place]) for one, shares in series], top)
        for place in places
    ]
    return Chart(made, [one for one, _shares in series], lines)


def _series(report: Report) -> list[tuple[Series, list[Decimal]]]:
    """Whose credits are drawn, with their share of every column."""
    rows = [row for row in report.rows if row.sums.spent]
    if report.cut.by == "day":
        return [_together(1, _("Credits"), rows, len(report.parts))] if rows else []
    named = rows[:MOST_STACKED]
    found = [
        _together(number, row.pick.name if row.pick else "", [row], len(report.parts))
        for number, row in enumerate(named, 1)
    ]
    others = rows[MOST_STACKED:]
    if others:
        found.append(_together(MOST_STACKED + 1, _("All others"), others, len(report.parts)))
    return found


def _together(number: int, name: str, rows: list[Row], count: int) -> tuple[Series, list[Decimal]]:
    shares = [sum((row.parts[place] for row in rows), ZERO) for place in range(count)]
    return Series(number, name, sum(shares, ZERO)), shares


def _scale(most: Decimal) -> tuple[Decimal, list[tuple[float, str]]]:
    """The value at the plot's top, and up to five lines with round values."""
    size = Decimal(10) ** (most.adjusted() - 1)
    steps = (size * nice * ten for ten in (1, 10, 100) for nice in _NICE)
    step = next(step for step in steps if step * 4 >= most)
    lines = [step * number for number in range(math.ceil(most / step) + 1)]
    top = lines[-1]
    return top, [(_height_at(value, top), credit_number(value)) for value in lines]


def _height_at(value: Decimal, top: Decimal) -> float:
    return round(PLOT - float(value / top) * (PLOT - TOP), 1)


def _column(
    report: Report, place: int, total: Decimal, shares: list[tuple[Series, Decimal]], top: Decimal
) -> Column:
    count = len(report.parts)
    room = (WIDTH - LEFT) / count
    width = min(room * 0.72, 56)
    days = report.parts[place]
    segments, below = [], ZERO
    for series, spent in shares:
        if spent:
            upper = _height_at(below + spent, top)
            words = f"{series.name}: {credit_words(spent)}"
            height = round(_height_at(below, top) - upper, 1)
            segments.append(Segment(series.number, upper, height, words))
            below += spent
    return Column(
        days=days,
        x=round(LEFT + place * room + (room - width) / 2, 1),
        width=round(width, 1),
        top=_height_at(total, top),
        total=total,
        words=_column_words(report, days, total, segments),
        label=_label(report, days) if place % -(-count // _MOST_LABELS) == 0 else "",
        is_on_phones=place % -(-count // _MOST_NARROW) == 0,
        segments=segments,
    )


def _column_words(report: Report, days: Days, total: Decimal, segments: list[Segment]) -> str:
    said = f"{span_words(days, report.days.step)}: {credit_words(total)}"
    if report.cut.by == "day" or len(segments) < 2:
        return said if report.cut.by == "day" or not segments else f"{said}. {segments[0].words}"
    return f"{said}. {'; '.join(one.words for one in reversed(segments))}"


def span_words(days: Days, step: str) -> str:
    """A column's days in full: 22 Nov, 16 Nov – 22 Nov, November 2026, 2026."""
    if step == DAY or days.first == days.last:
        return date_words(days.first)
    if step == WEEK:
        return f"{date_words(days.first)} – {date_words(days.last)}"
    return format_date(days.first, "LLLL y" if step == MONTH else "y", locale=reader_locale())


def _label(report: Report, days: Days) -> str:
    """What stands below a column, as short as it can be told apart."""
    patterns = {DAY: "d MMM", WEEK: "d MMM", MONTH: "LLL yy", YEAR: "y"}
    return format_date(days.first, patterns[report.days.step], locale=reader_locale())
