"""Every fault the stand-in can play: one table, shared by switches, prompt words and the docs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_CREATES = ("generations.create", "chat.complete", "chat.stream")
_GET = ("generations.get",)


@dataclass(frozen=True)
class Fault:
    """``stage`` says where it acts, ``option`` what the value of a prompt word fills."""

    name: str
    stage: str
    meaning: str
    option: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    on: tuple[str, ...] = ()
    """Operations it touches unless told otherwise; empty: all of its stage."""


def _table(*faults: Fault) -> dict[str, Fault]:
    return {fault.name: fault for fault in faults}


FAULTS: Final[dict[str, Fault]] = _table(
    # --- before the work: nothing is accepted
    Fault(
        "rate_limited",
        "before",
        "429; retry_after in seconds (absent: no header), form seconds, date or reset",
        "retry_after",
        {"retry_after": None, "form": "seconds"},
    ),
    Fault(
        "server_error",
        "before",
        "5xx; body json, html or empty",
        "status",
        {"status": 500, "body": "json"},
    ),
    Fault("api_disabled", "before", "503 public_api_disabled"),
    Fault(
        "error",
        "before",
        "the envelope with any code, status and message",
        "code",
        {"code": "brand_new_code", "status": 400, "message": ""},
    ),
    Fault("reject", "before", "validation_failed", on=_CREATES),
    Fault("no_credits", "before", "insufficient_credits, whatever the wallet holds", on=_CREATES),
    Fault("cut_before", "before", "the connection is cut before anything is accepted"),
    Fault(
        "slow_accept",
        "before",
        "the call is held before it is accepted; duplicates meet one in flight",
        "seconds",
        {"seconds": 2},
    ),
    # --- after the work: it was accepted, the answer suffers
    Fault("cut_after", "after", "the connection is cut after the work, before the answer"),
    Fault("cut_body", "after", "the connection is cut in the middle of the answer"),
    Fault("slow_reply", "after", "the answer waits", "seconds", {"seconds": 5}),
    Fault("drip", "after", "the head of the answer comes byte by byte", "seconds", {"seconds": 30}),
    Fault(
        "malformed",
        "after",
        "html, truncated, empty, wrong_types, list, not_utf8, huge (10 MB) or extra_fields",
        "kind",
        {"kind": "html"},
    ),
    Fault("stale_read", "after", "a task is shown in the state before its own", on=_GET),
    Fault("lost_task", "before", "not_found for a task that exists", on=_GET),
    # --- the task itself
    Fault("slow", "task", "runs so many real seconds", "seconds", {"seconds": 30}),
    Fault("instant", "task", "is final at once"),
    Fault("stuck", "task", "stays queued, or processing, for ever", "stage", {"stage": "queued"}),
    Fault(
        "fail",
        "task",
        "fails while queued or processing; keep_credits: no return",
        "stage",
        {
            "stage": "processing",
            "code": "generation_failed",
            "message": "",
            "keep_credits": False,
        },
    ),
    Fault(
        "fail_kept",
        "task",
        "fails and its credits are not returned",
        "stage",
        {"stage": "processing", "code": "generation_failed", "message": "", "keep_credits": True},
    ),
    Fault(
        "unknown_status",
        "task",
        "shows an undocumented status while it runs; for_ever: never becomes final",
        "status",
        {"status": "moderating", "for_ever": False},
    ),
    Fault("settle", "task", "settles at so many credits", "credits", {"credits": 0}),
    Fault("no_result", "task", "succeeds with no result"),
    Fault("many", "task", "gives so many results", "count", {"count": 3}),
    # --- a reference that was uploaded and is named by a create
    Fault(
        "refuse_reference",
        "reference",
        "a create is refused for its reference (the one whose name has this in it)",
        "file",
        {"file": "", "code": "validation_failed"},
        on=("generations.create",),
    ),
    Fault(
        "expire_reference",
        "reference",
        "the same, and the file is gone for good: it must be uploaded again",
        "file",
        {"file": "", "code": "validation_failed"},
        on=("generations.create",),
    ),
    # --- the bytes of a result
    Fault("expired_link", "result", "403: the link has expired"),
    Fault("missing_result", "result", "404 for the link"),
    Fault("result_error", "result", "5xx for the link", "status", {"status": 503}),
    Fault(
        "wrong_media",
        "result",
        "bytes of another type under the same name: html, svg, gif, exe or empty",
        "kind",
        {"kind": "html"},
    ),
    Fault(
        "huge_result",
        "result",
        "so many MB; honest: with a true content-length",
        "mb",
        {"mb": 300, "honest": True},
    ),
    Fault("broken_result", "result", "the file stops in its middle, the length says so"),
    Fault("cut_result", "result", "the connection is cut in the middle of the file"),
    Fault("slow_result", "result", "the file waits", "seconds", {"seconds": 5}),
    Fault(
        "redirect_result",
        "result",
        "302 to another address",
        "url",
        {"url": "http://169.254.169.254/latest/meta-data/"},
    ),
    Fault(
        "hostile_link",
        "link",
        "the result link itself points elsewhere",
        "url",
        {"url": "http://169.254.169.254/latest/meta-data/"},
    ),
    # --- webhooks
    Fault("webhook_lost", "webhook", "is never sent"),
    Fault(
        "webhook_late", "webhook", "is sent so many real seconds late", "seconds", {"seconds": 5}
    ),
    Fault(
        "webhook_doubled",
        "webhook",
        "is sent more than once; other_id: as events of their own",
        "count",
        {"count": 2, "other_id": False},
    ),
    Fault(
        "webhook_early",
        "task",
        "is sent before the create is answered, which waits so many real seconds",
        "seconds",
        {"seconds": 1},
    ),
    Fault("webhook_reordered", "webhook", "is sent after the next one (or after 5 s)"),
    Fault("webhook_forged", "webhook", "a forged one, of the other outcome, comes first"),
    Fault(
        "webhook_stale",
        "webhook",
        "is rightly signed with an old timestamp",
        "seconds",
        {"seconds": 900},
    ),
    Fault("webhook_unsigned", "webhook", "carries no signature"),
    Fault("webhook_bell", "webhook", "carries no generation object"),
    Fault("webhook_unknown_type", "webhook", "has a type nobody documented"),
    # --- chat streams
    Fault("sse_stall", "stream", "falls silent so many real seconds", "seconds", {"seconds": 30}),
    Fault("sse_break", "stream", "the connection is cut after some deltas", "after", {"after": 5}),
    Fault("sse_no_totals", "stream", "ends without totals or end marker"),
    Fault(
        "sse_error", "stream", "an error event in its middle", "code", {"code": "internal_error"}
    ),
    Fault("sse_torn", "stream", "arrives in pieces torn anywhere, inside characters too"),
    Fault("sse_slow", "stream", "each delta waits so many real seconds", "seconds", {"seconds": 1}),
)

STAGES: Final = ("before", "after", "task", "reference", "result", "link", "webhook", "stream")


@dataclass(frozen=True)
class Active:
    """A fault that acts now, its options complete."""

    name: str
    stage: str
    options: Mapping[str, Any]

    @property
    def is_of_reading(self) -> bool:
        """Whether it acts when a task is read, and so stays with the task."""
        return FAULTS[self.name].on == _GET


class BadFault(ValueError):
    """An unknown fault or option; the text says which."""


def active(name: str, options: Mapping[str, Any]) -> Active:
    """Raises BadFault."""
    fault = FAULTS.get(name)
    if fault is None:
        raise BadFault(f"There is no fault {name!r}.")
    unknown = set(options) - set(fault.defaults)
    if unknown:
        raise BadFault(f"{name} has no option {', '.join(sorted(unknown))}.")
    return Active(name, fault.stage, dict(fault.defaults) | dict(options))


@dataclass(frozen=True)
class PromptFault:
    """A fault written into a prompt, as in ``[[slow:30]]`` or ``[[cut_after*2]]``."""

    fault: Active
    times: int


_WORD = re.compile(r"\[\[\s*([a-z_0-9]+)\s*(?::\s*([^\]*]+?)\s*)?(?:\*\s*(\d+)\s*)?\]\]")


def from_prompt(prompt: str) -> list[PromptFault]:
    """The faults written in a prompt, in their order; words nobody knows are left alone."""
    found = []
    for name, value, times in _WORD.findall(prompt):
        fault = FAULTS.get(name)
        if fault is not None:
            options = {fault.option: _value(value)} if value and fault.option else {}
            found.append(PromptFault(active(name, options), int(times or 1)))
    return found


def without_words(prompt: str) -> str:
    """The prompt as a person would read it."""
    return _WORD.sub("", prompt).strip()


def _value(word: str) -> Any:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def named(faults: Iterable[Active], name: str) -> Active | None:
    return next((fault for fault in faults if fault.name == name), None)
