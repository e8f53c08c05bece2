"""What a reviewer looks at: the draft, and beside it what the address asks for. Only reads.

A draft can be laid beside the seller's references, other attempts at it and other drafts of the
brief, up to four pictures together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from rivya_app.briefs.draft_words import numbers, said, words_for
from rivya_app.briefs.models import Draft
from rivya_app.generations import viewing
from rivya_app.generations.viewing import FIT, MOST_PANES, SIDE, WIPE, ZOOMS, Choice, Viewer
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import Review

MOST_PARTNERS = 24  # beyond, a list of pictures helps nobody
Partners = dict[str, tuple[str, StoredFile]]  # by public id: what it is called, and the file


@dataclass(frozen=True, slots=True)
class Look:
    """What lies beside the draft, how, and how large. What cannot be read is left out."""

    beside: tuple[str, ...] = ()
    mode: str = SIDE
    zoom: str = FIT

    @classmethod
    def read(cls, asked: QueryDict) -> "Look":
        zoom = asked.get("zoom", "")
        return cls(
            beside=tuple(dict.fromkeys(asked.getlist("with")))[: MOST_PANES - 1],
            mode=WIPE if asked.get("mode") == WIPE else SIDE,
            zoom=zoom if zoom in ZOOMS else FIT,
        )

    @property
    def query(self) -> str:
        """The same as a part of an address, without what is usual."""
        usual = [("mode", self.mode, SIDE), ("zoom", self.zoom, FIT)]
        pairs = [("with", key) for key in self.beside]
        return urlencode(pairs + [(name, value) for name, value, none in usual if value != none])

    def turned(self, key: str) -> "Look":
        """With this picture beside the draft, or without it; the oldest choice gives way."""
        if key in self.beside:
            left = tuple(each for each in self.beside if each != key)
            return replace(self, beside=left, mode=SIDE)
        return replace(self, beside=(*self.beside, key)[1 - MOST_PANES :], mode=SIDE)


def partners(
    review: Review,
    draft: Draft,
    drafts: Sequence[Draft],
    files: dict[str, list[StoredFile]],
    references: Iterable[StoredFile],
) -> Partners:
    """What the draft can be compared with: references, attempts at it, the other drafts' newest.

    `files` are the results by their source.
    """
    if review.media_kind != StoredFile.MediaKind.IMAGE:
        return {}
    found = [
        (_("Reference %(number)d") % {"number": number}, file)
        for number, file in enumerate(references, start=1)
    ]
    newest: dict[int, Draft] = {}
    number_at = numbers(drafts)
    for one in drafts:  # by position and attempt
        if one.position == draft.position:
            found += _named(_("Attempt %(number)d") % {"number": one.attempt}, one, files)
        else:
            newest[one.position] = one
    for one in newest.values():
        name = said(words_for(one.generation.media_kind).name, number=number_at[one.position])
        found += _named(name, one, files)
    fit = [
        (label, file)
        for label, file in found
        if file.is_stored and file.kind == review.media_kind and file.pk != review.file_id
    ]
    return {str(file.public_id): (label, file) for label, file in fit[:MOST_PARTNERS]}


def _named(
    name: str, draft: Draft, files: dict[str, list[StoredFile]]
) -> list[tuple[str, StoredFile]]:
    """The results of a draft; their number is said where there are several."""
    results = files.get(draft.generation.reference, [])
    if len(results) < 2:
        return [(name, file) for file in results]
    words = _("%(name)s, result %(number)d")
    return [
        (words % {"name": name, "number": number}, file)
        for number, file in enumerate(results, start=1)
    ]


def viewer(review: Review, label: str, found: Partners, look: Look, address: str) -> Viewer:
    """The draft with what lies beside it; `address` ends where a query can go on."""
    look = replace(look, beside=tuple(key for key in look.beside if key in found))
    look = look if len(look.beside) == 1 else replace(look, mode=SIDE)
    title = review.brief.product
    beside = [(found[key][1], found[key][0]) for key in look.beside]
    return Viewer(
        title=title,
        panes=[
            viewing.pane(file, words, title, look.zoom)
            for file, words in [(review.file, label), *beside]
        ],
        back_url="",
        mode=look.mode,
        zoom=look.zoom,
        zooms=viewing.zooms(lambda zoom: address + replace(look, zoom=zoom).query, look.zoom),
        modes=viewing.modes(lambda mode: address + replace(look, mode=mode).query, look.mode),
        partners=[
            Choice(words, address + look.turned(key).query, key in look.beside, file, key)
            for key, (words, file) in found.items()
        ],
    )
