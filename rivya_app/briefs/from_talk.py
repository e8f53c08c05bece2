"""A brief that begins with an answer of the assistant: what its form starts from, and what it says
of that. Nothing is sent by itself; a conversation that the reader may not open stays closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.talk_blocks import blocks_of
from rivya_app.briefs.talk_reading import fitted, parts_in, plain_text
from rivya_app.briefs.talk_words import (
    AUDIENCE,
    CHANNEL,
    LANGUAGE,
    POINTS,
    PRODUCT,
    PROMPT,
    STYLE,
)
from rivya_app.chat import access as chat
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.paths import path_of_turn
from rivya_app.gateway import catalogue
from rivya_app.workspaces.models import Membership

AS_PROMPT = "prompt"  # ?as=…: the answer is wanted as the text for the model
MOST_ANSWERS = 3  # that a new attempt may take its text from
MOST_PROMPT = 4000  # characters, where the model states no limit
# Read from the question where the answer does not say them.
_OF_QUESTION = (PRODUCT, AUDIENCE, CHANNEL, STYLE, LANGUAGE)
_NAMES = {
    PRODUCT: gettext_lazy("what you sell"),
    POINTS: gettext_lazy("the points"),
    AUDIENCE: gettext_lazy("who it is for"),
    CHANNEL: gettext_lazy("where it is shown"),
    STYLE: gettext_lazy("the style"),
    LANGUAGE: gettext_lazy("the language"),
    PROMPT: gettext_lazy("the text for the model"),
}


@dataclass(frozen=True)
class Taken:
    """What a form was filled with from an answer, said to who fills it in."""

    turn: Turn
    model_id: str
    is_prompt: bool = False

    @property
    def title(self) -> str:
        return self.turn.conversation.title

    @property
    def url(self) -> str:
        return path_of_turn(self.turn)

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        """Each part that was found, whole; in the answer first."""
        found = parts_in(self.turn.answer)
        asked = parts_in(self.turn.question)
        named = {part: asked[part] for part in _OF_QUESTION if part in asked}
        return {**named, **found}

    @cached_property
    def values(self) -> dict[str, str]:
        """What the form starts from, as long as it takes it."""
        limits = {PROMPT: _prompt_limit(self.model_id)}
        return {part: fitted(part, text, limits.get(part)) for part, text in self._wanted.items()}

    @cached_property
    def _wanted(self) -> Mapping[str, str]:
        whole = self._whole_answer
        return {**self._parts, PROMPT: whole} if whole else self._parts

    @property
    def _whole_answer(self) -> str:
        """Where a prompt is wanted and the answer marks none, all of it is one."""
        is_wanted = self.is_prompt and PROMPT not in self._parts
        return plain_text(blocks_of(self.turn.answer)) if is_wanted else ""

    @property
    def found_words(self) -> str:
        return _listed(part for part in _NAMES if part in self.values)

    @property
    def missing_words(self) -> str:
        return _listed(part for part in _NAMES if part not in self.values)

    @property
    def shortened_words(self) -> str:
        return _listed(part for part in _NAMES if self._is_cut(part))

    @property
    def is_whole_answer(self) -> bool:
        return bool(self._whole_answer)

    def _is_cut(self, part: str) -> bool:
        return len(self.values.get(part, "")) < len(self._wanted.get(part, ""))


def _prompt_limit(model_id: str) -> int:
    card = catalogue.find(model_id)
    return (card.prompt_limit if card else None) or MOST_PROMPT


def _listed(parts: Any) -> str:
    return ", ".join(str(_NAMES[part]) for part in parts)


def taken(member: Membership, turn_id: str, model_id: str, *, wanted_as: str = "") -> Taken:
    """From a turn that the member may read. Raises Http404."""
    turn = readable(member, turn_id)
    if turn is None:
        raise Http404
    return Taken(turn, model_id, is_prompt=wanted_as == AS_PROMPT)


def readable(member: Membership, turn_id: str) -> Turn | None:
    """The turn with this id; None where there is none that the member may read."""
    try:
        return chat.readable_turn(member, turn_id)
    except Http404:
        return None


def answers_about(member: Membership, brief: Brief) -> list[Turn]:
    """The newest answers in conversations about the brief or its results that the member may
    read: what a new attempt may take its text from. Two queries."""
    jobs = brief.drafts.values_list("generation__public_id", flat=True)
    about = [brief.reference, *(f"generation:{public_id}" for public_id in jobs)]
    found = chat.readable_turns(member).filter(conversation__about__in=about)
    answered = found.filter(status=Status.ANSWERED).exclude(answer="")
    return list(answered.defer("context", "body").order_by("-created_at")[:MOST_ANSWERS])


# --- The way back ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """Where a brief came from; neither title nor address of what the reader may not read."""

    by: str
    at: Any
    title: str = ""
    url: str = ""


def turn_of(made: Brief | Draft) -> Turn | None:
    """The turn it was made of, without its texts; None where it was made of none."""
    if made.from_turn_id is None:
        return None
    rows = Turn.objects.select_related("conversation", "member__user")
    return rows.defer("question", "context", "answer", "body").get(pk=made.from_turn_id)


def link_of(member: Membership, made: Brief | Draft) -> Link | None:
    """What its page says of that."""
    turn = turn_of(made)
    if turn is None:
        return None
    link = Link(by=str(turn.member), at=turn.created_at)
    if not chat.may_read(member, turn.conversation):
        return link
    title = turn.conversation.title or _("A conversation")
    return Link(link.by, link.at, title, path_of_turn(turn))
