"""Handlers of models, generations and credits."""

from __future__ import annotations

import asyncio
import time

from rivya_app.simulator import wallet
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.calls import Call, Handler, Reply
from rivya_app.simulator.faults import Active, from_prompt, named
from rivya_app.simulator.files import FileShelf
from rivya_app.simulator.listing import listed
from rivya_app.simulator.records import StoredFile, wire_credits
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.tasks import Order, Tasks
from rivya_app.simulator.validation import generation_order
from rivya_app.simulator.world import World

# Stages whose faults a task takes along: they act later, on the task, its bytes or its events.
_CARRIED = ("task", "result", "link", "webhook")


class GenerationsApi:
    def __init__(self, world: World, tasks: Tasks, armoury: Armoury, shelf: FileShelf) -> None:
        self._world, self._tasks, self._armoury, self._shelf = world, tasks, armoury, shelf

    def handlers(self) -> dict[str, Handler]:
        return {
            "models.list": self.list_models,
            "generations.create": self.create,
            "generations.get": self.get,
            "credits.get": self.credits,
        }

    async def list_models(self, call: Call) -> Reply:
        shown = [model.wire() for model in listed(self._world.setting).values()]
        return Reply({"object": "list", "data": shown})

    async def create(self, call: Call) -> Reply:
        order = generation_order(
            self._world, call.body, call.account.id, self._shelf.check_references
        )
        self._refuse_references(call, order)
        faults = self._carried(call, order.prompt)
        task = self._tasks.accept(order, call.key, faults, call.idempotency_key)
        if early := named(faults, "webhook_early"):
            self._tasks.advance(time.time())
            await asyncio.sleep(float(early.options["seconds"]))
        return Reply(self._tasks.wire(task, task.created_at, "queued"), task=task.id)

    def _refuse_references(self, call: Call, order: Order) -> None:
        """Play what befalls a reference that was good until now. Raises Refusal."""
        files = self._shelf.referenced(order.params)
        if not files:
            return
        armed = self._armoury.take(
            "reference", call.operation, call.key, lambda fault: _named_by(fault, files) is not None
        )
        said = [word for word in from_prompt(order.prompt) if word.fault.stage == "reference"]
        armed += self._armoury.take_words(said, "reference", call.operation, call.identity)
        for fault in armed:
            self._refuse_reference(fault, files)

    def _refuse_reference(self, fault: Active, files: list[StoredFile]) -> None:
        place = _named_by(fault, files) or 0
        if fault.name == "expire_reference":
            self._shelf.expire(files[place])
        where = f"params.referenceMediaItems[{place}]"
        raise Refusal(str(fault.options["code"]), f"{where}: this file cannot be used any more.")

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


def _named_by(fault: Active, files: list[StoredFile]) -> int | None:
    """The place of the first file whose name has the fault's word in it; None for no such file."""
    word = str(fault.options["file"])
    return next((n for n, file in enumerate(files) if word in file.name), None)
