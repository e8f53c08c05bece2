"""The life of a task: planned when accepted, read from its stored times, closed when due.

No thread and no timer per task: one heap of end times serves them all, and a restart rebuilds it.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from rivya_app.simulator import links, prices, wallet
from rivya_app.simulator.calls import Reply
from rivya_app.simulator.catalogue import Model
from rivya_app.simulator.faults import Active, active
from rivya_app.simulator.outputs import extensions
from rivya_app.simulator.records import Key, Task, wire_credits, wire_time
from rivya_app.simulator.world import World, new_id

NEVER: Final = 1e12
# Seconds from accept to result at speed 1; the first part of it is spent in the queue.
RUN_SECONDS: Final = {"image": (4.0, 12.0), "video": (20.0, 60.0), "audio": (5.0, 15.0)}
_MOST_RESULTS: Final = 10
_DEFAULT_FAILURE: Final = "The generation failed."


@dataclass(frozen=True)
class Order:
    """A validated request for a task."""

    model: Model
    prompt: str
    params: dict[str, Any]
    client_request_id: str = ""


class Tasks:
    """Accepts, shows and closes tasks. ``on_closed`` hears of each final state once."""

    def __init__(self, world: World, base_url: Callable[[], str]) -> None:
        self._world = world
        self._base_url = base_url
        self._shown: dict[str, tuple[float, bytes]] = {}
        self.on_closed: list[Callable[[Task], None]] = []
        self.rebuild()

    def rebuild(self) -> None:
        """Read the heap from the rows again."""
        self._shown.clear()
        self._due = [(t.ends_at, t.id) for t in self._world.tasks.values() if not t.is_closed]
        heapq.heapify(self._due)

    def accept(self, order: Order, key: Key, faults: Sequence[Active], call_id: str) -> Task:
        """Reserve the price and plan the task. Raises Refusal ``insufficient_credits``."""
        world, setting = self._world, self._world.setting
        held = prices.reserved(order.model, order.prompt, order.params, setting)
        account = world.accounts[key.account]
        wallet.reserve(world, account, held)
        task = self._planned(order, key, faults, held, call_id)
        world.save(task)
        heapq.heappush(self._due, (task.ends_at, task.id))
        return task

    def _planned(
        self, order: Order, key: Key, faults: Sequence[Active], held: int, call_id: str
    ) -> Task:
        now = time.time()
        seed = _seed(order)
        starts_at, ends_at = _times(order.model.category, now, self._world.speed_of(key))
        task = Task(
            id=new_id("task"),
            account=key.account,
            key=key.id,
            model=order.model.id,
            prompt=order.prompt,
            params=order.params,
            seed=seed,
            created_at=now,
            starts_at=starts_at,
            ends_at=ends_at,
            reserved=held,
            cost=prices.final(order.model, order.prompt, order.params, held, self._world.setting),
            outputs=self._outputs(order),
            client_request_id=order.client_request_id,
            idempotency_key=call_id,
        )
        for fault in faults:
            _bend(task, fault)
        return task

    def _outputs(self, order: Order) -> list[str]:
        """The extensions of the results; the setting has its say about pictures."""
        usual = extensions(order.model, order.params)
        count = min(int(self._world.setting["result_count"]), _MOST_RESULTS)
        return usual[:1] * count if count and order.model.category == "image" else usual

    def advance(self, now: float) -> None:
        """Close every task whose time has come."""
        if not self._due or self._due[0][0] > now:
            return
        while self._due and self._due[0][0] <= now:
            ends_at, task_id = heapq.heappop(self._due)
            task = self._world.tasks.get(task_id)
            if task and not task.is_closed and task.ends_at == ends_at:
                self._close(task)
        self._world.commit()

    def next_due(self) -> float:
        return self._due[0][0] if self._due else NEVER

    def _close(self, task: Task) -> None:
        task.status = task.outcome
        task.closed_at = task.ends_at
        kept = task.outcome == "succeeded" or task.keeps_credits
        task.final = task.cost if kept else 0
        account = self._world.accounts[task.account]
        wallet.settle(self._world, account, task.reserved, task.final)
        self._world.save(task)
        self._shown.pop(task.id, None)
        for listener in self.on_closed:
            listener(task)

    def finish_now(self, task: Task, outcome: str, code: str, *, keeps_credits: bool) -> None:
        """End an open task at once, as the control page asks."""
        now = time.time()
        task.outcome, task.error_code, task.keeps_credits = outcome, code, keeps_credits
        task.starts_at, task.ends_at = min(task.starts_at, now), now
        heapq.heappush(self._due, (now, task.id))
        self.advance(now)

    def shown(self, task: Task, now: float) -> bytes:
        """The body of GET /generations/{id}, kept until the task or its links change."""
        kept = self._shown.get(task.id)
        if kept is not None and kept[0] > now:
            return kept[1]
        body = json.dumps(self.wire(task, now), separators=(",", ":")).encode()
        self._shown[task.id] = (self._good_until(task, now), body)
        return body

    def _good_until(self, task: Task, now: float) -> float:
        if task.is_closed:
            return now + float(self._world.setting["link_life_seconds"]) / 2
        return task.starts_at if now < task.starts_at else task.ends_at

    def forget_shown(self) -> None:
        """Settings changed: what was serialised may no longer be right."""
        self._shown.clear()

    def wire(self, task: Task, now: float, status: str = "") -> dict[str, Any]:
        """The documented generation object; ``status`` shows an earlier state on purpose."""
        status = status or status_at(task, now)
        done = status == "succeeded"
        return {
            "id": task.id,
            "status": status,
            "model": task.model,
            "reserved_credits": wire_credits(task.reserved),
            "final_credits": wire_credits(task.final if status == task.status else 0),
            "created_at": wire_time(task.created_at),
            "updated_at": wire_time(_updated_at(task, status)),
            "result": self._result(task, now) if done else None,
            "error": _error(task) if status == "failed" else None,
        }

    def stale(self, reply: Reply) -> Reply:
        """The same reply, as it would have been one state ago."""
        now = time.time()
        task = self._world.tasks[reply.task]
        return Reply(self.wire(task, now, earlier_status(status_at(task, now))), task=task.id)

    def _result(self, task: Task, now: float) -> dict[str, Any] | None:
        if not task.outputs:
            return None
        until = now + self._world.setting["link_life_seconds"]
        urls = links.result_urls(self._world, self._base_url(), task, until)
        hostile = next((f for f in task.faults if f["name"] == "hostile_link"), None)
        if hostile:
            urls = [str(hostile["options"]["url"]) for _ in urls]
        return {"primary_url": urls[0], "urls": urls}


def status_at(task: Task, now: float) -> str:
    """The status a reader sees at that moment."""
    if task.status:
        return task.status
    if task.unknown_status and now >= task.starts_at:
        return task.unknown_status
    return "queued" if now < task.starts_at else "processing"


def earlier_status(status: str) -> str:
    """The state before this one, for a reply that comes in the wrong order."""
    return "queued" if status == "processing" else "processing"


def _updated_at(task: Task, status: str) -> float:
    if status == "queued":
        return task.created_at
    return task.closed_at if status == task.status else task.starts_at


def _error(task: Task) -> dict[str, str]:
    code = task.error_code or "generation_failed"
    return {"code": code, "message": _DEFAULT_FAILURE}


def _seed(order: Order) -> int:
    """The person's own seed gives the same picture again; otherwise each task is new."""
    wanted = order.params.get("seed") or order.params.get("seeds")
    if not wanted:
        return secrets.randbits(48)
    digest = hashlib.sha256(f"{order.model.id}\n{order.prompt}\n{wanted}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def _times(category: str, now: float, speed: float) -> tuple[float, float]:
    chance = Random()
    run = chance.uniform(*RUN_SECONDS[category]) / speed
    return now + run * chance.uniform(0.12, 0.3), now + run


def _bend(task: Task, fault: Active) -> None:
    """Let a fault change the plan."""
    task.faults.append({"name": fault.name, "options": dict(fault.options)})
    bend = _BENDS.get(fault.name)
    if bend is not None:
        bend(task, fault.options)


def _bend_slow(task: Task, options: Any) -> None:
    seconds = float(options["seconds"])
    task.starts_at = task.created_at + seconds * 0.2
    task.ends_at = task.created_at + seconds


def _bend_instant(task: Task, _options: Any) -> None:
    task.starts_at = task.ends_at = task.created_at


def _bend_stuck(task: Task, options: Any) -> None:
    task.ends_at = NEVER
    if options["stage"] == "queued":
        task.starts_at = NEVER


def _bend_fail(task: Task, options: Any) -> None:
    task.outcome = "failed"
    task.error_code = str(options["code"])
    task.keeps_credits = bool(options["keep_credits"])
    if options["stage"] == "queued":
        task.starts_at = task.ends_at


def _bend_unknown(task: Task, options: Any) -> None:
    task.unknown_status = str(options["status"])
    if options["for_ever"]:
        task.ends_at = NEVER


def _bend_settle(task: Task, options: Any) -> None:
    task.cost = round(float(options["credits"]) * 100)


def _bend_no_result(task: Task, _options: Any) -> None:
    task.outputs = []


def _bend_many(task: Task, options: Any) -> None:
    task.outputs = task.outputs[:1] * max(1, min(int(options["count"]), _MOST_RESULTS))


_BENDS: Final[dict[str, Callable[[Task, Any], None]]] = {
    "slow": _bend_slow,
    "instant": _bend_instant,
    "webhook_early": _bend_instant,
    "stuck": _bend_stuck,
    "fail": _bend_fail,
    "fail_kept": _bend_fail,
    "unknown_status": _bend_unknown,
    "settle": _bend_settle,
    "no_result": _bend_no_result,
    "many": _bend_many,
}


def task_faults(task: Task) -> list[Active]:
    """The faults a task carries, from its prompt or from the switches at its birth."""
    return [active(fault["name"], fault["options"]) for fault in task.faults]
