"""What one draft is asked with: from a brief, an earlier job, or a change that waits.

Reads only; knows nothing of forms.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.wishes import Answer, as_details, from_details
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.library.models import StoredFile


@dataclass(frozen=True, slots=True)
class Recipe:
    """A model, its text, its settings as Rivya names them, and its reference files in order."""

    model_id: str
    prompt: str
    params: dict[str, Any] = field(default_factory=dict)
    references: tuple[StoredFile, ...] = ()
    answers: tuple[Answer, ...] = field(default=(), compare=False)  # to wishes, where there were
    from_turn: int | None = field(default=None, compare=False)  # the answer the text began with

    def body(self, request_id: str) -> dict[str, Any]:
        """The request for Rivya but for its references; `request_id` is our own trace id."""
        body: dict[str, Any] = {"model": self.model_id, "client_request_id": request_id}
        if self.prompt:
            body["prompt"] = self.prompt
        return {**body, "params": self.params} if self.params else body

    def as_change(self) -> dict[str, Any]:
        """As it is kept in `Brief.waiting_changes`; the files are kept by their uses."""
        change: dict[str, Any] = {
            "model_id": self.model_id,
            "prompt": self.prompt,
            "params": self.params,
        }
        if self.answers:
            change["wishes"] = as_details(self.answers)
        return {**change, "from_turn": self.from_turn} if self.from_turn else change


def of_job(generation: Generation) -> Recipe:
    """What a job was asked with, from its own frozen body."""
    return of_job_with(generation, uses.files_of(generation.reference))


def of_jobs(generations: Iterable[Generation]) -> dict[int, Recipe]:
    """The same for several, by their keys, in one query for their files."""
    rows = list(generations)
    files = uses.files_of_many([row.reference for row in rows])
    return {row.pk: of_job_with(row, files.get(row.reference, [])) for row in rows}


def waiting_reference(brief: Brief, position: int) -> str:
    """Who needs the files of a changed attempt that waits for credits."""
    return f"{brief.reference}:{position}"


def for_positions(
    brief: Brief, positions: Iterable[int], newest: Mapping[int, Draft]
) -> dict[int, Recipe]:
    """What the next draft at each position is asked with, in one query for their files.

    A change that waits comes first, then the newest draft there, then the brief itself.
    """
    wanted = list(positions)
    jobs = {position: newest[position].generation for position in wanted if position in newest}
    waiting = {position: waiting_reference(brief, position) for position in wanted}
    names = [brief.reference, *(job.reference for job in jobs.values()), *waiting.values()]
    files = uses.files_of_many(names)
    found = {}
    for position in wanted:
        change = brief.waiting_changes.get(str(position))
        if change:
            found[position] = _recipe(change, files.get(waiting[position], []))
        elif position in jobs:
            job = jobs[position]
            found[position] = of_job_with(job, files.get(job.reference, []))
        else:
            found[position] = _of_brief(brief, files.get(brief.reference, []))
    return found


def _of_brief(brief: Brief, files: list[StoredFile]) -> Recipe:
    return Recipe(brief.model_id, brief.prompt, brief.params, tuple(files))


def of_job_with(generation: Generation, files: list[StoredFile]) -> Recipe:
    """The same where its files are known already."""
    body = json.loads(generation.body)
    known = {"model_id": body["model"], **{key: body.get(key) for key in ("prompt", "params")}}
    return _recipe(known, files)


def _recipe(known: Mapping[str, Any], files: list[StoredFile]) -> Recipe:
    return Recipe(
        model_id=known["model_id"],
        prompt=known.get("prompt") or "",
        params=known.get("params") or {},
        references=tuple(files),
        answers=from_details(known.get("wishes") or ()),
        from_turn=known.get("from_turn"),
    )
