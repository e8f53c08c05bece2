"""A turn as a page draws it, and the conversation's turns with earlier attempts folded into the
newest. Only reads; what is costly is made when a template asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID, uuid4

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.chat import outcomes, rendering, turn_words
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.outcomes import Outcome
from rivya_app.core.doors import address_for
from rivya_app.credits import gate
from rivya_app.gateway.refusals import FailureCard, Reader
from rivya_app.library import uses
from rivya_app.library.models import StoredFile

LONG_QUESTION = 2000  # characters
LONG_QUESTION_LINES = 24


@dataclass
class TurnCard:
    """One turn. `earlier` are the attempts it stands for, the newest first."""

    turn: Turn
    reader: Reader
    files: Sequence[StoredFile] = ()
    outcomes: Sequence[Outcome] = ()
    failure: FailureCard | None = None
    is_own: bool = False
    is_newest: bool = False
    again_price: str = ""
    earlier: list["TurnCard"] = field(default_factory=list)

    @property
    def element_id(self) -> str:
        return f"turn-{self.turn.number}"

    @property
    def version(self) -> str:
        """Changes with anything the card shows; an answer that is written grows."""
        mine = f"{self.turn.changed_at.timestamp()}.{int(self.is_newest)}"
        mine += f".{len(self.turn.answer)}" if self.turn.is_open else ""
        return "-".join([mine, *(card.version for card in self.earlier)])

    @property
    def is_open(self) -> bool:
        return self.turn.is_open

    @property
    def is_question_long(self) -> bool:
        """Too long to push its answer out of sight."""
        question = self.turn.question
        return len(question) > LONG_QUESTION or question.count("\n") > LONG_QUESTION_LINES

    @property
    def is_waiting(self) -> bool:
        """Recorded, and not sent yet."""
        return self.turn.status in (Status.WAITING, Status.PENDING)

    @property
    def is_writing(self) -> bool:
        return self.turn.status == Status.STREAMING

    @property
    def is_quiet(self) -> bool:
        """Open with nothing to explain: a line says enough."""
        is_held_back = self.turn.waits_for or self.turn.error_code
        return self.is_writing or (self.turn.status == Status.PENDING and not is_held_back)

    @property
    def again_token(self) -> UUID:
        """Of the button that asks the same again: pressed twice, asked once."""
        return uuid4()

    @property
    def is_unsettled(self) -> bool:
        """Closed, and its cost or even its end is still being asked of Rivya."""
        return not self.turn.is_open and not self.turn.is_settled

    @cached_property
    def html(self) -> SafeString:
        """The answer; while it is written, its settled part."""
        if self.is_open:
            return mark_safe(self._settled.html)  # noqa: S308  what rendering gives is safe to show
        return mark_safe(rendering.html_of(self.turn.answer))  # noqa: S308  the same

    @property
    def tail(self) -> str:
        """What of an open answer is not settled yet, as text."""
        return self._settled.rest if self.is_open else ""

    @cached_property
    def _settled(self) -> rendering.Settled:
        return rendering.settled_blocks(self.turn.answer)

    @property
    def tone(self) -> str:
        return turn_words.TONES[self.turn.status]

    @property
    def state_words(self) -> str:
        return turn_words.state_words(self.turn)

    @property
    def cost_words(self) -> str:
        return turn_words.cost_words(self.turn)

    @property
    def token_words(self) -> str:
        return turn_words.token_words(self.turn)

    @property
    def cost_fact(self) -> str:
        """Where a stopped answer leaves its credits; other states say it in their card."""
        return turn_words.cost_fact(self.turn) if self.turn.status == Status.STOPPED else ""

    @property
    def may_ask_again(self) -> bool:
        return self.is_own and self.is_newest and not self.is_open

    @property
    def stop_words(self) -> str:
        if self.turn.stop_asked_at:
            return _("Stopping …")
        return _("Take it back") if self.is_waiting else _("Stop")

    @property
    def earlier_words(self) -> str:
        count = len(self.earlier)
        words = ngettext("%(count)d earlier answer", "%(count)d earlier answers", count)
        return words % {"count": count}

    @property
    def brief_url(self) -> str:
        return self._brief_url("")

    @property
    def prompt_url(self) -> str:
        return self._brief_url("&as=prompt")

    def _brief_url(self, more: str) -> str:
        """For those whom the form would let in; "" without an answer."""
        page = address_for(self.reader.member, "briefs:new")
        if not page or self.is_open or not self.turn.answer:
            return ""
        return f"{page}?from_turn={self.turn.public_id}{more}"


def cards_of(turns: Iterable[Turn], reader: Reader, *, again_price: str = "") -> list[TurnCard]:
    """The turns of one conversation in their order; a question that was asked again stands where
    it was asked last, and holds what came before."""
    rows = list(turns)
    files = uses.files_of_many(turn.reference for turn in rows if turn.attachment_count)
    asks = gate.newest_of([turn.reference for turn in rows if turn.status == Status.WAITING])
    became = outcomes.of(rows)
    made = {
        turn.pk: TurnCard(
            turn,
            reader,
            files=files.get(turn.reference, ()),
            outcomes=became.get(turn.pk, ()),
            failure=turn_words.card_of(turn, reader, asks.get(turn.reference)),
            is_own=turn.member_id == reader.member.pk,
            again_price=again_price,
        )
        for turn in rows
    }
    cards = []
    for newest, *earlier in folded((turn.pk, turn.again_of_id) for turn in rows):
        made[newest].earlier = [made[key] for key in earlier]
        cards.append(made[newest])
    if cards:
        cards[-1].is_newest = True
    return cards


def folded(links: Iterable[tuple[int, int | None]]) -> list[list[int]]:
    """Row keys of turns, one list a question that stands on the page: its newest attempt, then
    those it replaced. `links` are each turn's key and the key of the one it asks again, in their
    order."""
    found: dict[int, list[int]] = {}
    for key, again_of in links:
        earlier = found.pop(again_of, []) if again_of else []
        found[key] = [key, *earlier]
    return list(found.values())


def changed_since(cards: Sequence[TurnCard], known: Mapping[str, str]) -> list[TurnCard]:
    """Those a page does not show as they are. `known` are versions by element id; "live" is an open
    turn that the page keeps by itself."""
    return [card for card in cards if not _is_known(card, known.get(card.element_id, ""))]


def _is_known(card: TurnCard, version: str) -> bool:
    return version == card.version or (version == "live" and card.is_open)
