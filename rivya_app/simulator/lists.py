"""Pages of a list. ASSUMED: ``limit`` and ``cursor`` in, ``has_more`` and ``next_cursor`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from rivya_app.simulator.calls import Call, Reply
from rivya_app.simulator.validation import refuse

DEFAULT_LIMIT: Final = 50
MOST: Final = 100


def page_of(call: Call, rows: Sequence[Any], wire: Callable[[Any], dict[str, Any]]) -> Reply:
    """One page. Raises Refusal for a limit or cursor that makes no sense."""
    query = call.query
    limit, start = _limit(query.get("limit")), _start(rows, query.get("cursor"))
    shown = rows[start : start + limit]
    more = start + limit < len(rows)
    return Reply(
        {
            "object": "list",
            "data": [wire(row) for row in shown],
            "has_more": more,
            "next_cursor": shown[-1].id if more else None,
        }
    )


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if not given.isdigit() or not 1 <= int(given) <= MOST:
        raise refuse(f"limit is from 1 to {MOST}.")
    return int(given)


def _start(rows: Sequence[Any], cursor: str | None) -> int:
    if not cursor:
        return 0
    for n, row in enumerate(rows):
        if row.id == cursor:
            return n + 1
    raise refuse("cursor is not known.")
