"""Puts a job on the desk, inside the transaction that decides it; the only writer of `needs_look`.

A look is a question to a person, never an end: the job is asked about on, only more slowly.
"""

from rivya_app.generations import telling
from rivya_app.generations.models import Generation

_LASTING = frozenset({"overdue", "other_task", "body_changed"})  # only the end settles these


def ask(generation: Generation, reason: str) -> bool:
    """Mark a locked job; True where it was not marked yet. The caller saves it with its event.

    `reason` is a code of failure_words. Who asked for the job, support and the owners are told,
    once in its life.
    """
    if generation.needs_look:
        return False
    generation.needs_look = True
    generation.look_reason = reason[:40]
    telling.needs_a_look(generation)
    return True


def is_about_silence(generation: Generation) -> bool:
    """Whether the question was why no usable answer comes, so that any answer settles it."""
    return generation.needs_look and generation.look_reason not in _LASTING


def answered(generation: Generation) -> None:
    """An answer came: nothing is left to look at. The caller saves."""
    generation.needs_look = False
    generation.look_reason = ""
