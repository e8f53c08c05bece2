"""The checklist as rows of a form: usual items by their code, own ones as typed. Buttons that add,
remove and move work on the posted rows, so that they need no script."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.http import QueryDict
from django.utils.translation import gettext as _

from rivya_app.reviews import checklist
from rivya_app.reviews.checklist import Item

MOST_ITEMS = 30
LONGEST = 200
ADD, REMOVE, UP, DOWN, USUAL = "add_item", "remove_item", "item_up", "item_down", "usual_items"
BUTTONS = (ADD, REMOVE, UP, DOWN, USUAL)
_OWN_CODE = re.compile(r"own-[0-9a-f]{8}")
_KNOWN = {item.code for item in checklist.USUAL}


@dataclass(frozen=True, slots=True)
class Row:
    """One item in the form. `name` begins the names of its fields."""

    item: Item
    number: int
    error: str = ""

    @property
    def name(self) -> str:
        return f"item-{self.number}"

    @property
    def is_usual(self) -> bool:
        return self.item.code in _KNOWN

    @property
    def words(self) -> str:
        return checklist.words_of(self.item)

    @property
    def hint(self) -> str:
        return checklist.hint_of(self.item)


def rows_of(items: Iterable[Item]) -> list[Row]:
    return [Row(item, number) for number, item in enumerate(items)]


def posted(data: QueryDict) -> list[Item]:
    """The rows as they were posted, in their order, after the button that was pressed."""
    found = [_posted_item(data, number) for number in range(MOST_ITEMS)]
    return _after_button([item for item in found if item is not None], data)


def _posted_item(data: QueryDict, number: int) -> Item | None:
    name = f"item-{number}"
    if f"{name}-code" not in data:
        return None
    code = data.get(f"{name}-code", "")
    is_known = code in _KNOWN
    return Item(
        code=code if is_known or _OWN_CODE.fullmatch(code) else f"own-{uuid4().hex[:8]}",
        text="" if is_known else data.get(f"{name}-text", "").replace("\x00", "").strip(),
        is_required=f"{name}-required" in data,
    )


def _after_button(items: list[Item], data: QueryDict) -> list[Item]:
    if ADD in data:
        return [*items, Item(f"own-{uuid4().hex[:8]}")][:MOST_ITEMS]
    if USUAL in data:
        missing = [item for item in checklist.USUAL if item.code not in {i.code for i in items}]
        return [*items, *missing][:MOST_ITEMS]
    if (place := _place(data, REMOVE, items)) is not None:
        return items[:place] + items[place + 1 :]
    if (place := _place(data, UP, items)) is not None:
        return _swapped(items, place - 1)
    if (place := _place(data, DOWN, items)) is not None:
        return _swapped(items, place)
    return items


def _place(data: QueryDict, button: str, items: Sequence[Item]) -> int | None:
    """Which row the button was pressed on; rows are numbered as they were shown."""
    text = data.get(button, "")
    return int(text) if text.isdecimal() and len(text) < 4 and int(text) < len(items) else None


def _swapped(items: list[Item], upper: int) -> list[Item]:
    """With the row at `upper` and the one below it in each other's place."""
    if not 0 <= upper < len(items) - 1:
        return items
    return [*items[:upper], items[upper + 1], items[upper], *items[upper + 2 :]]


def judged(items: Sequence[Item]) -> tuple[list[Row], bool]:
    """Rows with what is wrong beside each, and whether all is right; empty ones are left out."""
    kept = [item for item in items if item.text or item.code in _KNOWN]
    seen: set[str] = set()
    rows = []
    for row in rows_of(kept):
        words = row.words.casefold()
        rows.append(replace(row, error=_problem(row.item, words in seen)))
        seen.add(words)
    return rows, bool(rows) and not any(row.error for row in rows)


def _problem(item: Item, is_double: bool) -> str:
    if len(item.text) > LONGEST:
        return _("At most %(limit)d characters.") % {"limit": LONGEST}
    return _("This item is in the list already.") if is_double else ""


def as_data(items: Iterable[Item]) -> tuple[dict[str, Any], ...]:
    """As the campaign keeps them; nothing where they are the usual ones, which may improve."""
    rows = tuple(items)
    return () if rows == checklist.USUAL else tuple(item.as_data() for item in rows)
