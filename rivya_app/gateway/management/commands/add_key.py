"""Give a workspace a Rivya API key on a server, without a browser."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from rivya_app.core.sealed import Secret
from rivya_app.gateway import actions, key_words
from rivya_app.gateway.forms import KeyForm
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Workspace


class Command(BaseCommand):
    help = "Read a Rivya API key from standard input, check it, seal it and keep it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id, or its name")
        parser.add_argument("--purpose", required=True, help="such as production-image-workflow")
        parser.add_argument(
            "--environment", choices=ApiKey.Environment.values, default="production"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        workspace = _workspace(options["workspace"])
        new = actions.NewKey(_purpose(options["purpose"]), options["environment"], _typed())
        try:
            key = actions.install_key(workspace=workspace, new=new)
        except actions.KeyNotAccepted as refusal:
            raise CommandError(key_words.words(refusal.code, refusal.scopes)) from None
        self.stdout.write(f"{key} is in use for {workspace.name}.")


def _workspace(wanted: str) -> Workspace:
    try:
        found = list(Workspace.objects.filter(public_id=wanted))
    except ValidationError:
        found = list(Workspace.objects.filter(name=wanted)[:2])
    if len(found) != 1:
        reason = "There are several workspaces" if found else "There is no workspace"
        raise CommandError(f"{reason} called {wanted!r}.")
    return found[0]


def _purpose(typed: str) -> str:
    try:
        return str(KeyForm.base_fields["purpose"].clean(typed))
    except ValidationError as error:
        raise CommandError(f"--purpose: {error.messages[0]}") from None


def _typed() -> Secret:
    """From a pipe as it comes; from a terminal without showing it. Never an argument: those are
    visible to everybody on the host."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass("Rivya API key: ").strip())
    return Secret(sys.stdin.readline().strip())
