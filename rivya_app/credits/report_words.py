"""What a report says about itself: its finding as a title, its period in words. Asks nobody."""

from django.utils.translation import gettext as _

from rivya_app.core.text import credit_words, date_words
from rivya_app.credits.report import Report, Row
from rivya_app.credits.report_cut import Cut


def period_words(cut: Cut) -> str:
    """As a part of a sentence: this month, from 3 Nov to 9 Nov."""
    known = {
        "this_month": _("this month"),
        "last_month": _("last month"),
        "this_year": _("this year"),
        "last_30_days": _("in the last 30 days"),
        "all": _("so far"),
    }
    return known.get(cut.period) or _own_words(cut)


def _own_words(cut: Cut) -> str:
    if cut.first and cut.first == cut.last:
        return _("on %(day)s") % {"day": date_words(cut.first)}
    if cut.first and cut.last:
        days = {"first": date_words(cut.first), "last": date_words(cut.last)}
        return _("from %(first)s to %(last)s") % days
    if cut.first:
        return _("since %(day)s") % {"day": date_words(cut.first)}
    return _("until %(day)s") % {"day": date_words(cut.last)} if cut.last else _("so far")


def finding(report: Report) -> str:
    """The report's title: how much, and most of it by whom."""
    total = report.total.spent
    said = {"period": period_words(report.cut), "credits": credit_words(total)}
    if not total:
        return _("No credits were spent %(period)s") % said
    dearest = max(report.rows, key=lambda row: row.sums.spent)
    said["name"] = name_of(dearest)
    if len([row for row in report.rows if row.sums.spent]) == 1:
        return _("%(credits)s %(period)s") % said
    sentences = {
        "person": _("%(credits)s %(period)s, most by %(name)s"),
        "campaign": _("%(credits)s %(period)s, most for %(name)s"),
        "workflow": _("%(credits)s %(period)s, most through %(name)s"),
        "model": _("%(credits)s %(period)s, most on %(name)s"),
        "key": _("%(credits)s %(period)s, most with the key %(name)s"),
        "day": _("%(credits)s %(period)s, most of them on %(name)s"),
    }
    return sentences[report.cut.by] % said


def name_of(row: Row) -> str:
    """Whose a row is, or of which day."""
    if row.pick is not None:
        return row.pick.name
    return date_words(row.days.first)


def filter_words(cut: Cut) -> list[str]:
    """What it is narrowed to."""
    return [pick.name for pick in cut.picks.values()]
