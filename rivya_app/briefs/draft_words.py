"""What a draft of each kind of media is called, and what is said of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rivya_app.briefs.models import Draft
from rivya_app.gateway.param_words import Words


@dataclass(frozen=True, slots=True)
class DraftWords:
    """Templates with %(number)d; some with %(attempt)d or %(title)s as well."""

    icon: str
    name: Words
    alt: Words
    asked: Words
    ready: Words
    failed: Words
    earlier: Words


_WORDS: dict[str, DraftWords] = {
    "image": DraftWords(
        icon="image",
        name=_("Draft %(number)d"),
        alt=_("Draft %(number)d of %(title)s"),
        asked=_("Draft %(number)d: attempt %(attempt)d asked for"),
        ready=_("Draft %(number)d is ready"),
        failed=_("Draft %(number)d failed"),
        earlier=_("Earlier attempts at draft %(number)d"),
    ),
    "video": DraftWords(
        icon="video",
        name=_("Video %(number)d"),
        alt=_("Video %(number)d of %(title)s"),
        asked=_("Video %(number)d: attempt %(attempt)d asked for"),
        ready=_("Video %(number)d is ready"),
        failed=_("Video %(number)d failed"),
        earlier=_("Earlier attempts at video %(number)d"),
    ),
    "audio": DraftWords(
        icon="audio-lines",
        name=_("Sound %(number)d"),
        alt=_("Sound %(number)d of %(title)s"),
        asked=_("Sound %(number)d: attempt %(attempt)d asked for"),
        ready=_("Sound %(number)d is ready"),
        failed=_("Sound %(number)d failed"),
        earlier=_("Earlier attempts at sound %(number)d"),
    ),
}


def numbers(drafts: Iterable[Draft]) -> dict[int, int]:
    """By position: which one of its kind the draft there is, from 1. Drafts by position."""
    kinds = {draft.position: draft.generation.media_kind for draft in drafts}
    places = sorted(kinds)
    return {
        place: 1 + sum(kinds[other] == kinds[place] for other in places if other < place)
        for place in places
    }


def words_for(media_kind: str) -> DraftWords:
    """The words of a kind; those of a picture's draft for one we do not know."""
    return _WORDS.get(media_kind, _WORDS["image"])


def said(words: Words, **facts: object) -> str:
    """One of them with its facts, in the reader's language."""
    return str(words) % facts
