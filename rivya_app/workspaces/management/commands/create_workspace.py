"""Make a workspace and its owner on a server."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from rivya_app.workspaces import actions
from rivya_app.workspaces.sign_in import password_link


class Command(BaseCommand):
    help = "Make a workspace with its owner, and print the link where the owner sets a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="what the workspace is called")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        email = options["owner_email"]
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from None
        workspace, owner = actions.create_workspace(
            name=options["name"], owner_email=email, owner_name=options["owner_name"]
        )
        self.stdout.write(f"Workspace {workspace.name} ({workspace.public_id}) is made.")
        if owner.user.has_usable_password():
            self.stdout.write(f"{owner.user} signs in with the password they have.")
        else:
            self.stdout.write(f"{owner.user} sets a password here:\n{password_link(owner.user)}")
