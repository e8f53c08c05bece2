"""Runs the benchmarks, each on a stage of its own: `python -m tests.bench [name …]`."""

import argparse
import importlib
import os
import signal
import subprocess
import sys
import time

NAMES = (
    "polling",
    "submitting",
    "pages",
    "memory",
    "forms",
    "uploads",
    "webhooks",
    "reviews",
    "handoff",
    "holds",
    "ledger",
    "chat",
    "talks",
)


def run(name: str) -> None:
    """One benchmark in this process; its table is printed."""
    from tests.bench.figures import table
    from tests.bench.stage import make_shop, open_stage

    began = time.monotonic()
    with open_stage() as stage:
        measure = importlib.import_module(f"tests.bench.{name}").measure
        figures = measure(make_shop(stage))
    sys.stdout.write(f"\n{name} ({time.monotonic() - began:.0f} s)\n\n{table(figures)}\n")


def main() -> int:
    # As an exception, so that a stopped run takes its services and its folder along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("names", nargs="*", choices=[*NAMES, []], help="all where none is given")
    asked.add_argument(
        "--litellm",
        metavar="VENV",
        nargs="?",
        const=".local/litellm",
        help="measure the LiteLLM proxy beside the chat; its own environment, made if need be",
    )
    given = asked.parse_args()
    names = given.names or NAMES
    if given.litellm:
        os.environ["BENCH_LITELLM"] = given.litellm
    if len(names) == 1:
        run(names[0])
        return 0
    # A process each: none inherits the caches, threads or settings of another.
    return max(subprocess.call([sys.executable, "-m", "tests.bench", name]) for name in names)


if __name__ == "__main__":
    sys.exit(main())
