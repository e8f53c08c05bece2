"""Imports the product once, then forks one real worker or clock for each line it is given.

Run as `python -m tests.flows.launcher`: reads JSON lines ("program", "die_at", "without"), answers
each with the child's number. Waits are shortened here: a test cannot wait out a lease.
"""

import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any

from rivya_app.local.processes import die_with_parent
from tests.flows import crash_points

QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
THREADS = 6


def _shorten_waits() -> None:
    """Before Django starts, because the sweep builds its statement when it is imported."""
    from rivya_app.generations import schedule

    schedule.SUBMIT_LEASE = 2
    schedule.FIRST_CHECK = 0.4
    schedule.SLOW_CHECK = 1
    schedule.PUBLISH_PAUSE = timedelta(seconds=1)
    schedule.REFERENCES_CHECK = 1
    schedule.NEXT_CHECK_SQL = "%(now)s + interval '500 milliseconds'"
    schedule.back_off = lambda troubles, retry_after=None: 0.5
    _shorten_waits_of_chat()


def _shorten_waits_of_chat() -> None:
    from rivya_app.chat import schedule

    schedule.LEASE = 2
    schedule.RENEW_EVERY = 0.5
    schedule.SAVE_EVERY = 0.3
    schedule.PUBLISH_PAUSE = 1
    schedule.CHECKS = (0.3, 0.3, 0.3, 0.6)
    schedule.back_off = lambda troubles, retry_after=None: 0.5


def _import_product() -> Any:

    from rivya_app.celery import app

    app.loader.import_default_modules()
    from rivya_app.library import jobs, remote, sending, vault

    jobs.LEASE = timedelta(seconds=2)
    jobs._FIRST_PAUSE = 0.5
    vault.PUBLISHED_AGAIN_AFTER = timedelta(seconds=1)
    sending.LEASE = timedelta(seconds=2)
    sending._FIRST_PAUSE = 0.5
    remote.PUBLISHED_AGAIN_AFTER = timedelta(seconds=1)
    app.conf.beat_schedule["send references that wait"]["schedule"] = timedelta(seconds=1)
    app.conf.beat_schedule["copy results that wait"]["schedule"] = timedelta(seconds=1)
    for entry in app.conf.beat_schedule.values():
        if entry["task"] == "chat.sweep":
            entry["schedule"] = timedelta(seconds=0.5)
    return app


def _fork(app: Any, order: dict[str, str]) -> int:
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    die_with_parent()
    os.setsid()
    try:
        _run(app, order)
    finally:
        os._exit(1)


def _run(app: Any, order: dict[str, str]) -> None:
    if order["program"] == "beat":
        app.start(["--quiet", "beat", "--pidfile=", "-s", order["schedule"], "-l", "WARNING"])
        return
    crash_points.arm(order["die_at"])
    crash_points.take_away(order["without"])
    queues = ["-P", "threads", "-Q", "default,media,chat", "-c", str(THREADS)]
    app.start(["--quiet", "worker", *queues, "-n", f"w{os.getpid()}@%h", *QUIET])


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    _shorten_waits()
    app = _import_product()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children leave nothing behind
    _say("ready")
    for line in sys.stdin:
        _say(_fork(app, json.loads(line)))


if __name__ == "__main__":
    main()
