"""What is set and what runs by itself stands where an operator looks for it."""

import re
from pathlib import Path

from rivya_app import beat

ROOT = Path(__file__).resolve().parent.parent


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_example_lists_every_setting() -> None:
    names = re.findall(r'env\.\w+\(\s*"(\w+)"', read("rivya_app/settings.py"))
    names += re.findall(r'environ\.get\("(\w+)"', read("rivya_app/gunicorn.py"))
    listed = re.findall(r"^#?(\w+?)(?:_FILE)?=", read(".env.example"), re.MULTILINE)
    assert len(names) > 40
    assert set(names) - set(listed) == set()


def test_the_operators_table_lists_every_sweep() -> None:
    rows = read("docs/operations.md").partition("| task | every |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`(\w+\.\w+)`", rows))
    assert {entry["task"] for entry in beat.SCHEDULE.values()} == listed


def test_every_package_has_its_line() -> None:
    table = read("docs/dependencies.md")
    for name in ("requirements.in", "requirements-dev.in"):
        for line in read(name).splitlines():
            package = re.match(r"[a-z][\w-]*", line)
            assert not package or re.search(rf"[| ]{package[0]}\b", table), line
