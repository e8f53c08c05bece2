"""Finding a row for somebody, in the one way that does not say what exists elsewhere."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404

Row = TypeVar("Row", bound=Model)


def found_or_404(rows: QuerySet[Row], *, lock: bool = False, **wanted: object) -> Row:
    """The one row of `rows` (already narrowed to what the person may reach), or Http404.

    With `lock` the row itself is locked until the transaction ends; joined rows are not.
    A malformed id is an id nobody has.
    """
    if lock:
        rows = rows.select_for_update(of=("self",))
    try:
        row = rows.filter(**wanted).first()
    except (ValidationError, ValueError):
        row = None
    if row is None:
        raise Http404
    return row
