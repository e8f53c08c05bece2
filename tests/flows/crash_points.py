"""The steps at which a worker may die by SIGKILL and the guards it may lack. For tests only."""

import importlib
import os
import signal
import uuid
from collections.abc import Callable
from typing import Any

GENERATIONS, LIBRARY = "rivya_app.generations.jobs", "rivya_app.library.jobs"
SWEEP = "rivya_app.generations.sweep"
REFERENCES, SENDING = "rivya_app.generations.references", "rivya_app.library.sending"
LIFECYCLE = "rivya_app.generations.lifecycle"
CONCEPTS = "rivya_app.reviews.concepts"

Condition = Callable[..., bool]


def arm(point: str) -> None:
    """Make this process die at `point`, a key of either table; "" is nowhere."""
    if point:
        {**POINTS, **REFERENCE_POINTS, **VIDEO_POINTS, **CHAT_POINTS}[point](point)


def take_away(guard: str) -> None:
    """Let this process work without a guard, a key of GUARDS; "" is none."""
    if guard:
        GUARDS[guard]()


def _die(point: str) -> None:
    os.write(2, f"died: {point}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _before(module: str, name: str, when: Condition | None = None) -> Callable[[str], None]:
    """Die instead of the call, where `when` says so of its arguments."""

    def patch(point: str) -> None:
        home, original = _find(module, name)

        def doomed(*args: Any, **kwargs: Any) -> Any:
            if when is None or when(*args, **kwargs):
                _die(point)
            return original(*args, **kwargs)

        setattr(home, name.rpartition(".")[2], doomed)

    return patch


def _after(module: str, name: str, when: Condition | None = None) -> Callable[[str], None]:
    """Die once the call has returned something; `when` looks at its arguments."""

    def patch(point: str) -> None:
        home, original = _find(module, name)

        def doomed(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            chosen = bool(result) if when is None else when(*args, **kwargs)
            if chosen:
                _die(point)
            return result

        setattr(home, name.rpartition(".")[2], doomed)

    return patch


def _find(module: str, name: str) -> tuple[Any, Any]:
    home: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        home = getattr(home, part)
    return home, getattr(home, last)


def _moving_to(status: str) -> Condition:
    return lambda _generation, to, **_facts: to == status


def _caused_by(cause: str) -> Condition:
    return lambda *_args, **facts: facts.get("cause") == cause


POINTS: dict[str, Callable[[str], None]] = {
    "submit: while claiming": _after(LIFECYCLE, "move", _moving_to("submitting")),
    "submit: before the call": _after(GENERATIONS, "_claim_for_submit"),
    "submit: answer in hand": _before(GENERATIONS, "apply_remote", _caused_by("submit")),
    "submit: applied, not committed": _after(LIFECYCLE, "move", _moving_to("processing")),
    "poll: claimed": _after(SWEEP, "claim_due"),
    "poll: answer in hand": _before(GENERATIONS, "apply_remote", _caused_by("poll")),
    "poll: applied, not committed": _after(LIFECYCLE, "move", _moving_to("succeeded")),
    "poll: committed, copy not published": _before("rivya_app.library.tasks", "copy_file.delay"),
    "copy: claimed": _after(LIBRARY, "_claim"),
    "copy: bytes arriving": _before(LIBRARY, "_Renewal.__call__"),
    "copy: written, not stored": _after(LIBRARY, "blobs.keep"),
    "copy: stored, not committed": _before(
        LIBRARY, "sources.of", lambda file: file.state == "stored"
    ),
}


def _always(*_args: Any, **_kwargs: Any) -> bool:
    return True


def _was_there_before(*, copy_id: int) -> bool:
    from rivya_app.library.models import RemoteCopy

    return RemoteCopy.objects.filter(pk=copy_id, send_count__gte=1).exists()


REFERENCE_POINTS: dict[str, Callable[[str], None]] = {
    "send: claimed": _after(SENDING, "_claim"),
    "send: bytes leaving": _before(SENDING, "_Watched.read"),
    "send: at Rivya, not stored": _before(SENDING, "_store"),
    "send: stored, not committed": _before("rivya_app.library.remote", "tell"),
    "send: committed, job not told": _before("rivya_app.library.remote", "users_of"),
    "freeze: not committed": _after("rivya_app.generations.bodies", "freeze_references", _always),
    "freeze: committed, not called": _after(GENERATIONS, "_claim_for_submit"),
    "renew: not committed": _after(REFERENCES, "begin_anew", _always),
    "renew: committed, not sent again": _before(
        "rivya_app.library.tasks", "send_reference.delay", _was_there_before
    ),
}


def _is_a_film(concept: Any, *_more: Any) -> bool:
    return concept.generation is not None


VIDEO_POINTS: dict[str, Callable[[str], None]] = {
    "video: job made, not committed": _after(CONCEPTS, "_make_job", _is_a_film),
    "video: committed, not sent": _after(CONCEPTS, "start"),
    "film: to be sent for review": _before(CONCEPTS, "asking.ask"),
    "film: sent for review, not committed": _after(CONCEPTS, "asking.ask"),
}


def _is_telling(teller: Any, _event: Any) -> bool:
    return len(teller.text) > SHOWN


CHAT, TELLER = "rivya_app.chat.jobs", "rivya_app.chat.teller"
SHOWN = 80  # characters that open pages have seen of the answer
CHAT_POINTS: dict[str, Callable[[str], None]] = {
    "answer: while claiming": _after("rivya_app.chat.lifecycle", "move", _moving_to("streaming")),
    "answer: claimed, not asked": _after(CHAT, "_claim"),
    "answer: asked, no word yet": _before(TELLER, "Teller.listen_to"),
    "answer: being written": _before(TELLER, "Teller.hear", _is_telling),
    "answer: last byte, not recorded": _before(CHAT, "conclude"),
    "answer: recorded, not committed": _after("rivya_app.chat.endings", "answered", _always),
}


def _another_question_each_time() -> None:
    """A sweep that sends again what a dead worker may have sent."""
    from rivya_app.chat import endings, lifecycle
    from rivya_app.chat.models import Status

    def again(turn: Any, **_facts: Any) -> None:
        turn.idempotency_key = uuid.uuid4()
        lifecycle.move(turn, Status.PENDING, cause="sweep")

    endings.interrupted = again  # type: ignore[assignment]


def _another_key_each_time() -> None:
    from rivya_app.rivya_api.resources import Generations

    create = Generations.create

    def with_new_key(self: Any, body: Any, *, idempotency_key: str) -> Any:
        return create(self, body, idempotency_key=str(uuid.uuid4()))

    Generations.create = with_new_key  # type: ignore[method-assign]


GUARDS: dict[str, Callable[[], None]] = {
    "the job's own key": _another_key_each_time,
    "asking the session only": _another_question_each_time,
}
