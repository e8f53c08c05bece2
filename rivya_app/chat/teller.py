"""One answer while it is written: the text so far, what of it is still to be passed on, and the way
to end it. The thread that reads Rivya fills it, the scribe passes it on.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime

from rivya_app.chat import feed, rendering
from rivya_app.chat.models import Turn
from rivya_app.chat.rendering import Settled
from rivya_app.core import clock
from rivya_app.rivya_api.chat_stream import ChatStream
from rivya_app.rivya_api.chat_types import Completion
from rivya_app.rivya_api.errors import ApiError
from rivya_app.rivya_api.sse import ChatEvent, Delta, Done

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """What the row is to hold: the text that was passed on, and the feed's entry it ends with."""

    text: str = field(repr=False)
    streamed_to: str


class Teller:
    """Fills from one thread, is emptied from others."""

    def __init__(self, turn: Turn) -> None:
        self.key = turn.pk
        self.turn_id = str(turn.public_id)
        self.send = turn.send_count
        self.conversation_key = turn.conversation_id
        self.is_session_kept = bool(turn.conversation.session_id)
        self.completion: Completion | None = None
        self.failure: ApiError | None = None  # said inside the stream
        self.is_whole = False  # Rivya did not stream it
        self.first_word_at: datetime | None = None
        self._lock = threading.Lock()
        self._texts: list[str] = []
        self._tail = ""  # behind the last settled block, as it was looked at last
        self._is_in_list = False  # it begins with an item of the list that this block ends with
        self._behind_tail: list[str] = []  # what came since
        self._line_length = 0  # characters of the last line so far
        self._has_new_line = False  # since it was looked at
        self._is_worth_a_look = False
        self._is_tail_too_long = False  # so that nothing more is settled before the end
        self._unsent: list[feed.Entry] = []
        self._taken_texts = 0  # so many of the texts were taken to be passed on
        self._passed_texts = 0  # so many have arrived, and this is the entry they end with
        self._passed_id = ""
        self._is_saved = True
        self._is_feed_broken = False
        self._stream: ChatStream | None = None
        self._is_stopped = False

    @property
    def text(self) -> str:
        """Everything that came."""
        with self._lock:
            return "".join(self._texts)

    @property
    def session_id(self) -> str:
        return self._stream.session_id if self._stream else ""

    @property
    def request_id(self) -> str:
        return self._stream.request_id if self._stream else ""

    @property
    def is_stopped(self) -> bool:
        """Whether somebody wanted it to end."""
        return self._is_stopped

    def listen_to(self, stream: ChatStream) -> None:
        """The stream it is filled from. One that was stopped meanwhile is ended at once."""
        with self._lock:
            self._stream = stream
        if self._is_stopped:
            stream.abort()

    def stop(self) -> None:
        """End it, from any thread; what came is kept."""
        with self._lock:
            self._is_stopped = True
            stream = self._stream
        if stream is not None:
            stream.abort()

    def hear(self, event: ChatEvent) -> None:
        """Take one event of the stream."""
        if isinstance(event, Delta):
            self._append(event.text)
        elif isinstance(event, Done):
            self.completion = event.completion
        else:
            self.failure = event.error

    def _append(self, text: str) -> None:
        with self._lock:
            if self._is_stopped:
                return  # whoever stopped it has its text already, and nothing comes behind that
            self.first_word_at = self.first_word_at or clock.now()
            self._texts.append(text)
            self._unsent.append(feed.Entry(feed.TEXT, text))
            if not self._is_tail_too_long:
                self._behind_tail.append(text)
                self._note_line(text)

    def _note_line(self, text: str) -> None:
        """A new line may settle what stands before it, and so may the first letters of one."""
        is_early = self._line_length < rendering.TELLING
        is_new_line = "\n" in text
        begun = text.rpartition("\n")[2]
        self._line_length = len(begun) if is_new_line else self._line_length + len(text)
        self._has_new_line = self._has_new_line or is_new_line
        self._is_worth_a_look = self._is_worth_a_look or is_early or is_new_line

    def settle_blocks(self) -> bool:
        """Render what of the answer can no longer change; whether there was something. From one
        thread, and not from that which reads: a long answer would hold up the words of all."""
        if not self._is_worth_a_look:
            return False
        with self._lock:
            is_line, tail = self._has_new_line, self._take_tail()
        settled = _settled(tail) if is_line or rendering.begins_something(tail) else None
        with self._lock:
            self._tail = settled.rest if settled else tail
            if not settled or self._is_stopped:
                return False
            rest = settled.rest + "".join(self._behind_tail)
            self._unsent.append(feed.block(settled.html, rest, goes_on=self._is_in_list))
            self._is_in_list = settled.is_in_list
            return True

    def _take_tail(self) -> str:
        tail = self._tail + "".join(self._behind_tail)
        self._behind_tail.clear()
        self._has_new_line = self._is_worth_a_look = False
        self._is_tail_too_long = len(tail) > rendering.LONGEST_TAIL
        return "" if self._is_tail_too_long else tail

    # --- Passing on; from the scribe's threads ----------------------------------------------------

    def take_unsent(self) -> list[feed.Entry]:
        """What the feed does not hold yet, neighbouring texts in one; nothing once it broke."""
        if not self._unsent:  # asked many times a second, mostly in vain
            return []
        with self._lock:
            taken, self._unsent = self._unsent, []
            self._taken_texts = len(self._texts)
            if self._is_feed_broken:
                self._note_passed("")
                return []
        return _joined(taken)

    def passed_on(self, last_id: str) -> None:
        """The entries taken last are in the feed, and this is the id of the last one."""
        with self._lock:
            self._note_passed(last_id)

    def feed_broke(self) -> None:
        """Some of it may be missing in the feed, so pages are to read the row."""
        with self._lock:
            self._is_feed_broken = True
            self._note_passed("")

    def _note_passed(self, last_id: str) -> None:
        if (self._taken_texts, last_id) != (self._passed_texts, self._passed_id):
            self._passed_texts, self._passed_id = self._taken_texts, last_id
            self._is_saved = False

    def take_unsaved(self) -> Saved | None:
        """What the row does not hold yet; None where it holds all that was passed on."""
        with self._lock:
            if self._is_saved:
                return None
            self._is_saved = True
            return Saved("".join(self._texts[: self._passed_texts]), self._passed_id)

    def was_not_saved(self) -> None:
        """What was taken last did not reach the row."""
        with self._lock:
            self._is_saved = False


def _settled(tail: str) -> Settled | None:
    """What of the tail is settled, if anything. Words that cannot be rendered stay words: nothing
    of an answer hangs on its looks."""
    try:
        settled = rendering.settled_blocks(tail)
    except Exception as error:  # noqa: BLE001
        logger.error("an answer could not be rendered: %s", type(error).__name__)
        return None
    return settled if settled.html else None


def _joined(entries: list[feed.Entry]) -> list[feed.Entry]:
    found: list[feed.Entry] = []
    for entry in entries:
        if found and entry.kind == found[-1].kind == feed.TEXT:
            found[-1] = feed.Entry(feed.TEXT, found[-1].data + entry.data)
        else:
            found.append(entry)
    return found
