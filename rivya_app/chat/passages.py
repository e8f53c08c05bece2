"""Which words of conversations a search looks for, and where they stand."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Left
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from rivya_app.chat import rendering
from rivya_app.chat.models import WORDS, Turn
from rivya_app.chat.paths import path_of_turn

LOOKED_THROUGH = 20_000  # characters of a question, and of its answer, that a passage is taken from
_WORD = re.compile(r"[^\s'\\:&|!()<>*]+")
_BEGIN, _END = "\ue000", "\ue001"  # around each found word; nobody writes these
_HALF_MARKS = re.compile(r"\*+|`+|~~|__")  # whose other half was not cut out with them
_FOUND = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")


@dataclass(frozen=True, slots=True)
class Passage:
    """A place of a conversation where the words stand; `html` has each of them marked."""

    html: SafeString
    url: str


def query_of(typed: str) -> SearchQuery | None:
    """Every word that was typed, each as a beginning; None where there is none."""
    words = [f"'{word}':*" for word in _WORD.findall(typed)]
    return SearchQuery(" & ".join(words), config="simple", search_type="raw") if words else None


def holding(turns: QuerySet[Turn], words: SearchQuery) -> QuerySet[Turn]:
    """As the index has them; an answer that is still being written is not in it."""
    return turns.filter(finished_at__isnull=False).annotate(words=WORDS).filter(words=words)


def found_in(conversations: Collection[int], typed: str) -> dict[int, Passage]:
    """Of each of these conversations (by row key) the newest turn that has all the words, and where
    in it they stand; nothing of those that only their title matches. Two queries."""
    words = query_of(typed)
    if words is None:
        return {}
    mine = holding(Turn.objects.filter(conversation__in=conversations), words)
    newest = mine.order_by("conversation_id", "-number").distinct("conversation_id")
    # The passages of those alone: taking one reads the whole text again.
    rows = Turn.objects.filter(pk__in=list(newest.values_list("pk", flat=True)))
    told = rows.annotate(passage=_headline(words)).select_related("conversation")
    short = told.only("number", "conversation__public_id")
    return {turn.conversation_id: _passage(turn) for turn in short}


def _headline(words: SearchQuery) -> SearchHeadline:
    text = Concat(Left("question", LOOKED_THROUGH), Value("\n\n"), Left("answer", LOOKED_THROUGH))
    return SearchHeadline(
        text,
        words,
        config="simple",
        start_sel=_BEGIN,
        stop_sel=_END,
        max_fragments=1,  # so that words from before them come along
        short_word=0,  # type: ignore[arg-type]  # the stubs say text
        min_words=10,
        max_words=22,
    )


def _passage(turn: Turn) -> Passage:
    plain = rendering.in_plain_words(getattr(turn, "passage", ""))
    words = escape(_HALF_MARKS.sub("", plain))
    html = _FOUND.sub(r"<mark>\1</mark>", words).replace(_BEGIN, "").replace(_END, "")
    return Passage(mark_safe(html), path_of_turn(turn))  # noqa: S308  (escaped above)
