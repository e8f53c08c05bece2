"""`manage.py clean_library`: the clean-up that runs every hour, by hand, with a report."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from rivya_app.core.text import size_words
from rivya_app.library import cleaning
from rivya_app.library.cleaning import Report
from rivya_app.workspaces.models import Workspace

_WIDTH = 30  # of the bar, in characters


class Command(BaseCommand):
    help = "Remove files that nobody uses and whose time is over; never one that is in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and stop")
        parser.add_argument("--workspace", help="only the workspace of this name")

    def handle(self, *_args: object, **options: Any) -> None:
        is_dry_run = bool(options["dry_run"])
        rows = Workspace.objects.order_by("name")
        if options["workspace"]:
            rows = rows.filter(name=options["workspace"])
        reports = [self._clean(workspace, is_dry_run=is_dry_run) for workspace in rows]
        self._print(reports, is_dry_run=is_dry_run)
        if not options["workspace"]:
            count = cleaning.clear_abandoned(is_dry_run=is_dry_run)
            self.stdout.write(f"Stored bytes that no row needs: {count}")

    def _clean(self, workspace: Workspace, *, is_dry_run: bool) -> Report:
        bar = Bar(workspace.name, cleaning.due(workspace).count())
        report = cleaning.clean(workspace, is_dry_run=is_dry_run, on_progress=bar.advance)
        bar.end()
        return report

    def _print(self, reports: list[Report], *, is_dry_run: bool) -> None:
        self.stdout.write("Would be removed:" if is_dry_run else "Removed:")
        self.stdout.write(f"  {'workspace':<30} {'uploads':>8} {'results':>8} {'size':>10}")
        for each in reports:
            counts = f"{each.upload_count:>8} {each.result_count:>8}"
            self.stdout.write(
                f"  {each.workspace.name[:30]:<30} {counts} {size_words(each.size):>10}"
            )
            if each.names:
                self.stdout.write(f"    such as {', '.join(each.names)}")


class Bar:
    """How far one workspace is, on a terminal; silent elsewhere."""

    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._total = total
        self._done = 0
        self._is_shown = sys.stderr.isatty() and total > 0

    def advance(self, count: int) -> None:
        self._done += count
        if self._is_shown:
            filled = _WIDTH * min(self._done, self._total) // self._total
            drawn = "#" * filled + "." * (_WIDTH - filled)
            sys.stderr.write(f"\r  {self._name[:30]} [{drawn}] {self._done}/{self._total}")
            sys.stderr.flush()

    def end(self) -> None:
        if self._is_shown:
            sys.stderr.write("\n")
