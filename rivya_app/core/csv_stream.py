"""Tables that leave as CSV, row by row. No spreadsheet may take a cell for a formula."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils.text import slugify

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK = "\ufeff"  # without it some spreadsheets take UTF-8 for an old code page


def safe_cell(value: object) -> str:
    """As text; an apostrophe before what a spreadsheet would calculate. Numbers stay numbers."""
    text = "" if value is None else str(value)
    if text.startswith(_STARTS_A_FORMULA) and isinstance(value, str):
        return f"'{text}"
    return text


class CsvStream(StreamingHttpResponse):
    """Rows of cells as a download, each sent as it is made, under WSGI and ASGI alike.

    `rows` must not touch the database: they are read after the view has answered.
    """

    def __init__(self, rows: Iterable[Iterable[object]], *, name: str) -> None:
        self._rows = iter(rows)
        super().__init__(_lines(self._rows), content_type="text/csv; charset=utf-8")
        self.headers["Content-Disposition"] = (
            f'attachment; filename="{slugify(name) or "table"}.csv"'
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for line in _lines(self._rows):
            yield line.encode()


class _Echo:
    """What `csv` writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[Iterable[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield _BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])
