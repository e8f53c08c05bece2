"""What somebody was told is there after a restart, and after a kill -9."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.simulator.conftest import PROMPT, Api, Receiver, until
from tests.simulator.test_files import picture, upload
from tests.simulator_process import ROOT, Simulator

pytestmark = pytest.mark.xdist_group("simulator-restart")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Simulator]:
    """A process of this test's own, to be killed at will."""
    stand_in = Simulator.start(50, tmp_path / "state")
    yield stand_in
    stand_in.close()


@pytest.mark.parametrize("killed", [False, True])
def test_it_remembers_everything_it_told(own: Simulator, killed: bool) -> None:
    api = Api(own, own.new_key("k"))
    own.set(webhook_form="hex")
    own.fault("fail", times=3)
    done = api.final(api.create(PROMPT, "k1").json()["id"])
    file = upload(api, picture()).json()
    session = api.http.post(
        "/chat/completions", json={"model": "gpt-5-2-chat", "message": "hello"}
    ).json()
    before = (own.wallet(), own.keys(), own.tasks(), api.credits())

    own.restart(down=killed)

    api = Api(own, api.http.headers["authorization"].removeprefix("Bearer "))
    assert (own.wallet(), own.keys(), own.tasks(), api.credits()) == before
    assert api.task(done["id"])["status"] == done["status"] == "failed"
    assert api.create(PROMPT, "k1").json()["id"] == done["id"]
    assert httpx.get(file["url"]).content == picture()
    shown = api.http.get(f"/chat/sessions/{session['session_id']}").json()
    assert shown["messages"][1]["credits"] == session["credits"]
    faults = httpx.get(f"{own.base_url}/_sim/faults").json()["data"]
    assert [fault["times_left"] for fault in faults] == [2]
    settings = httpx.get(f"{own.base_url}/_sim/settings").json()
    assert settings["webhook_form"] == "hex"


def test_open_tasks_go_on_by_the_clock(own: Simulator) -> None:
    api = Api(own, own.new_key("k"))
    ids = [api.made(f"[[slow:0.8]] {n}")["id"] for n in range(20)]
    own.restart(down=True)
    assert {api.final(task_id)["status"] for task_id in ids} == {"succeeded"}
    assert own.wallet() == {"account": "main", "credits": 980, "reserved": 0, "spent_on_tasks": 20}


def test_a_kill_loses_at_most_what_was_never_answered(own: Simulator) -> None:
    api = Api(own, own.new_key("k"))
    own.set_credits(100_000)
    told: list[str] = []

    def keep_asking() -> None:
        try:
            while True:
                told.append(api.create(f"mug {len(told)}", f"key-{len(told)}").json()["id"])
        except httpx.HTTPError:
            return

    threads = [threading.Thread(target=keep_asking)]
    for thread in threads:
        thread.start()
    until(lambda: len(told), lambda count: count > 40)
    own.kill()
    for thread in threads:
        thread.join()
    own.restart()
    kept = {task["id"] for task in own.tasks()}
    assert set(told) <= kept
    assert len(kept) <= len(told) + 1
    for task_id in told:
        api.final(task_id)
    assert own.wallet()["credits"] == 100_000 - len(kept)


def test_a_turn_cut_off_by_a_kill_is_given_back(own: Simulator) -> None:
    api = Api(own, own.new_key("k"))
    body = {"model": "gpt-5-2-chat", "message": "[[sse_slow:30]] hello"}
    with api.http.stream("POST", "/chat/completions/stream", json=body) as answer:
        # Kept by name: an iterator that is let go of closes the stream, and the turn is settled.
        pieces = answer.iter_raw()
        next(pieces)
        own.kill()
    own.restart()
    assert own.wallet()["credits"] == 1000
    assert own.wallet()["reserved"] == 0


def test_deliveries_go_on_after_a_restart(own: Simulator, receiver: Receiver) -> None:
    own.set(speed=1)
    receiver.answers = [500]
    api = Api(own, own.new_key("k", speed=1000))
    api.http.post("/webhooks", json={"url": receiver.url})
    api.made()
    receiver.wait(1)
    until(own.deliveries, lambda rows: rows[0]["attempts"])
    own.kill()
    own.restart()
    assert len(receiver.wait(2)) == 2


def test_results_keep_their_bytes(own: Simulator) -> None:
    api = Api(own, own.new_key("k"))
    task_id = api.final(api.made()["id"])["id"]
    first = httpx.get(api.task(task_id)["result"]["primary_url"]).content
    for rendered in (own.state / "media").iterdir():
        rendered.unlink()
    own.restart(down=True)
    assert httpx.get(api.task(task_id)["result"]["primary_url"]).content == first


def test_two_cannot_share_a_folder(own: Simulator) -> None:
    command = [sys.executable, "-m", "rivya_app.simulator", "--state", str(own.state)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert second.returncode != 0
    assert second.stdout == ""
    assert "used by another process" in second.stderr


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-m', 'rivya_app.simulator', '--state', "
        f"{str(tmp_path / 'state')!r}, '--parent-death'], stdout=subprocess.PIPE, text=True)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    command = [sys.executable, "-c", script]
    parent = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    pid = int(parent.stdout)
    until(lambda: _is_alive(pid), lambda alive: not alive)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_it_stops_at_once_with_a_stream_open(own: Simulator) -> None:
    api = Api(own, own.new_key("k"))
    body = {"model": "gpt-5-2-chat", "message": "[[sse_stall:60]] hello"}
    with api.http.stream("POST", "/chat/completions/stream", json=body) as answer:
        next(answer.iter_raw())
        own.process.terminate()
        own.process.wait(timeout=30)


def test_it_imports_nothing_of_the_product(own: Simulator) -> None:
    command = "import rivya_app.simulator.app, sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    modules = run.stdout.split()
    ours = [name for name in modules if name.startswith("rivya_app.")]
    assert all(name.startswith("rivya_app.simulator") for name in ours)
    assert "django" not in modules
