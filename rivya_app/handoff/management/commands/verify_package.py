"""`manage.py verify_package FILE.zip`: whether a package that came back is whole, and ours."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from rivya_app.handoff import known_packages, verifying
from rivya_app.handoff.verifying import NotAPackage, Report


class Command(BaseCommand):
    help = (
        "Checks every file of a package's zip against its manifest, and asks this installation "
        "whether it knows the package and its approvals. Extracts nothing. "
        "Ends with 0 only if all holds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--offline", action="store_true", help="check the file alone, without the database"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        report = self._verified(options["file"])
        against = [str(finding) for finding in report.findings]
        if not options["offline"]:
            against += known_packages.doubts(report)
        for line in against:
            self.stderr.write(f"  {verifying.shown(line)}")
        if against:
            raise CommandError(f"It does not hold: {len(against)} found.")
        title = verifying.shown(str(report.document["package"].get("title", "")))
        said = f"It holds: {report.checked_count} files, {report.byte_count:,} bytes, “{title}”."
        self.stdout.write(self.style.SUCCESS(said))

    def _verified(self, path: Path) -> Report:
        is_quiet = not sys.stderr.isatty()
        with tqdm(unit="B", unit_scale=True, disable=is_quiet, desc="reading", leave=False) as bar:
            try:
                return verifying.verify(path, on_start=bar.reset, on_bytes=bar.update)
            except NotAPackage as refusal:
                raise CommandError(str(refusal)) from None
            except OSError as error:
                raise CommandError(f"The file cannot be read: {error.strerror}") from None
