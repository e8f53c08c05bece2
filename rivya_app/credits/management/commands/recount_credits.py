"""`manage.py recount_credits`: whether balances and usage are what the ledger says, and mended."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from rivya_app.credits import ledger, usage
from rivya_app.credits.models import CreditAccount
from rivya_app.workspaces.models import Workspace


class Command(BaseCommand):
    help = (
        "Adds up the ledger of every workspace under its account's lock, prints where the kept "
        "balance or usage differs, and mends it. With --check nothing is changed, and it ends "
        "with 1 where something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="say what differs, and stop")
        parser.add_argument("--workspace", help="only the workspace of this name")

    def handle(self, *_args: object, **options: Any) -> None:
        is_check = bool(options["check"])
        homes = Workspace.objects.filter(credit_account__isnull=False).order_by("name", "id")
        if options["workspace"]:
            homes = homes.filter(name=options["workspace"])
        found = 0
        is_quiet = not sys.stderr.isatty()
        for home in tqdm(list(homes), desc="accounts", unit="account", disable=is_quiet):
            for line in _recounted(home, is_check=is_check):
                found += 1
                self.stdout.write(f"{home.name}: {line}")
        if not found:
            self.stdout.write(self.style.SUCCESS("Everything is as the ledger says."))
        elif is_check:
            raise CommandError(f"{found} differ from the ledger.")
        else:
            self.stdout.write(f"{found} differed and were mended.")


@transaction.atomic(durable=True)
def _recounted(home: Workspace, *, is_check: bool) -> list[str]:
    """What differs in one workspace, in words; mended unless it is only to be checked."""
    account = ledger.lock_account(home)
    lines = [*_of_account(account), *_of_usage(account)]
    if lines and not is_check:
        ledger.mend(account)
    return lines


def _of_account(account: CreditAccount) -> Iterator[str]:
    counted = ledger.balance_of(account)
    for name in ("available", "held"):
        kept, is_right = getattr(account, name), getattr(counted, name)
        if kept != is_right:
            yield f"{name} is kept as {kept}, the ledger says {is_right}"


def _of_usage(account: CreditAccount) -> Iterator[str]:
    for row in usage.compare(account):
        when = row.period or "all time"
        kept = f"{row.kept.held} held, {row.kept.spent} spent"
        counted = f"{row.counted.held} held, {row.counted.spent} spent"
        yield f"{row.scope} {row.subject_id}, {when}: kept {kept}; the ledger says {counted}"
