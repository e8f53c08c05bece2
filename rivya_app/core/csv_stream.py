"""Tables that leave as CSV, row by row. No spreadsheet may take a cell for a formula."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from asgiref.sync import sync_to_async
from django.db import close_old_connections
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

    `rows` must not touch the database: they are read after the view has answered. What comes
    from there leaves as a CsvOfChunks.
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


class CsvOfChunks(CsvStream):
    """The same for rows that are read from the database while they leave, a chunk at a time.

    Each chunk is read in the view's own thread, where queries may be made under ASGI too, and the
    connection goes back to the pool before the chunk is sent: a reader on a slow line holds none.
    So `chunks` must bring no cursor and no transaction from one chunk to the next.
    """

    def __init__(self, chunks: Iterable[Sequence[Iterable[object]]], *, name: str) -> None:
        self._pieces = _pieces(iter(chunks))
        super().__init__((), name=name)
        self.streaming_content = self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(lambda: next(self._pieces, None), thread_sensitive=True)
        while (piece := await read()) is not None:
            yield piece.encode()


def _pieces(chunks: Iterator[Sequence[Iterable[object]]]) -> Iterator[str]:
    """The table in as many texts as there are chunks."""
    mark = _BYTE_ORDER_MARK
    while (chunk := _next_of(chunks)) is not None:
        yield mark + "".join(_written(chunk))
        mark = ""


def _next_of(chunks: Iterator[Sequence[Iterable[object]]]) -> Sequence[Iterable[object]] | None:
    try:
        return next(chunks, None)
    finally:
        close_old_connections()


class _Echo:
    """What `csv` writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[Iterable[object]]) -> Iterator[str]:
    yield _BYTE_ORDER_MARK
    yield from _written(rows)


def _written(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])
