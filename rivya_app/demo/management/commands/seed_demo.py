"""`manage.py seed_demo`: fills the demo's workspace, or says who can sign in where it is filled."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from rivya_app.demo import play
from rivya_app.demo.stand_in import NotAStandIn, StandIn
from rivya_app.demo.story import HAPPENINGS
from rivya_app.workspaces.demo import PASSWORD


class Command(BaseCommand):
    help = "Fill the demo's workspace through the product's own acts against the stand-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--without-history", action="store_true", help="only the people and a key"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is off (DEMO=1 turns it on). Nothing was changed.")
        try:
            with StandIn(settings.RIVYA_BASE_URL) as stand_in:
                story = () if options["without_history"] else HAPPENINGS
                people = play.play(stand_in, self._progress, story=story)
        except NotAStandIn:
            raise CommandError(
                "RIVYA_BASE_URL is not a stand-in; a demo would spend real credits."
            ) from None
        for role, member in people.items():
            self.stdout.write(f"{role}: {member.user.email}, password {PASSWORD}")

    def _progress(self, story: Any) -> Any:
        """A bar in a terminal, a line otherwise."""
        if sys.stderr.isatty():
            return tqdm(story, desc="demo", unit="step", file=sys.stderr)
        self.stderr.write(f"playing {len(story)} steps")
        return story
