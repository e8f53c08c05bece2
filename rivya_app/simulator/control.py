"""The control API and page under /_sim/: keys, wallets, faults, settings, and what has happened.

Served to loopback clients only, or to whoever shows the control token in X-Sim-Token.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route as Way

from rivya_app.simulator import control_page
from rivya_app.simulator.control_views import ControlViews
from rivya_app.simulator.faults import active
from rivya_app.simulator.records import SCOPES, ArmedFault, Key, hundredths
from rivya_app.simulator.routes import OPERATIONS
from rivya_app.simulator.world import MAIN_ACCOUNT, new_id

if TYPE_CHECKING:
    from rivya_app.simulator.app import StandIn

KEY_STATES = ("active", "revoked", "expired")
View = Callable[[Request], Awaitable[Response]]


class BadControl(ValueError):
    """A control call that makes no sense; the text says why."""


class Control:
    def __init__(self, stand_in: StandIn) -> None:
        self._app = stand_in
        self._views = ControlViews(stand_in)

    @property
    def _world(self) -> Any:
        return self._app.world

    def ways(self) -> list[Way]:
        table: list[tuple[str, str, View]] = [
            ("GET", "/", self.page),
            ("GET", "/health", self.health),
            ("GET", "/keys", self._reader(self._views.keys)),
            ("POST", "/keys", self.create_key),
            ("PATCH", "/keys/{id}", self.change_key),
            ("POST", "/keys/{id}", self.change_key),
            ("GET", "/wallet", self.wallet),
            ("POST", "/wallet", self.change_wallet),
            ("GET", "/tasks", self._reader(self._views.tasks)),
            ("POST", "/tasks/{id}/finish", self.finish_task),
            ("GET", "/requests", self._reader(self._views.requests)),
            ("GET", "/deliveries", self._reader(self._views.deliveries)),
            ("GET", "/files", self._reader(self._views.files)),
            ("POST", "/files/{id}/expire", self.expire_file),
            ("GET", "/faults", self._reader(self._views.faults)),
            ("POST", "/faults", self.arm_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/faults/clear", self.clear_faults),
            ("GET", "/settings", self._reader(self._views.settings)),
            ("POST", "/settings", self.change_settings),
            ("POST", "/reset", self.reset),
        ]
        return [
            Way(f"/_sim{path}", self._guarded(view), methods=[method])
            for method, path, view in table
        ]

    def error_pages(self) -> dict[Any, Any]:
        async def http_error(_request: Request, error: Any) -> Response:
            return JSONResponse({"error": error.detail}, error.status_code)

        return {HTTPException: http_error}

    def _guarded(self, view: View) -> View:
        async def guarded(request: Request) -> Response:
            if not self._may(request):
                return JSONResponse({"error": "The control page is not open to you."}, 403)
            self._app.tasks.advance(time.time())
            try:
                response = await view(request)
            except (
                ValueError
            ) as error:  # BadControl, BadFault, BadSetting, or a number that is none
                return JSONResponse({"error": str(error)}, 400)
            self._world.commit()
            return response

        return guarded

    def _may(self, request: Request) -> bool:
        token = self._app.options.control_token
        if token:
            shown = request.headers.get("x-sim-token", "")
            return secrets.compare_digest(shown.encode(), token.encode())
        return _is_loopback(request) and _is_same_site(request)

    def _reader(self, read: Callable[[dict[str, str]], Any]) -> View:
        async def view(request: Request) -> Response:
            return JSONResponse(read(dict(request.query_params)))

        return view

    async def page(self, request: Request) -> Response:
        return HTMLResponse(control_page.page(self._views))

    async def health(self, request: Request) -> Response:
        return JSONResponse({"ok": True, "open_tasks": self._views.open_task_count()})

    async def create_key(self, request: Request) -> Response:
        fields = await _fields(request)
        scopes = _scopes(fields.get("scopes"))
        account = str(fields.get("account") or MAIN_ACCOUNT)
        name = str(fields.get("name") or "key")
        key, secret = self._world.new_key(name, time.time(), account, scopes)
        self._change(key, fields)
        if _is_form(request):
            return HTMLResponse(control_page.new_key(name, secret), 201)
        return JSONResponse(self._views.key(key) | {"key": secret}, 201)

    async def change_key(self, request: Request) -> Response:
        fields = await _fields(request)
        key = self._find(self._world.keys, request)
        if "scopes" in fields:
            key.scopes = _scopes(fields["scopes"]) or []
        self._change(key, fields)
        return self._done(request, self._views.key(key))

    def _change(self, key: Key, fields: dict[str, Any]) -> None:
        state = str(fields.get("state") or key.state)
        if state not in KEY_STATES:
            raise BadControl(f"state is one of {', '.join(KEY_STATES)}.")
        key.state = state
        if "speed" in fields:
            key.speed = float(fields["speed"]) if fields["speed"] else None
        self._world.save(key)
        for fault in fields.get("faults") or []:
            self._arm({"scope": f"key:{key.id}", **fault})

    async def wallet(self, request: Request) -> Response:
        name = request.query_params.get("account", MAIN_ACCOUNT)
        return JSONResponse(self._views.wallet(self._world.account(name, time.time())))

    async def change_wallet(self, request: Request) -> Response:
        fields = await _fields(request)
        account = self._world.account(str(fields.get("account") or MAIN_ACCOUNT), time.time())
        if fields.get("credits") not in (None, ""):
            account.balance = hundredths(_number(fields["credits"]))
        if fields.get("add") not in (None, ""):
            account.balance += hundredths(_number(fields["add"]))
        self._world.save(account)
        return self._done(request, self._views.wallet(account))

    async def finish_task(self, request: Request) -> Response:
        fields = await _fields(request)
        task = self._find(self._world.tasks, request)
        outcome = str(fields.get("outcome") or "succeeded")
        if outcome not in ("succeeded", "failed"):
            raise BadControl("outcome is succeeded or failed.")
        if not task.is_closed:
            code = str(fields.get("code") or "generation_failed")
            keeps = str(fields.get("keep_credits", "")).lower() in ("true", "1", "on")
            self._app.tasks.finish_now(task, outcome, code, keeps_credits=keeps)
        return self._done(request, self._views.task(task))

    async def expire_file(self, request: Request) -> Response:
        file = self._find(self._world.files, request)
        self._app.shelf.expire(file)
        return self._done(request, {"id": file.id, "expired": True})

    async def arm_fault(self, request: Request) -> Response:
        row = self._arm(await _fields(request))
        return self._done(request, self._views.fault(row), 201)

    def _arm(self, fields: dict[str, Any]) -> ArmedFault:
        name, options = str(fields.get("fault", "")), fields.get("options") or {}
        if isinstance(options, str):
            options = _json_object(options)
        active(name, options)
        row = ArmedFault(
            id=new_id("fault"),
            fault=name,
            scope=self._scope(str(fields.get("scope") or "all")),
            created_at=time.time(),
            options=options,
            on=_operations(fields.get("on") or []),
            times_left=int(fields["times"]) if fields.get("times") else None,
        )
        self._world.save(row)
        return row

    def _scope(self, scope: str) -> str:
        kind, _, name = scope.partition(":")
        if scope != "all" and (kind not in ("key", "account") or not name):
            raise BadControl("scope is all, key:<id or name> or account:<name>.")
        return scope

    async def clear_faults(self, request: Request) -> Response:
        for row in list(self._world.faults.values()):
            self._world.remove(row)
        self._app.armoury.forget()
        return self._done(request, {"faults": []})

    async def change_settings(self, request: Request) -> Response:
        for name, value in (await _fields(request)).items():
            self._world.set(name, value)
        self._app.tasks.forget_shown()
        return self._done(request, self._views.settings({}))

    async def reset(self, request: Request) -> Response:
        self._app.reset()
        return self._done(request, {"ok": True})

    def _find(self, table: dict[str, Any], request: Request) -> Any:
        row = table.get(request.path_params["id"])
        if row is None:
            raise HTTPException(404, "There is no such thing.")
        return row

    def _done(self, request: Request, body: Any, status: int = 200) -> Response:
        if _is_form(request):
            return RedirectResponse("/_sim/", 303)
        return JSONResponse(body, status)


def _is_loopback(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _is_same_site(request: Request) -> bool:
    """No page of another site may press these buttons through somebody's browser."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    return kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data"))


async def _fields(request: Request) -> dict[str, Any]:
    if _is_form(request):
        return dict(await request.form())
    body = await request.body()
    return _json_object(body.decode()) if body else {}


def _json_object(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text or "{}")
    except ValueError as error:
        raise BadControl("This is not JSON.") from error
    if not isinstance(fields, dict):
        raise BadControl("A JSON object is needed.")
    return fields


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise BadControl("A number is needed.") from error


def _scopes(given: Any) -> list[str] | None:
    if given in (None, ""):
        return None
    wanted = given.split() if isinstance(given, str) else list(given)
    unknown = set(wanted) - set(SCOPES)
    if unknown:
        raise BadControl(f"There is no scope {sorted(unknown)[0]!r}.")
    return wanted


def _operations(given: Any) -> list[str]:
    wanted = given.split() if isinstance(given, str) else list(given)
    unknown = set(wanted) - {*OPERATIONS, "result.fetch"}
    if unknown:
        raise BadControl(f"There is no operation {sorted(unknown)[0]!r}.")
    return wanted
