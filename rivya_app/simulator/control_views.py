"""What the control API tells, as JSON-ready values. It changes nothing and shows no secret."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rivya_app.simulator.records import Account, ArmedFault, Delivery, Key, Task, wire_credits
from rivya_app.simulator.settings import SWITCHES
from rivya_app.simulator.tasks import status_at

if TYPE_CHECKING:
    from rivya_app.simulator.app import StandIn

Query = dict[str, str]
_MOST = 1000


class ControlViews:
    def __init__(self, stand_in: StandIn) -> None:
        self._app = stand_in

    @property
    def _world(self) -> Any:
        return self._app.world

    def open_task_count(self) -> int:
        return sum(1 for task in self._world.tasks.values() if not task.is_closed)

    def keys(self, query: Query) -> dict[str, Any]:
        return {"data": [self.key(key) for key in self._world.keys.values()]}

    def key(self, key: Key) -> dict[str, Any]:
        return {
            "id": key.id,
            "name": key.name,
            "account": key.account,
            "prefix": key.prefix,
            "state": key.state,
            "scopes": key.scopes,
            "speed": key.speed,
        }

    def wallets(self) -> list[dict[str, Any]]:
        return [self.wallet(account) for account in self._world.accounts.values()]

    def wallet(self, account: Account) -> dict[str, Any]:
        spent = sum(t.final for t in self._world.tasks.values() if t.account == account.id)
        return {
            "account": account.id,
            "credits": wire_credits(account.balance),
            "reserved": wire_credits(account.reserved),
            "spent_on_tasks": wire_credits(spent),
        }

    def tasks(self, query: Query) -> dict[str, Any]:
        account = query.get("account")
        rows = [
            task
            for task in self._world.tasks.values()
            if account is None or task.account == account
        ]
        return {"data": [self.task(task) for task in rows], "total": len(rows)}

    def task(self, task: Task) -> dict[str, Any]:
        return {
            "id": task.id,
            "account": task.account,
            "key": task.key,
            "model": task.model,
            "prompt": task.prompt,
            "params": task.params,
            "status": status_at(task, time.time()),
            "idempotency_key": task.idempotency_key,
            "client_request_id": task.client_request_id,
            "create_calls": task.create_calls,
            "reserved": wire_credits(task.reserved),
            "charged": wire_credits(task.final),
            "created_at": task.created_at,
            "starts_at": task.starts_at,
            "ends_at": task.ends_at,
            "faults": [fault["name"] for fault in task.faults],
        }

    def requests(self, query: Query) -> dict[str, Any]:
        names = ("at", "method", "path", "status", "idempotency_key", "key")
        limit = min(int(query.get("limit", _MOST)), len(self._app.api.requests))
        recent = list(self._app.api.requests)[-limit:] if limit else []
        return {"data": [dict(zip(names, entry, strict=True)) for entry in recent]}

    def deliveries(self, query: Query) -> dict[str, Any]:
        return {"data": [self.delivery(row) for row in self._world.deliveries.values()]}

    def delivery(self, row: Delivery) -> dict[str, Any]:
        event, endpoint = self._world.events.get(row.event), self._world.endpoints.get(row.endpoint)
        return {
            "id": row.id,
            "endpoint": row.endpoint,
            "url": endpoint.url if endpoint else "",
            "event": row.event,
            "type": event.type if event else "",
            "task": event.task if event else "",
            "state": row.state,
            "twist": row.twist,
            "attempts": row.attempts,
            "next_attempt_at": row.next_attempt_at if row.state == "pending" else None,
        }

    def files(self, query: Query) -> dict[str, Any]:
        rows = self._world.files.values()
        return {"data": [_file(row) for row in rows]}

    def faults(self, query: Query) -> dict[str, Any]:
        return {"data": [self.fault(row) for row in self._world.faults.values()]}

    def fault(self, row: ArmedFault) -> dict[str, Any]:
        return {
            "id": row.id,
            "fault": row.fault,
            "scope": row.scope,
            "options": row.options,
            "on": row.on,
            "times_left": row.times_left,
        }

    def settings(self, query: Query) -> dict[str, Any]:
        return {name: self._world.setting[name] for name in SWITCHES}


def _file(row: Any) -> dict[str, Any]:
    names = ("id", "account", "name", "mime_type", "size", "created_at", "expires_at")
    return {"kind": row.media} | {name: getattr(row, name) for name in names}
