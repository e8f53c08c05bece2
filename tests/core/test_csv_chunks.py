"""A table that is read from the database while it leaves, under WSGI and ASGI."""

import asyncio
import threading

import pytest
from asgiref.sync import ThreadSensitiveContext
from django.db import connection

from rivya_app.core.csv_stream import CsvOfChunks, CsvStream

pytestmark = pytest.mark.django_db(transaction=True)


def chunks(seen, count=3):
    """Each asks the database, and notes in which thread and whether a connection was left open."""
    for number in range(count):
        seen.append((threading.get_ident(), connection.connection is None))
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [number])
            yield [cursor.fetchone(), ("=x",)]


WHOLE = b"\xef\xbb\xbf0\r\n'=x\r\n1\r\n'=x\r\n2\r\n'=x\r\n"


def test_it_is_read_a_chunk_at_a_time():
    seen = []
    answer = CsvOfChunks(chunks(seen), name="Some credits")
    pieces = iter(answer)
    assert seen == []
    next(pieces)
    assert len(seen) == 1
    assert b"".join(CsvOfChunks(chunks([]), name="x")) == WHOLE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="some-credits.csv"'


def test_it_holds_no_connection_between_chunks():
    """A reader on a slow line would keep one of the pool for minutes."""
    seen = []
    for _piece in CsvOfChunks(chunks(seen), name="x"):
        assert connection.connection is None
    assert [is_free for _thread, is_free in seen][1:] == [True, True]


def test_under_asgi_it_reads_in_the_thread_of_the_view():
    seen = []

    async def read():
        async with ThreadSensitiveContext():
            return [piece async for piece in CsvOfChunks(chunks(seen), name="x")]

    assert b"".join(asyncio.run(read())) == WHOLE
    assert {thread for thread, _free in seen} != {threading.get_ident()}
    assert len({thread for thread, _free in seen}) == 1


def test_rows_that_ask_the_database_cannot_leave_by_the_plain_stream():
    """Its twin, which reads where no query may be made."""

    async def read():
        rows = (row for chunk in chunks([]) for row in chunk)
        return [piece async for piece in CsvStream(rows, name="x")]

    with pytest.raises(Exception, match="async context"):
        asyncio.run(read())
