"""What a draft of each kind of media is called, and what is said of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs.models import Draft
from rivya_app.gateway.param_words import Words


@dataclass(frozen=True, slots=True)
class DraftWords:
    """Templates with %(number)d, %(attempt)d, %(count)d or %(title)s."""

    icon: str
    name: Words
    alt: Words
    asked_first: Words
    asked_together: Words
    asked: Words
    ready: Words
    failed: Words
    earlier: Words


_WORDS: dict[str, DraftWords] = {
    "image": DraftWords(
        icon="image",
        name=gettext_lazy("Draft %(number)d"),
        alt=gettext_lazy("Draft %(number)d of %(title)s"),
        asked_first=gettext_lazy("Draft %(number)d asked for"),
        asked_together=gettext_lazy("%(count)d drafts asked for"),
        asked=gettext_lazy("Draft %(number)d: attempt %(attempt)d asked for"),
        ready=gettext_lazy("Draft %(number)d is ready"),
        failed=gettext_lazy("Draft %(number)d failed"),
        earlier=gettext_lazy("Earlier attempts at draft %(number)d"),
    ),
    "video": DraftWords(
        icon="video",
        name=gettext_lazy("Video %(number)d"),
        alt=gettext_lazy("Video %(number)d of %(title)s"),
        asked_first=gettext_lazy("Video %(number)d asked for"),
        asked_together=gettext_lazy("%(count)d videos asked for"),
        asked=gettext_lazy("Video %(number)d: attempt %(attempt)d asked for"),
        ready=gettext_lazy("Video %(number)d is ready"),
        failed=gettext_lazy("Video %(number)d failed"),
        earlier=gettext_lazy("Earlier attempts at video %(number)d"),
    ),
    "audio": DraftWords(
        icon="audio-lines",
        name=gettext_lazy("Sound %(number)d"),
        alt=gettext_lazy("Sound %(number)d of %(title)s"),
        asked_first=gettext_lazy("Sound %(number)d asked for"),
        asked_together=gettext_lazy("%(count)d sounds asked for"),
        asked=gettext_lazy("Sound %(number)d: attempt %(attempt)d asked for"),
        ready=gettext_lazy("Sound %(number)d is ready"),
        failed=gettext_lazy("Sound %(number)d failed"),
        earlier=gettext_lazy("Earlier attempts at sound %(number)d"),
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


def names_of_jobs(drafts: Iterable[Draft]) -> dict[int, str]:
    """By job: "Draft 1", "Video 1, attempt 2". Drafts by position."""
    rows = list(drafts)
    number_at = numbers(rows)
    return {draft.generation_id: _name(draft, number_at[draft.position]) for draft in rows}


def _name(draft: Draft, number: int) -> str:
    name = said(words_for(draft.generation.media_kind).name, number=number)
    if draft.attempt == 1:
        return name
    return _("%(name)s, attempt %(attempt)d") % {"name": name, "attempt": draft.attempt}


def words_for(media_kind: str) -> DraftWords:
    """The words of a kind; those of a picture's draft for one we do not know."""
    return _WORDS.get(media_kind, _WORDS["image"])


def said(words: Words, **facts: object) -> str:
    """One of them with its facts, in the reader's language."""
    return str(words) % facts
