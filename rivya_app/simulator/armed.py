"""Which armed faults act on a call, and the counting down of those armed for a number of times."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable

from rivya_app.simulator.faults import FAULTS, Active, PromptFault, active
from rivya_app.simulator.records import ArmedFault, Key
from rivya_app.simulator.world import World


class Armoury:
    """Switches (rows of the world) and the prompt words already spent."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._spent: Counter[str] = Counter()

    def any(self) -> bool:
        return bool(self._world.faults)

    def take(
        self,
        stage: str,
        operation: str,
        key: Key | None,
        fits: Callable[[Active], bool] = bool,
    ) -> list[Active]:
        """The switches that act here and fit; each counts as used once."""
        acting = [row for row in self._world.faults.values() if _acts(row, stage, operation, key)]
        taken = [(row, active(row.fault, row.options)) for row in acting]
        taken = [(row, fault) for row, fault in taken if fits(fault)]
        for row, _fault in taken:
            self._use(row)
        return [fault for _row, fault in taken]

    def _use(self, row: ArmedFault) -> None:
        if row.times_left is None:
            return
        row.times_left -= 1
        if row.times_left > 0:
            self._world.save(row)
        else:
            self._world.remove(row)
        self._world.commit()

    def take_words(
        self, words: list[PromptFault], stage: str, operation: str, call: str
    ) -> list[Active]:
        """Prompt words that act on this call.

        ``call`` names the call across retries (account and idempotency key): a word acts on the
        first ``times`` tries, so that a retry can go through.
        """
        return [
            word.fault
            for word in words
            if word.fault.stage == stage
            and _touches(word.fault.name, operation, [])
            and self._spend(word, call)
        ]

    def _spend(self, word: PromptFault, call: str) -> bool:
        mark = hashlib.sha256(f"{word.fault.name}\n{call}".encode()).hexdigest()
        self._spent[mark] += 1
        return self._spent[mark] <= word.times

    def forget(self) -> None:
        self._spent.clear()


def _touches(name: str, operation: str, on: list[str]) -> bool:
    wanted = on or FAULTS[name].on
    return not wanted or operation in wanted


def _acts(row: ArmedFault, stage: str, operation: str, key: Key | None) -> bool:
    return (
        FAULTS[row.fault].stage == stage
        and _touches(row.fault, operation, row.on)
        and _reaches(row.scope, key)
    )


def _reaches(scope: str, key: Key | None) -> bool:
    if scope == "all":
        return True
    kind, _, name = scope.partition(":")
    if key is None:
        return False
    return name in ((key.id, key.name) if kind == "key" else (key.account,))
