"""No way of ending the run leaves a process behind, and the order of the end is kept."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rivya_app.local.home import CHECKOUT
from rivya_app.local.logs import LogFile
from tests.local.conftest import lives
from tests.local.supervised import journal
from tests.waiting import wait_for

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(CHECKOUT)}


@pytest.fixture(autouse=True)
def hang_up_counts() -> Iterator[None]:
    """Where the whole suite runs under nohup, its children would rightly ignore a hang-up."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@contextlib.contextmanager
def supervised(folder: Path, kind: str = "plain", prefix: tuple[str, ...] = ()) -> Iterator:
    command = [*prefix, sys.executable, "-m", "tests.local.supervised", str(folder), kind]
    with subprocess.Popen(
        command, env=ENVIRONMENT, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for((folder / "pids").exists)
            yield process
        finally:
            process.kill()


def pids(folder: Path) -> list[int]:
    return list(json.loads((folder / "pids").read_text()).values())


def none_lives(folder: Path) -> bool:
    return not any(lives(pid) for pid in pids(folder))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_every_process_in_order_when_asked(tmp_path, number):
    with supervised(tmp_path) as process:
        process.send_signal(number)
        assert process.wait(20) == 0

    assert journal(tmp_path)[3:] == ["clock ended", "pages ended", "store ended"]
    assert none_lives(tmp_path)


def test_it_leaves_nothing_behind_when_killed(tmp_path):
    with supervised(tmp_path) as process:
        process.kill()
        process.wait()

    wait_for(lambda: none_lives(tmp_path))


def test_it_ends_with_its_terminal(tmp_path):
    command = [sys.executable, "-m", "tests.local.supervised", str(tmp_path)]
    keyboard, screen = pty.openpty()
    process = subprocess.Popen(  # the first to open a terminal in a new session owns it
        ["setsid", "--ctty", *command],
        env=ENVIRONMENT,
        cwd=CHECKOUT,
        stdin=screen,
        stdout=screen,
        stderr=screen,
    )
    os.close(screen)
    wait_for((tmp_path / "pids").exists)
    os.close(keyboard)

    assert process.wait(20) == 0
    assert journal(tmp_path)[3:] == ["clock ended", "pages ended", "store ended"]
    assert none_lives(tmp_path)


def test_it_outlives_its_terminal_under_nohup(tmp_path):
    with supervised(tmp_path, prefix=("nohup",)) as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_it_kills_a_process_that_will_not_end(tmp_path):
    with supervised(tmp_path, "stubborn") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

    assert journal(tmp_path)[3:] == ["clock ended", "store ended"]
    assert none_lives(tmp_path)


def test_it_starts_a_dead_process_again_and_says_so(tmp_path):
    with supervised(tmp_path) as process:
        os.kill(json.loads((tmp_path / "pids").read_text())["pages"], signal.SIGKILL)
        wait_for(lambda: journal(tmp_path).count("pages began") == 2)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[0]

    assert "ended with code -9; starts again in 0.5 s" in said
    assert journal(tmp_path)[-3:] == ["clock ended", "pages ended", "store ended"]


def test_it_waits_longer_each_time_a_process_fails(tmp_path):
    with supervised(tmp_path, "failing") as process:
        wait_for(lambda: journal(tmp_path).count("pages began") == 4)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[0]

    waits = [line.split()[-2] for line in said.splitlines() if "starts again" in line]
    assert waits[:3] == ["0.5", "1", "2"]


def test_it_keeps_each_process_s_lines_under_its_name(tmp_path):
    with supervised(tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[0]

    assert "pages          hello from pages" in said
    assert (tmp_path / "logs" / "pages.log").read_text().endswith(" hello from pages\n")


def test_it_rotates_logs_by_size(tmp_path):
    log = LogFile(tmp_path / "web.log", max_bytes=100)
    for number in range(40):
        log.write_line(f"line {number} of a long day".encode())
    log.close()

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert "line 39" in (tmp_path / "web.log").read_text()
    assert all(path.stat().st_size < 200 for path in tmp_path.iterdir())
