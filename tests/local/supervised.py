"""A supervisor with three small parts, for the tests to start and to end in every way.

Run as `python -m tests.local.supervised FOLDER [stubborn|failing]`; prints each part's process id.
"""

import json
import sys
from pathlib import Path

from rivya_app.local.console import Console
from rivya_app.local.processes import Program
from rivya_app.local.supervisor import Part, StopRequested, Supervisor

CHILD = """
import signal, sys, time
name, journal, kind = sys.argv[1:]
def note(word):
    with open(journal, "a") as file:
        file.write(f"{name} {word}\\n")
def end(*_):
    note("ended")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if kind == "stubborn" else end)
note("began")
print(f"hello from {name}", flush=True)
if kind == "failing":
    sys.exit(3)
time.sleep(120)
"""


def part(folder: Path, name: str, stage: int, kind: str) -> Part:
    words = (sys.executable, "-u", "-c", CHILD, name, str(folder / "journal"), kind)
    began = f"{name} began"
    return Part(
        Program(name, words, stop_seconds=1 if kind == "stubborn" else 10),
        stage,
        answers=lambda: began in journal(folder),
    )


def journal(folder: Path) -> list[str]:
    path = folder / "journal"
    return path.read_text().splitlines() if path.exists() else []


def main(folder: Path, kind: str) -> int:
    try:
        with Supervisor(folder / "logs", Console()) as supervisor:
            for stage, name in enumerate(("store", "pages", "clock"), start=1):
                supervisor.start(part(folder, name, stage, kind if name == "pages" else "plain"))
            (folder / "pids").write_text(json.dumps(supervisor.pids()))
            supervisor.watch()
    except StopRequested:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "plain"))
