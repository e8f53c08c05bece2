"""The chain of a brief as a table for a spreadsheet: a row a step, then the sum."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from rivya_app.briefs.chain import Chain, Line

_BLANK = ""


def rows(chain: Chain, origin: str) -> Iterator[list[object]]:
    """Amounts are credits; times are ISO 8601 in UTC. `origin` is the address of this workspace,
    so that links lead back from any file."""
    yield [
        _("Number"),
        _("Time"),
        _("Kind"),
        _("What happened"),
        _("Who"),
        _("Note"),
        _("Details"),
        _("Credits spent"),
        _("Credits held"),
        _("Credits in all so far"),
        _("Ledger references"),
        _("Link"),
    ]
    for line in chain.lines:
        yield _row(line, origin)
    total = chain.amounts
    sums = [total.spent, total.held, total.all]
    yield [_BLANK, _BLANK, _BLANK, _("In all"), _BLANK, _BLANK, _BLANK, *sums, _BLANK, _BLANK]


def _row(line: Line, origin: str) -> list[object]:
    step, amounts = line.step, line.amounts
    return [
        line.number,
        step.at.isoformat(),
        step.kind,
        step.words,
        step.by,
        step.note,
        "\n".join(step.lines),
        amounts.spent if amounts else _BLANK,
        amounts.held if amounts else _BLANK,
        line.so_far,
        " ".join(step.references),
        f"{origin}{line.url}" if line.url else _BLANK,
    ]
