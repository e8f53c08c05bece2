"""The house rules that no reader of one file can see kept, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parent.parent / "rivya_app"
DOMAIN = (
    "workspaces",
    "notices",
    "gateway",
    "credits",
    "library",
    "generations",
    "chat",
    "briefs",
    "reviews",
    "handoff",
    "campaigns",
    "workflows",
    "desk",
)
MOST_LINES = 600

SOURCES = {
    path.relative_to(APP).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(APP.rglob("*.py"))
    if "migrations" not in path.parts
}
DOMAIN_SOURCES = {name: tree for name, tree in SOURCES.items() if name.split("/")[0] in DOMAIN}
VIEWS = {name: tree for name, tree in SOURCES.items() if name.endswith("/views.py")}
TASKS = {name: tree for name, tree in DOMAIN_SOURCES.items() if name.endswith("/tasks.py")}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def dotted(node: ast.AST) -> str:
    """`a.b.c` as written, and "" for what is not a plain chain of names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def status_writes(tree: ast.AST) -> list[int]:
    """Lines that assign a `.status`, or pass `status=` to a write of a row."""
    assigned = [
        target.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "status"
    ]
    passed = [
        call.lineno
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"update", "create", "update_or_create", "get_or_create"}
        and any(word.arg == "status" for word in call.keywords)
    ]
    return assigned + passed


def ledger_writes(tree: ast.AST) -> list[int]:
    """Lines that make, or write through the manager of, a row of the ledger or the account."""
    rows = ("LedgerEntry", "CreditAccount", "WalletSnapshot", "Usage")
    writers = ("create", "bulk_create", "get_or_create", "update_or_create", "update", "delete")
    return [
        call.lineno
        for call in calls(tree)
        if dotted(call.func) in rows
        or (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in writers
            and any(isinstance(n, ast.Name) and n.id in rows for n in ast.walk(call.func))
        )
    ]


def clock_reads(tree: ast.AST) -> list[int]:
    """Lines that ask another clock than ours."""
    others = ("timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    return [call.lineno for call in calls(tree) if dotted(call.func).endswith(others)]


def database_work(tree: ast.AST) -> list[str]:
    """What a view should have left to access.py and actions.py."""
    return sorted(
        {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and (node.attr in {"objects", "save", "delete"} or dotted(node.value) == "transaction")
        }
        | {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name in {"transaction", "rivya_api", "httpx"}
        }
    )


def found(find, sources) -> dict[str, object]:
    return {name: lines for name, tree in sources.items() if (lines := find(tree))}


def test_only_the_lifecycle_changes_a_status():
    allowed = {"generations/lifecycle.py", "chat/lifecycle.py"}
    assert set(found(status_writes, DOMAIN_SOURCES)) <= allowed


def test_only_the_ledger_and_the_wallet_write_credits():
    allowed = {"credits/ledger.py", "credits/usage.py", "credits/wallet.py"}
    assert set(found(ledger_writes, DOMAIN_SOURCES)) <= allowed


def hold_ends(tree: ast.AST) -> list[int]:
    """Lines that settle or release what the ledger holds."""
    ends = ("ledger.settle", "ledger.release")
    return [call.lineno for call in calls(tree) if dotted(call.func) in ends]


def test_only_its_endings_close_a_turns_hold():
    chat = {name: tree for name, tree in SOURCES.items() if name.startswith("chat/")}
    assert set(found(hold_ends, chat)) == {"chat/endings.py"}


def test_rows_take_their_times_from_one_clock():
    assert found(clock_reads, DOMAIN_SOURCES) == {}


def test_views_parse_call_and_render():
    assert found(database_work, VIEWS) == {}


def _decorator(function: ast.FunctionDef) -> ast.Call | None:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and dotted(decorator.func) in {
            "shared_task",
            "app.task",
        }:
            return decorator
    return None


def tasks() -> list[tuple[str, ast.FunctionDef, ast.Call]]:
    return [
        (name, node, decorator)
        for name, tree in TASKS.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and (decorator := _decorator(node))
    ]


def test_every_function_of_a_tasks_module_is_a_task_or_private():
    public = [
        node.name
        for tree in TASKS.values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert sorted(public) == sorted(function.name for _, function, _ in tasks())


def test_tasks_carry_ids_by_keyword_alone():
    for name, function, _ in tasks():
        arguments = function.args
        places = [*arguments.args, *arguments.posonlyargs, arguments.vararg, arguments.kwarg]
        assert not any(places), f"{name}: {function.name} takes more than keywords"
        for argument in arguments.kwonlyargs:
            # Beside ids only the word for why it was asked.
            assert argument.arg.endswith("_id") or argument.arg == "cause", (name, argument.arg)


def test_every_task_has_a_name_of_its_app():
    for name, function, decorator in tasks():
        named = {word.arg: word.value for word in decorator.keywords}.get("name")
        assert isinstance(named, ast.Constant), f"{name}: {function.name} has no name"
        assert str(named.value).split(".")[0] == name.split("/")[0]


def test_every_task_ends_in_time(settings):
    """A run must end before its message is handed out again."""
    from rivya_app.celery import app

    app.loader.import_default_modules()
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    ours = [task for name, task in app.tasks.items() if name.split(".")[0] in DOMAIN]
    assert len(ours) == len(tasks()) > 0
    for task in ours:
        soft = task.soft_time_limit or app.conf.task_soft_time_limit
        hard = task.time_limit or app.conf.task_time_limit
        assert 0 < soft < hard < visible, task.name


def test_everything_on_the_schedule_is_a_task():
    from rivya_app.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_no_file_asks_what_second_thing_it_is_doing():
    long = {
        path.relative_to(APP).as_posix(): lines
        for path in APP.rglob("*.py")
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_no_file_is_named_after_nothing():
    vague = {"utils.py", "services.py", "helpers.py", "managers.py", "signals.py"}
    # local/services.py starts PostgreSQL and Valkey: there the word means what it says.
    named = [name for name in SOURCES if Path(name).name in vague]
    assert named == ["local/services.py"]


def test_every_module_says_what_it_alone_may_do():
    silent = [
        name
        for name, tree in SOURCES.items()
        if tree.body
        and ast.get_docstring(tree) is None
        and Path(name).name not in {"__init__.py", "apps.py", "urls.py"}
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("find", "broken"),
    [
        (status_writes, "job.status = 'failed'"),
        (status_writes, "Generation.objects.filter(pk=1).update(status='failed')"),
        (ledger_writes, "LedgerEntry(amount=1).save()"),
        (ledger_writes, "LedgerEntry.objects.create(amount=1)"),
        (ledger_writes, "CreditAccount.objects.filter(pk=1).update(available=1)"),
        (hold_ends, "ledger.settle('turn:1', 3)"),
        (clock_reads, "from django.utils import timezone\nx = timezone.now()"),
        (clock_reads, "import datetime\nx = datetime.datetime.now(datetime.UTC)"),
        (database_work, "def show(request):\n    return Brief.objects.all()"),
        (database_work, "from django.db import transaction"),
        (database_work, "brief.save()"),
    ],
)
def test_the_eyes_of_these_tests_are_open(find, broken):
    assert find(ast.parse(broken))
