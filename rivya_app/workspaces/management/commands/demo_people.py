"""Say who can sign in to the demo."""

from typing import Any

from django.core.management.base import BaseCommand

from rivya_app.workspaces import demo


class Command(BaseCommand):
    help = "Print who can sign in to the demo, one person a line; nothing outside the demo."

    def handle(self, *_args: Any, **_options: Any) -> None:
        people = demo.entrances()
        width = max((len(person.email) for person in people), default=0)
        for person in people:
            self.stdout.write(f"{person.email:<{width}}  {person.name}, {person.role_word}")
        if people:
            self.stdout.write(f"Password of each: {demo.PASSWORD}")
