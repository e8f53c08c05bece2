"""Sends webhook events: when, how signed, how often again, and every fault of the post."""

from __future__ import annotations

import asyncio
import copy
import heapq
import json
import time
from typing import Any, Final

import httpx

from rivya_app.simulator import signing
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.faults import Active, named
from rivya_app.simulator.records import Delivery, Endpoint, Event, Task, wire_time
from rivya_app.simulator.tasks import Tasks, task_faults
from rivya_app.simulator.world import World, new_id

API_VERSION: Final = "2026-05-11"
# ASSUMED: seconds before each further attempt, divided by the speed.
BACK_OFF_SECONDS: Final = (5, 30, 120, 600, 3600, 21600)
TEST_TYPE: Final = "webhook.test"  # ASSUMED
_AT_ONCE: Final = 16
_REORDER_SECONDS: Final = 5.0
_TWISTS: Final = {
    "webhook_stale": "stale",
    "webhook_unsigned": "unsigned",
    "webhook_bell": "bell",
    "webhook_unknown_type": "unknown_type",
}


class Courier:
    """One heap of due deliveries; a restart finds what was pending in the rows."""

    def __init__(self, world: World, tasks: Tasks, armoury: Armoury) -> None:
        self._world, self._tasks, self._armoury = world, tasks, armoury
        self._client: httpx.AsyncClient | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.rebuild()

    def rebuild(self) -> None:
        for job in self._running:
            job.cancel()
        rows = self._world.deliveries.values()
        self._due = [(row.next_attempt_at, row.id) for row in rows if row.state == "pending"]
        heapq.heapify(self._due)

    def next_due(self) -> float:
        return self._due[0][0] if self._due else float("inf")

    def tell(self, task: Task) -> None:
        """A task is final: one event, and its deliveries."""
        endpoints = self._listeners(task.account, f"generation.{task.status}")
        if not endpoints:
            return
        now = time.time()
        event = self._event(task.account, f"generation.{task.status}", now)
        event.task = task.id
        event.payload |= _enveloped(
            self._world.setting["webhook_envelope"], self._tasks.wire(task, now)
        )
        self._world.save(event)
        carried = [fault for fault in task_faults(task) if fault.stage == "webhook"]
        key = self._world.keys.get(task.key)
        faults = carried + self._armoury.take("webhook", "webhook.send", key)
        for endpoint in endpoints:
            self._post(endpoint, event, faults, now)

    def _listeners(self, account: str, event_type: str) -> list[Endpoint]:
        return [
            endpoint
            for endpoint in self._world.endpoints.values()
            if endpoint.account == account
            and endpoint.status == "active"
            and event_type in endpoint.event_types
        ]

    def _event(self, account: str, event_type: str, now: float) -> Event:
        event_id = new_id("evt")
        payload = {
            "id": event_id,
            "type": event_type,
            "api_version": API_VERSION,
            "created_at": wire_time(now),
        }
        return Event(event_id, account, event_type, now, payload)

    def _post(self, endpoint: Endpoint, event: Event, faults: list[Active], now: float) -> None:
        if named(faults, "webhook_lost"):
            self._world.save(Delivery(new_id("whdel"), endpoint.id, event.id, now, now, "lost"))
            return
        at = now
        if late := named(faults, "webhook_late"):
            at += float(late.options["seconds"])
        if named(faults, "webhook_forged"):
            self._queue(endpoint, event, at, "forged")
            at += 0.3
        twist = next((_twist_of(fault) for fault in faults if fault.name in _TWISTS), "")
        if named(faults, "webhook_reordered"):
            at, twist = at + _REORDER_SECONDS, twist or "reordered"
        doubled = named(faults, "webhook_doubled")
        self._queue(endpoint, event, at, twist)
        for _ in range(int(doubled.options["count"]) - 1 if doubled else 0):
            other = doubled is not None and doubled.options["other_id"]
            self._queue(endpoint, self._twin(event) if other else event, at, twist)

    def _twin(self, event: Event) -> Event:
        """Another event that tells the same."""
        twin = self._event(event.account, event.type, event.created_at)
        twin.task, twin.payload = event.task, event.payload | {"id": twin.id}
        self._world.save(twin)
        return twin

    def _queue(self, endpoint: Endpoint, event: Event, at: float, twist: str) -> Delivery:
        row = Delivery(new_id("whdel"), endpoint.id, event.id, time.time(), at, twist=twist)
        self._world.save(row)
        heapq.heappush(self._due, (at, row.id))
        return row

    async def test(self, endpoint: Endpoint) -> Delivery:
        """Send Rivya's own test event and wait for what the receiver says."""
        now = time.time()
        event = self._event(endpoint.account, TEST_TYPE, now)
        event.payload |= {"data": {"object": None, "message": "A test event."}}
        row = Delivery(new_id("whdel"), endpoint.id, event.id, now, now, state="sending")
        self._world.save(event, row)
        await self._attempt(row)
        if row.state == "pending":
            row.state = "failed"
            self._world.save(row)
        return row

    def start_due(self, now: float) -> None:
        """Begin what is due, some at once, without waiting for it."""
        while self._due and self._due[0][0] <= now and len(self._running) < _AT_ONCE:
            at, row_id = heapq.heappop(self._due)
            row = self._world.deliveries.get(row_id)
            if row is not None and row.state == "pending" and row.next_attempt_at == at:
                job = asyncio.create_task(self._attempt(row))
                self._running.add(job)
                job.add_done_callback(self._running.discard)

    async def _attempt(self, row: Delivery) -> None:
        endpoint = self._world.endpoints.get(row.endpoint)
        event = self._world.events.get(row.event)
        if endpoint is None or event is None:
            row.state = "failed"
        else:
            began = time.time()
            status, error = await self._send(endpoint, event, row)
            self._note(row, endpoint, began, status, error)
            self._world.save(endpoint)
            self._release_reordered(endpoint, row)
        self._world.save(row)
        self._world.commit()

    async def _send(self, endpoint: Endpoint, event: Event, row: Delivery) -> tuple[int, str]:
        """HTTP status (0: none) and what went wrong in a word."""
        body = json.dumps(_twisted(event, row.twist), separators=(",", ":")).encode()
        headers = {"content-type": "application/json", "user-agent": "Rivya-Webhooks/1.0"}
        headers |= self._signature(endpoint, event, row, body)
        timeout = float(self._world.setting["webhook_timeout_seconds"])
        try:
            answer = await self._http().post(
                endpoint.url, content=body, headers=headers, timeout=timeout
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return 0, type(error).__name__
        return answer.status_code, "" if answer.is_success else "not 2xx"

    def _signature(
        self, endpoint: Endpoint, event: Event, row: Delivery, body: bytes
    ) -> dict[str, str]:
        if row.twist == "unsigned":
            return {}
        now = time.time()
        moment = int(now) - _age(row.twist)
        keys = [endpoint.secret]
        if endpoint.old_secret and endpoint.old_secret_until > now:
            keys.append(endpoint.old_secret)
        if row.twist == "forged":
            keys = [signing.new_secret()]
        setting = self._world.setting
        return signing.headers(
            setting["webhook_form"], keys, event.id, moment, body, setting["webhook_hex_header"]
        )

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        return self._client

    def _note(
        self, row: Delivery, endpoint: Endpoint, began: float, status: int, error: str
    ) -> None:
        now = time.time()
        milliseconds = round((now - began) * 1000)
        row.attempts.append({"at": began, "status": status, "error": error, "ms": milliseconds})
        if 200 <= status < 300:
            row.state = "succeeded"
            endpoint.last_success_at, endpoint.failure_count = now, 0
            return
        endpoint.last_failure_at = now
        endpoint.failure_count += 1
        if endpoint.failure_count >= self._world.setting["webhook_disable_after"]:
            endpoint.status, endpoint.disabled_at = "disabled", now
        self._again(row, now)

    def _again(self, row: Delivery, now: float) -> None:
        tries = len(row.attempts)
        if tries > len(BACK_OFF_SECONDS) or row.twist == "forged":
            row.state = "failed"
            return
        wait = BACK_OFF_SECONDS[tries - 1] / float(self._world.setting["speed"])
        row.state, row.next_attempt_at = "pending", now + wait
        heapq.heappush(self._due, (row.next_attempt_at, row.id))

    def _release_reordered(self, endpoint: Endpoint, sent: Delivery) -> None:
        """What was held back goes out right behind the delivery that overtook it."""
        for row in self._world.deliveries.values():
            held = row.twist == "reordered" and row.state == "pending" and not row.attempts
            if held and row.id != sent.id and row.endpoint == endpoint.id:
                row.next_attempt_at = time.time()
                self._world.save(row)
                heapq.heappush(self._due, (row.next_attempt_at, row.id))

    async def close(self) -> None:
        for job in self._running:
            job.cancel()
        if self._client is not None:
            await self._client.aclose()


def _twist_of(fault: Active) -> str:
    twist = _TWISTS[fault.name]
    return f"{twist}:{fault.options['seconds']}" if twist == "stale" else twist


def _age(twist: str) -> int:
    """Seconds a stale signature is old."""
    kind, _, seconds = twist.partition(":")
    return int(float(seconds)) if kind == "stale" else 0


def _enveloped(place: str, generation: dict[str, Any]) -> dict[str, Any]:
    """The generation under the key the setting names; ASSUMED ``data.object``."""
    if place == "none":
        return {}
    outer, _, inner = place.partition(".")
    return {outer: {inner: generation} if inner else generation}


def _twisted(event: Event, twist: str) -> dict[str, Any]:
    payload = copy.deepcopy(event.payload)
    if twist == "bell":
        envelope = ("id", "type", "api_version", "created_at")
        return {key: payload[key] for key in envelope} | {"data": {"generation_id": event.task}}
    if twist == "unknown_type":
        payload["type"] = "generation.archived"
    if twist == "forged":
        _turn_over(payload)
    return payload


def _turn_over(payload: Any) -> None:
    """Say the opposite of what happened, wherever it is said."""
    other = {"succeeded": "failed", "failed": "succeeded"}
    if isinstance(payload, dict):
        if payload.get("status") in other:
            payload["status"] = other[payload["status"]]
        if str(payload.get("type", "")).startswith("generation."):
            word = payload["type"].partition(".")[2]
            payload["type"] = f"generation.{other.get(word, word)}"
        for value in payload.values():
            _turn_over(value)
