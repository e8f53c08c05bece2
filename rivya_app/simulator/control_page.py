"""The control page: plain HTML with forms that need no script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from rivya_app.simulator.faults import FAULTS
from rivya_app.simulator.settings import SWITCHES

if TYPE_CHECKING:
    from rivya_app.simulator.control_views import ControlViews

_RECENT = 25
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --ink: #3b5bdb; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } code { background: var(--soft); padding: .1em .35em; border-radius: 4px; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: .8rem 0; }
td form { margin: 0; } label { display: grid; gap: .15rem; font-size: .85rem; }
input, select, button { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line);
  border-radius: 6px; } button { background: var(--ink); color: #fff; border: 0; cursor: pointer; }
"""


def page(views: ControlViews) -> str:
    sections = [
        _wallets(views),
        _keys(views),
        _faults(views),
        _tasks(views),
        _deliveries(views),
        _settings(views),
        _section("Start afresh", _form("/_sim/reset", "", "Forget everything")),
    ]
    return _document("Stand-in Rivya", "".join(sections))


def new_key(name: str, secret: str) -> str:
    """Shown once, as Rivya does."""
    return _document(
        "New key",
        f"<p>The key <b>{escape(name)}</b>, shown once:</p><p><code>{escape(secret)}</code></p>"
        '<p><a href="/_sim/">Back</a></p>',
    )


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Cells are escaped, except those already made of markup (a tuple of one)."""
    head = "".join(f"<th>{escape(word)}</th>" for word in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _cell(value: Any) -> str:
    markup = value[0] if isinstance(value, tuple) else escape(str(value))
    return f"<td>{markup}</td>"


def _form(action: str, fields: str, button: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">{fields}'
        f"<button>{escape(button)}</button></form>"
    )


def _input(name: str, label: str, value: Any = "", kind: str = "text") -> str:
    return (
        f'<label>{escape(label)}<input type="{kind}" name="{escape(name)}"'
        f' value="{escape(str(value))}"></label>'
    )


def _choice(name: str, label: str, options: Iterable[str], chosen: Any = "") -> str:
    items = "".join(
        f"<option{' selected' if option == str(chosen) else ''}>{escape(option)}</option>"
        for option in options
    )
    return f'<label>{escape(label)}<select name="{escape(name)}">{items}</select></label>'


def _wallets(views: ControlViews) -> str:
    rows = [
        (w["account"], w["credits"], w["reserved"], w["spent_on_tasks"]) for w in views.wallets()
    ]
    fields = _input("account", "Account", "main") + _input("credits", "Set to")
    return _section(
        "Wallets",
        _table(("Account", "Credits", "Reserved", "Spent on tasks"), rows),
        _form("/_sim/wallet", fields + _input("add", "or add"), "Change"),
    )


def _keys(views: ControlViews) -> str:
    rows = [
        (key["name"], key["account"], key["prefix"] + "…", key["state"], (_key_form(key),))
        for key in views.keys({})["data"]
    ]
    fields = _input("name", "Name") + _input("account", "Account", "main")
    return _section(
        "Keys",
        _table(("Name", "Account", "Starts with", "State", ""), rows),
        _form("/_sim/keys", fields, "Make a key"),
    )


def _key_form(key: dict[str, Any]) -> str:
    states = _choice("state", "", ("active", "revoked", "expired"), key["state"])
    return _form(f"/_sim/keys/{key['id']}", states, "Set")


def _faults(views: ControlViews) -> str:
    armed = [
        (f["fault"], f["scope"], f["options"], " ".join(f["on"]), f["times_left"] or "always")
        for f in views.faults({})["data"]
    ]
    fields = (
        _choice("fault", "Fault", FAULTS)
        + _input("scope", "Scope (all, key:…, account:…)", "all")
        + _input("options", "Options (JSON)", "{}")
        + _input("on", "Operations (empty: usual)")
        + _input("times", "Times (empty: always)")
    )
    known = [(f.name, f.stage, f.meaning, dict(f.defaults) or "") for f in FAULTS.values()]
    return _section(
        "Faults",
        _table(("Armed", "Scope", "Options", "Operations", "Left"), armed),
        _form("/_sim/faults", fields, "Arm"),
        _form("/_sim/faults/clear", "", "Disarm all"),
        "<details><summary>All faults (also as prompt words, such as <code>[[fail]]</code> or "
        "<code>[[slow:30]]</code>)</summary>",
        _table(("Name", "Stage", "What it does", "Options"), known),
        "</details>",
    )


def _tasks(views: ControlViews) -> str:
    recent = reversed(views.tasks({})["data"][-_RECENT:])
    rows = [
        (t["id"], t["model"], t["prompt"][:60], t["status"], t["charged"], (_task_form(t),))
        for t in recent
    ]
    return _section(
        "Latest tasks", _table(("Id", "Model", "Prompt", "Status", "Charged", ""), rows)
    )


def _task_form(task: dict[str, Any]) -> str:
    if task["status"] in ("succeeded", "failed"):
        return ""
    outcome = _choice("outcome", "", ("succeeded", "failed"))
    return _form(f"/_sim/tasks/{task['id']}/finish", outcome, "End now")


def _deliveries(views: ControlViews) -> str:
    recent = reversed(views.deliveries({})["data"][-_RECENT:])
    rows = [(d["id"], d["type"], d["url"], d["state"], len(d["attempts"])) for d in recent]
    return _section(
        "Latest webhook deliveries", _table(("Id", "Event", "To", "State", "Tries"), rows)
    )


def _settings(views: ControlViews) -> str:
    values = views.settings({})
    fields = "".join(_setting(name, values[name]) for name in SWITCHES)
    return _section("Settings", _form("/_sim/settings", fields, "Save"))


def _setting(name: str, value: Any) -> str:
    switch = SWITCHES[name]
    label = f"{name}: {switch.meaning}"
    if isinstance(switch.default, bool):
        return _choice(name, label, ("true", "false"), str(value).lower())
    if switch.choices:
        return _choice(name, label, switch.choices, value)
    return _input(name, label, value)
