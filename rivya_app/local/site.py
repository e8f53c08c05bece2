"""Runs several management commands in one process, because loading Django is most of their time.

`python -m rivya_app.local.site "migrate --no-input" demo_people` prints a title before each.
"""

import sys

import django
from django.core.management import CommandError, call_command

TITLE = "== "


def main(commands: list[str]) -> int:
    """Run `commands` in their order; the first that fails ends it, its reason printed."""
    django.setup()
    for command in commands:
        print(f"{TITLE}{command}", flush=True)
        try:
            call_command(*command.split())
        except CommandError as refusal:
            print(refusal)
            return refusal.returncode
    return 0


def said_by(command: str, lines: list[str]) -> list[str]:
    """What `command` printed, out of all the lines of such a process."""
    rest = lines[lines.index(f"{TITLE}{command}") + 1 :]
    ends = (number for number, line in enumerate(rest) if line.startswith(TITLE))
    return rest[: next(ends, len(rest))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
