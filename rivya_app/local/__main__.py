"""The commands behind the Makefile: run, reset, services, smoke, checks."""

import os
import shutil
import sys
from collections.abc import Callable

from rivya_app.local.home import CHECKOUT, AlreadyRunning, Home
from rivya_app.local.postgres import NOBODY
from rivya_app.local.prepared import ServiceUnavailable, socket_folder
from rivya_app.local.processes import die_with_parent
from rivya_app.local.run import run, run_services
from rivya_app.local.supervisor import PartFailed, StopRequested

_SIGTERM = 15


def main(words: list[str]) -> int:
    """Run one command; what goes wrong is said in words, without a traceback."""
    command = _COMMANDS.get(words[0] if words else "")
    if command is None:
        print(f"Say one of: {', '.join(_COMMANDS)}", file=sys.stderr)
        return 2
    if os.environ.get("MAKELEVEL"):
        die_with_parent(_SIGTERM)  # make itself may be killed
    try:
        return command(Home(CHECKOUT / ".local"))
    except StopRequested:
        print("Stopped.")
        return 0
    except (AlreadyRunning, ServiceUnavailable, PartFailed) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1


def _run(home: Home) -> int:
    run(home)
    return 0


def _services(home: Home) -> int:
    run_services(home)
    return 0


def _smoke(_home: Home) -> int:
    from rivya_app.local.smoke import smoke

    return smoke()


def _checks(_home: Home) -> int:
    from rivya_app.local.checks import check

    return check()


def _reset(home: Home) -> int:
    """Drop all local data; asks first, unless FORCE=1 or nobody is there to answer."""
    with home.lock():
        things = home.things_to_drop()
        if not things:
            print("There is no local data.")
            return 0
        if not _is_sure(home):
            print("Nothing was dropped.")
            return 1
        for thing in things:
            shutil.rmtree(thing) if thing.is_dir() else thing.unlink()
        for data in (home.postgres, home.valkey):
            shutil.rmtree(socket_folder(data, owner=NOBODY), ignore_errors=True)
    print("Dropped the local data; `make run` starts afresh.")
    return 0


def _is_sure(home: Home) -> bool:
    if os.environ.get("FORCE") == "1":
        return True
    if not sys.stdin.isatty():
        print("Say FORCE=1 to drop data without being asked.", file=sys.stderr)
        return False
    return input(f"Drop the database and all files in {home.folder}? [y/N] ").lower() in {
        "y",
        "yes",
    }


_COMMANDS: dict[str, Callable[[Home], int]] = {
    "run": _run,
    "services": _services,
    "reset": _reset,
    "smoke": _smoke,
    "checks": _checks,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
