"""Seals stored secrets anew with the newest field key, row by row, while the product runs.

A row that somebody changes in between keeps their value: the new seal is only put where the old one
still stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection

from rivya_app.core.sealed import SealBroken, SealedTextField, seal, unseal

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column of sealed texts, by their names in the database."""

    table: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of how many secrets what became: sealed anew, sealed newest already, beyond opening."""

    resealed: int = 0
    current: int = 0
    broken: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.resealed + other.resealed,
            self.current + other.current,
            self.broken + other.broken,
        )


def sealed_columns() -> list[Column]:
    """Every column of the product that holds sealed texts."""
    options = [model._meta for model in apps.get_models()]  # noqa: SLF001 - Django's public door
    return [
        Column(one.db_table, str(field.column), str(one.pk.column))
        for one in options
        for field in one.concrete_fields
        if isinstance(field, SealedTextField) and one.pk is not None
    ]


def outdated_count(column: Column) -> int:
    """How many of its secrets another key than the newest has sealed."""
    return sum(not _is_newest(token) for _key, token in _tokens(column))


def reseal(column: Column) -> Outcome:
    """Seal what an older key sealed; safe to be run twice, and beside the running product."""
    total = Outcome()
    for key, token in _tokens(column):
        if _is_newest(token):
            total += Outcome(current=1)
            continue
        try:
            fresh = seal(unseal(token).reveal())
        except SealBroken:
            total += Outcome(broken=1)
            continue
        total += Outcome(resealed=_put(column, key, token, fresh))
    return total


def _is_newest(token: str) -> bool:
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(token.encode("ascii"))
    except InvalidToken:
        return False
    return True


def _tokens(column: Column) -> Iterator[tuple[int, str]]:
    """Row key and token of each sealed text, in chunks, so that memory stays small."""
    quote = connection.ops.quote_name
    table, name, key = quote(column.table), quote(column.name), quote(column.key)
    query = (
        f"SELECT {key}, {name} FROM {table} WHERE {name} <> '' AND {key} > %s "  # noqa: S608
        f"ORDER BY {key} LIMIT {CHUNK}"
    )
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [last])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


def _put(column: Column, key: int, before: str, after: str) -> int:
    quote = connection.ops.quote_name
    table, name, own = quote(column.table), quote(column.name), quote(column.key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {name} = %s WHERE {own} = %s AND {name} = %s",  # noqa: S608
            [after, key, before],
        )
        return int(cursor.rowcount)
