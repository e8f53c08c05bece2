"""Several notices of one kind about one thing, said in one sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rivya_app.notices import words
from rivya_app.notices.models import Notice


@dataclass(frozen=True)
class Told:
    """One sentence and the notices it stands for, newest first."""

    notices: tuple[Notice, ...]

    @property
    def first(self) -> Notice:
        return self.notices[0]

    @property
    def is_read(self) -> bool:
        return self.first.is_read

    @property
    def at(self) -> datetime:
        return self.first.created_at

    @property
    def sentence(self) -> str:
        return words.of_all(self.first.kind, [notice.facts for notice in self.notices])


def folded(notices: Iterable[Notice]) -> list[Told]:
    """In the order of the newest of each, read and unread ones apart."""
    groups: dict[Any, list[Notice]] = {}
    for notice in notices:
        mark = words.thing_of(notice.kind, notice.facts)
        key = (mark, notice.is_read) if mark else notice.pk
        groups.setdefault(key, []).append(notice)
    return [Told(tuple(group)) for group in groups.values()]
