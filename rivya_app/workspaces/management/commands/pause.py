"""Pause sending to Rivya, or end a pause, on the server itself."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rivya_app.core.text import id_in
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Workspace


class Command(BaseCommand):
    help = "Send nothing new to Rivya until the pause is ended; for one workspace or everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("switch", choices=["on", "off"])
        parser.add_argument("--reason", default="", help="what people read who wait")
        parser.add_argument("--workspace", default="", help="its public id; without it, everywhere")

    def handle(self, *_args: Any, **options: Any) -> None:
        home = _workspace(options["workspace"])
        where = f"in {home.name}" if home else "everywhere"
        if options["switch"] == "on":
            pauses.begin_for(home, user=None, reason=options["reason"])
            self.stdout.write(f"Paused {where}. Nothing new is sent to Rivya.")
        elif pauses.end_for(home, user=None):
            self.stdout.write(f"The pause {where} is over.")
        else:
            self.stdout.write(f"There is no pause {where}.")


def _workspace(public_id: str) -> Workspace | None:
    if not public_id:
        return None
    known = id_in(public_id)
    found = Workspace.objects.filter(public_id=known).first() if known else None
    if found is None:
        raise CommandError("No workspace has this id.")
    return found
