"""What one attempt was asked otherwise than the one before: words, settings and references."""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rivya_app.gateway import catalogue, param_words
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.library.models import StoredFile

MOST_WORDS = 1500  # comparing takes time by the square of them; longer texts are shown whole
LEAST_ALIKE = 0.5  # share of words in common; below it, word by word is a riddle
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row: `kind` is same, removed or added."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that differs; "" where it was not said."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """`words` is empty where the text is the same."""

    words: list[Piece]
    settings: list[Setting]
    added: list[StoredFile]
    removed: list[StoredFile]
    is_reordered: bool

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.settings or self.added or self.removed or self.is_reordered)


def between(before: Generation, after: Generation) -> Differences:
    """What changed from one attempt to the next, from their frozen bodies; one query for files."""
    old, new = json.loads(before.body), json.loads(after.body)
    files = uses.files_of_many([before.reference, after.reference])
    had, has = files.get(before.reference, []), files.get(after.reference, [])
    old_ids, new_ids = [file.pk for file in had], [file.pk for file in has]
    return Differences(
        words=_words(old.get("prompt") or "", new.get("prompt") or ""),
        settings=[*_model(old, new), *_settings(old.get("params"), new.get("params"))],
        added=[file for file in has if file.pk not in old_ids],
        removed=[file for file in had if file.pk not in new_ids],
        is_reordered=old_ids != new_ids and set(old_ids) == set(new_ids),
    )


def of_text(before: str, after: str) -> Differences:
    """What changed from one text to the next, with everything else the same."""
    return Differences(_words(before, after), [], [], [], is_reordered=False)


def _words(before: str, after: str) -> list[Piece]:
    """The later text with what was taken out of the earlier one, in reading order."""
    if before == after:
        return []
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return _whole(before, after)
    matcher = difflib.SequenceMatcher(
        None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False
    )
    is_longer_only = all(tag in ("equal", "insert") for tag, *_places in matcher.get_opcodes())
    if matcher.ratio() < LEAST_ALIKE and not is_longer_only:
        return _whole(before, after)
    pieces = []
    for tag, i, j, k, n in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(new[k:n])))
            continue
        changed = (("removed", "".join(old[i:j])), ("added", "".join(new[k:n])))
        pieces += [Piece(kind, text) for kind, text in changed if text]
    is_spacing = all(piece.kind == "same" for piece in pieces)
    return [] if is_spacing else pieces


def _whole(before: str, after: str) -> list[Piece]:
    return [Piece(*one) for one in (("removed", before), ("added", after)) if one[1]]


def _model(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Setting]:
    if old["model"] != new["model"]:
        names = (catalogue.name_of(body["model"]) for body in (old, new))
        yield Setting(_("Model"), *names)


def _settings(before: Any, after: Any) -> Iterator[Setting]:
    old, new = (params if isinstance(params, dict) else {} for params in (before, after))
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            shown = (param_words.shown(key, params.get(key)) for params in (old, new))
            yield Setting(str(param_words.label(key)), *shown)
