"""Idempotency-Key: the first answer is kept and replayed; per account and operation."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time

from rivya_app.simulator import records
from rivya_app.simulator.calls import Call, Reply
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.world import World

REPLAYED = {"idempotency-replayed": "true"}


class FirstAnswers:
    """Only successes are remembered: a refused call may be tried again with the same key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._in_flight: dict[str, tuple[str, asyncio.Event]] = {}

    async def claim(self, call: Call) -> Reply | None:
        """The kept answer, or None after marking the call as in flight.

        Raises Refusal ``idempotency_conflict`` for another body, or for a duplicate of a call
        still running (which waits instead when the setting says so).
        """
        digest = _digest(call)
        while call.identity in self._in_flight:
            await self._meet(call, digest)
        kept = self._kept(call.identity)
        if kept is None:
            self._in_flight[call.identity] = (digest, asyncio.Event())
            return None
        self._count(kept.task)
        if kept.body_digest != digest:
            raise Refusal("idempotency_conflict")
        return Reply(kept.body, kept.status, dict(REPLAYED))

    async def _meet(self, call: Call, digest: str) -> None:
        running_digest, done = self._in_flight[call.identity]
        if running_digest != digest:
            raise Refusal("idempotency_conflict")
        if self._world.setting["in_flight_variant"] == "conflict":
            raise Refusal(
                "idempotency_conflict", "A request with this Idempotency-Key is still running."
            )
        await done.wait()

    def _kept(self, identity: str) -> records.Reply | None:
        kept = self._world.replies.get(identity)
        life = self._world.setting["idempotency_retention_seconds"]
        if kept is not None and kept.created_at + life < time.time():
            self._world.remove(kept)
            return None
        return kept

    def _count(self, task_id: str) -> None:
        task = self._world.tasks.get(task_id)
        if task is not None:
            task.create_calls += 1
            self._world.save(task)
            self._world.commit()

    def keep(self, call: Call, reply: Reply, status: int) -> None:
        """Remember this answer; the caller commits it together with the work."""
        self._world.save(
            records.Reply(call.identity, _digest(call), status, reply.body, time.time(), reply.task)
        )

    def release(self, call: Call) -> None:
        running = self._in_flight.pop(call.identity, None)
        if running is not None:
            running[1].set()


def _digest(call: Call) -> str:
    canonical = json.dumps(call.body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
