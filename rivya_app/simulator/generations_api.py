"""Handlers of models, generations and credits."""

from __future__ import annotations

import time

from rivya_app.simulator import wallet
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.calls import Call, Handler, Reply
from rivya_app.simulator.catalogue import models
from rivya_app.simulator.faults import Active, from_prompt
from rivya_app.simulator.records import wire_credits
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.tasks import Tasks
from rivya_app.simulator.validation import ReferenceCheck, generation_order, is_hidden
from rivya_app.simulator.world import World

# Stages whose faults a task takes along: they act later, on the task, its bytes or its events.
_CARRIED = ("task", "result", "link", "webhook")


class GenerationsApi:
    def __init__(
        self, world: World, tasks: Tasks, armoury: Armoury, check_references: ReferenceCheck
    ) -> None:
        self._world, self._tasks, self._armoury = world, tasks, armoury
        self._check_references = check_references

    def handlers(self) -> dict[str, Handler]:
        return {
            "models.list": self.list_models,
            "generations.create": self.create,
            "generations.get": self.get,
            "credits.get": self.credits,
        }

    async def list_models(self, call: Call) -> Reply:
        shown = [m.wire() for m in models().values() if not is_hidden(self._world, m.id)]
        return Reply({"object": "list", "data": shown})

    async def create(self, call: Call) -> Reply:
        order = generation_order(self._world, call.body, call.account.id, self._check_references)
        faults = self._carried(call, order.prompt)
        task = self._tasks.accept(order, call.key, faults, call.idempotency_key)
        return Reply(self._tasks.wire(task, task.created_at, "queued"), task=task.id)

    def _carried(self, call: Call, prompt: str) -> list[Active]:
        armed = [
            fault
            for stage in ("task", "link")
            for fault in self._armoury.take(stage, call.operation, call.key)
        ]
        said = [word.fault for word in from_prompt(prompt)]
        return armed + [f for f in said if f.stage in _CARRIED or f.is_of_reading]

    async def get(self, call: Call) -> Reply:
        task = self._world.tasks.get(call.path["taskId"])
        if task is None or task.account != call.account.id:
            raise Refusal("not_found", "There is no such generation.")
        return Reply(ready=self._tasks.shown(task, time.time()), task=task.id)

    async def credits(self, call: Call) -> Reply:
        amount = wallet.shown(self._world, call.account)
        return Reply({"current_credits": wire_credits(amount)})
