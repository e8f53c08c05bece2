"""`manage.py rotate_field_keys`: seal every stored secret anew with the first of FIELD_KEYS."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from rivya_app.core import resealing


class Command(BaseCommand):
    help = (
        "Seal anew, with the first of FIELD_KEYS, what an older one sealed. Put the new key first, "
        "restart, run this, and take the old key out when --check finds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail where something is left"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = resealing.sealed_columns()
        if options["check"]:
            left = sum(resealing.outdated_count(column) for column in found)
            if left:
                raise CommandError(f"{left} secrets are sealed with an older key.")
            self.stdout.write("Every secret is sealed with the newest key.")
            return
        total = resealing.Outcome()
        is_quiet = not sys.stderr.isatty()
        for column in tqdm(found, desc="sealing", unit="column", disable=is_quiet, file=sys.stderr):
            total += resealing.reseal(column)
        self.stdout.write(f"Sealed anew: {total.resealed}. Newest already: {total.current}.")
        if total.broken:
            raise CommandError(f"{total.broken} could not be opened with any of FIELD_KEYS.")
