"""Reads any number of open streams in one thread, as their words come.

A thread for each costs a wake-up for each word of each, and Python runs one of them at a time.
"""

import logging
import os
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from rivya_app.rivya_api.chat_stream import ChatStream
from rivya_app.rivya_api.sse import ChatEvent

log = logging.getLogger("rivya_api")

_LOOK_EVERY = 1.0  # seconds; for those that fell silent

Hear = Callable[[ChatEvent], None]


@dataclass(eq=False, slots=True)
class _Ear:
    stream: ChatStream
    hear: Hear
    has_heard: bool = False
    failure: BaseException | None = None
    is_done: threading.Event = field(default_factory=threading.Event)


class Listener:
    """Hears the open streams of this process. Its thread begins with the first one.

    `pause` says for how many seconds to let words gather where so many streams are open: what
    came meanwhile is read in one go. Who waits for a first word is never kept waiting by it.
    `after_round` is called behind every round in which something was heard.
    """

    def __init__(self, *, pause: Callable[[int], float], after_round: Callable[[], None]) -> None:
        self._pause = pause
        self._after_round = after_round
        self._ears: set[_Ear] = set()
        self._coming: list[_Ear] = []
        self._lock = threading.Lock()
        self._has_begun = False
        self._looked_at = time.monotonic()

    def listen(self, stream: ChatStream, hear: Hear) -> None:
        """Wait until the stream is over; `hear` gets each event, in the listener's thread.

        Raises what iterating the stream would, and whatever `hear` raised.
        """
        if not stream.take_over():
            for event in stream:
                hear(event)
                self._after_round()
            return
        ear = _Ear(stream, hear)
        self._let_in(ear)
        ear.is_done.wait()
        if ear.failure is not None:
            raise ear.failure.with_traceback(None)

    def _let_in(self, ear: _Ear) -> None:
        with self._lock:
            if not self._has_begun:
                self._begin()
            self._coming.append(ear)
        os.write(self._bell, b"!")

    def _begin(self) -> None:
        """What cannot begin, without files or threads to spare, is tried again by the next stream;
        who comes behind one that failed would else wait for nobody."""
        door, bell = os.pipe()
        try:
            os.set_blocking(door, False)
            self._all = selectors.DefaultSelector()
            self._fresh = selectors.DefaultSelector()  # those that have not heard a word
            for selector in (self._all, self._fresh):
                selector.register(door, selectors.EVENT_READ)
            self._door, self._bell = door, bell
            threading.Thread(target=self._run, name="rivya-listener", daemon=True).start()
        except BaseException:
            os.close(door)
            os.close(bell)
            raise
        self._has_begun = True

    # --- In the listener's thread -----------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                self._round()
            except Exception as error:
                log.exception("the open streams cannot be read")
                self._let_all_go(error)

    def _round(self) -> None:
        self._attend(self._all.select(_LOOK_EVERY))
        if time.monotonic() - self._looked_at >= _LOOK_EVERY:
            self._looked_at = time.monotonic()
            self._end_the_silent()
        self._rest(self._pause(len(self._ears)))

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._attend(self._fresh.select(left))

    def _attend(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        has_news = False
        for key, _events in ready:
            if key.data is None:
                has_news |= self._open_the_door()
            elif key.data in self._ears:
                has_news |= self._hear(key.data)
        if has_news:
            self._after_round()

    def _open_the_door(self) -> bool:
        os.read(self._door, 4096)
        with self._lock:
            coming, self._coming = self._coming, []
        has_news = False
        for ear in coming:
            self._ears.add(ear)
            try:
                for selector in (self._all, self._fresh):
                    selector.register(ear.stream, selectors.EVENT_READ, ear)
            except (OSError, ValueError) as error:  # its connection is gone
                ear.failure = error
                self._let_go(ear)
                continue
            has_news |= self._hear(ear)  # its first words may have come with the head
        return has_news

    def _hear(self, ear: _Ear) -> bool:
        """Whether there was anything."""
        has_news = False
        try:
            for event in ear.stream.arrived():
                ear.hear(event)
                has_news = True
        except BaseException as error:  # noqa: BLE001  it belongs to whoever waits for this one
            ear.failure = error
        if ear.failure is not None or ear.stream.is_over:
            self._let_go(ear)
        elif has_news and not ear.has_heard:
            ear.has_heard = True
            self._fresh.unregister(ear.stream)
        return has_news

    def _end_the_silent(self) -> None:
        for ear in list(self._ears):
            if failure := ear.stream.overdue():
                ear.failure = failure
                self._let_go(ear)

    def _let_all_go(self, error: BaseException) -> None:
        for ear in list(self._ears):
            ear.failure = error
            self._let_go(ear)

    def _let_go(self, ear: _Ear) -> None:
        self._ears.discard(ear)
        for selector in (self._all, self._fresh):
            with suppress(KeyError, ValueError):
                selector.unregister(ear.stream)
        ear.is_done.set()
