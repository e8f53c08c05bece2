"""Very many jobs: real ones, made by the product's own acts, copied inside the database.

Every column comes from a real row; only numbers, names that must be unique, and times differ. The
ledger stays true: each copied job brings its own hold, reservation and settlement.
"""

from collections.abc import Sequence
from functools import cache

from django.db import connection, models
from django.db.models import Sum

from rivya_app.briefs.models import Brief, Draft
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.generations.models import Generation, GenerationEvent
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Campaign
from tests.bench.shop import BenchShop

STRIDE = 10_000  # more than any number a copied row has
SPREAD = "7 minutes"  # between one copy and the next, backwards in time
KINDS = ["", "", "", "", "", "", "", "", "[[fail]] ", "[[no_credits]] "]
DRAFTS = 4
COPIED: tuple[type[models.Model], ...] = (
    Brief,
    Generation,
    Draft,
    StoredFile,
    GenerationEvent,
    LedgerEntry,
)
_MOVED = {
    "brief",
    "generation",
    "parent",
    "file",
}  # links from copy to copy; others stay as they are
_OTHER = "md5({column}::text || copy)::uuid"
_SPECIAL = {
    "public_id": _OTHER,
    "idempotency_key": _OTHER,
    "form_token": _OTHER,
    "task_id": "case task_id when '' then '' else task_id || '-' || copy end",
    "product": "product || ' ' || copy",
    "title": "left(title || ' ' || copy, 200)",
    "source": "'generation:' || md5(split_part(source, ':', 2) || copy)::uuid",
    "due_on": "due_on + copy %% 60 - 20",  # the copies are due on eighty days
    "reference": "'generation:' || md5(split_part(reference, ':', 2) || copy)::uuid",
}


def play_templates(shop: BenchShop, campaigns: Sequence[Campaign | None] = (None,)) -> None:
    """Ten briefs of four drafts, in each campaign in turn: most succeed, one fails, one meets low
    credits."""
    for number, word in enumerate(KINDS):
        role = ("seller", "manager", "owner")[number % 3]
        shop.brief(
            role,
            prompt=f"{word}A blue mug on a table, {number}",
            draft_count=DRAFTS,
            campaign=campaigns[number % len(campaigns)],
        )
        shop.wait_until(_all_done)


def _all_done() -> bool:
    is_open = Generation.objects.filter(finished_at=None).exists()
    return not is_open and not StoredFile.objects.filter(state="pending").exists()


def copy_until(count: int, tables: Sequence[type[models.Model]] = COPIED) -> int:
    """Copy the rows of `play_templates` until there are `count` jobs; how many there are then."""
    wanted = {
        "from": Generation.objects.count() // (len(KINDS) * DRAFTS),
        "to": count // (len(KINDS) * DRAFTS) - 1,
    }
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(_copy_sql(model), wanted | {"last": _last_template(model)})
            cursor.execute(_sequence_sql(model))
    _bring_account_up_to_date()
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")  # as a table that has grown over months would be
        cursor.execute("checkpoint")
    return Generation.objects.count()


def _copy_sql(model: type[models.Model]) -> str:
    fields = model._meta.concrete_fields
    names = ", ".join(field.column for field in fields)
    values = ", ".join(_value(field) for field in fields)
    where = "id <= %(last)s" + (" and reference <> ''" if model is LedgerEntry else "")
    table = model._meta.db_table
    return (
        f"insert into {table} ({names}) select {values} "
        f"from {table} cross join generate_series(%(from)s, %(to)s) as copy where {where}"
    )


def _value(field: "models.Field[object, object]") -> str:
    column = field.column
    if field.primary_key or field.name in _MOVED:
        return f"{column} + copy * {STRIDE}"
    if isinstance(field, models.DateTimeField):
        return f"{column} - copy * interval '{SPREAD}'"
    return _SPECIAL.get(field.name, column).format(column=column)


@cache
def _last_template(model: type[models.Model]) -> int:
    """The highest number among the rows the templates left; asked before the first copy."""
    return int(model._meta.base_manager.aggregate(last=models.Max("pk"))["last"])


def _sequence_sql(model: type[models.Model]) -> str:
    table = model._meta.db_table
    return f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"


def _bring_account_up_to_date() -> None:
    account = CreditAccount.objects.get()
    total = LedgerEntry.objects.filter(account=account).aggregate(total=Sum("amount"))["total"]
    account.available = total
    account.save()
