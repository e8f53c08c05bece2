"""Brings the database, the translations and the static files up to date, in one short process.

One process instead of a `manage.py` for each, because loading Django is most of the time.
"""

import sys
import time

import django
from django.core.management import call_command, get_commands

STEPS: tuple[tuple[str, ...], ...] = (
    ("migrate", "--no-input"),
    ("translations", "--compile"),
    ("collectstatic", "--no-input"),
)


def main() -> int:
    """Run each step and print how long it took."""
    django.setup()
    known = get_commands()
    for command, *options in STEPS:
        if command in known:
            began = time.monotonic()
            call_command(command, *options)
            print(f"{command}: {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
