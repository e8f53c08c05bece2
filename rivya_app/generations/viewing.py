"""The large view of a job's results: one alone, or two beside or over each other. Only reads.

A Viewer is all the components of the viewer take; other pages may fill one of their own, with up
to MOST_PANES panes. Two can be wiped over each other, more only stand beside each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from rivya_app.generations import access
from rivya_app.generations.models import Generation
from rivya_app.generations.pages import lineage
from rivya_app.library import access as library
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership

FIT, FULL, DOUBLE = "fit", "100", "200"
SIDE, WIPE = "side", "wipe"
ZOOMS = (FIT, FULL, DOUBLE)
MOST_PANES = 4
_ENLARGED = {FULL: 1, DOUBLE: 2}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for: which result (from 1), what beside it, how, and how large."""

    number: int = 1
    beside: str = ""
    mode: str = SIDE
    zoom: str = FIT

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """What cannot be read is as if it were not there."""
        number, mode, zoom = query.get("file", ""), query.get("mode"), query.get("zoom")
        return cls(
            number=int(number) if number.isascii() and number.isdigit() else 1,
            beside=query.get("with", ""),
            mode=WIPE if mode == WIPE else SIDE,
            zoom=zoom if zoom in _ENLARGED else FIT,
        )

    @property
    def query(self) -> str:
        """The same as the end of an address, without what is usual."""
        said = {
            "file": str(self.number),
            "with": self.beside,
            "mode": self.mode,
            "zoom": self.zoom,
        }
        return urlencode({k: v for k, v in said.items() if v not in ("", SIDE, FIT)})


@dataclass(frozen=True, slots=True)
class Pane:
    """One file to look at; `width` and `height` in pixels as this page shows it without script."""

    file: StoredFile
    label: str
    alt: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to press; `is_chosen` is the one that is shown."""

    words: str
    url: str
    is_chosen: bool
    file: StoredFile | None = None
    value: str = ""


@dataclass(slots=True)
class Viewer:
    """A title, its panes, and where one can go from here."""

    title: str
    panes: list[Pane]
    back_url: str
    number: int = 1
    count: int = 1
    mode: str = SIDE
    zoom: str = FIT
    previous_url: str = ""
    next_url: str = ""
    steps: list[Choice] = field(default_factory=list)
    zooms: list[Choice] = field(default_factory=list)
    modes: list[Choice] = field(default_factory=list)
    partners: list[Choice] = field(default_factory=list)

    @property
    def is_picture(self) -> bool:
        return self.panes[0].file.kind == StoredFile.MediaKind.IMAGE

    @property
    def is_comparing(self) -> bool:
        return len(self.panes) > 1

    @property
    def can_wipe(self) -> bool:
        return len(self.panes) == 2


def viewer(member: Membership, public_id: UUID, wanted: Wanted) -> Viewer:
    """The results of a job as the address asks for them.

    Raises Http404 where the job is not the workspace's, or nothing of it is here to look at. A
    number that does not exist shows the first; what cannot be compared is left out.
    """
    job = access.job(member, public_id)
    mine = [file for file in library.files_for([job.reference]) if file.is_stored]
    if not mine:
        raise Http404
    if not 1 <= wanted.number <= len(mine):
        wanted = replace(wanted, number=1)
    shown = mine[wanted.number - 1]
    partners = _partners(job, mine, shown)
    beside = partners.get(wanted.beside)
    wanted = replace(wanted, beside=wanted.beside if beside else "")
    return _filled(job, mine, partners, wanted)


def _filled(
    job: Generation,
    mine: list[StoredFile],
    partners: dict[str, tuple[str, StoredFile]],
    wanted: Wanted,
) -> Viewer:
    number = wanted.number
    panes = [pane(mine[number - 1], _result_words(number), job.title, wanted.zoom)]
    if wanted.beside:
        label, file = partners[wanted.beside]
        panes.append(pane(file, label, job.title, wanted.zoom))
    address = reverse("generations:view-results", args=[job.public_id])
    made = Viewer(
        title=job.title,
        panes=panes,
        back_url=f"{reverse('generations:show-job', args=[job.public_id])}#result-{number}",
        number=number,
        count=len(mine),
        mode=wanted.mode,
        zoom=wanted.zoom,
        steps=_steps(address, mine, wanted),
        zooms=zooms(lambda zoom: f"{address}?{replace(wanted, zoom=zoom).query}", wanted.zoom),
        modes=modes(lambda mode: f"{address}?{replace(wanted, mode=mode).query}", wanted.mode),
        partners=_choices(address, partners, wanted),
    )
    if number > 1:
        made.previous_url = made.steps[number - 2].url
    if number < len(mine):
        made.next_url = made.steps[number].url
    return made


def pane(file: StoredFile, label: str, title: str, zoom: str) -> Pane:
    """One file, as large as `zoom` makes it without script."""
    times = _ENLARGED.get(zoom, 1)
    return Pane(
        file=file,
        label=label,
        alt=f"{title}: {label}",
        width=file.width and file.width * times,
        height=file.height and file.height * times,
    )


def _partners(
    job: Generation, mine: list[StoredFile], shown: StoredFile
) -> dict[str, tuple[str, StoredFile]]:
    """What the shown picture can be compared with, by public id: references first."""
    if shown.kind != StoredFile.MediaKind.IMAGE:
        return {}
    found = [
        (_("Reference %(number)d") % {"number": number}, file)
        for number, file in enumerate(uses.files_of(job.reference), start=1)
    ]
    found += [(_result_words(number), file) for number, file in enumerate(mine, start=1)]
    found += _of_attempts(job)
    return {
        str(file.public_id): (label, file)
        for label, file in found
        if file.is_stored and file.kind == shown.kind and file.pk != shown.pk
    }


def _of_attempts(job: Generation) -> list[tuple[str, StoredFile]]:
    family = {row.reference: row for row in lineage(job)}
    return [
        (_attempt_words(job, family[file.source], file.position + 1), file)
        for file in (library.files_for(family) if family else [])
    ]


def _attempt_words(job: Generation, other: Generation, number: int) -> str:
    words = (
        _("Earlier attempt, result %(number)d")
        if other.pk < job.pk
        else _("Later attempt, result %(number)d")
    )
    return words % {"number": number}


def _result_words(number: int) -> str:
    return _("Result %(number)d") % {"number": number}


def _steps(address: str, mine: list[StoredFile], wanted: Wanted) -> list[Choice]:
    return [
        Choice(
            _result_words(number),
            f"{address}?{_without(wanted, file, number).query}",
            number == wanted.number,
            file,
        )
        for number, file in enumerate(mine, start=1)
    ]


def _without(wanted: Wanted, file: StoredFile, number: int) -> Wanted:
    """A step to what is shown beside would compare it with itself."""
    beside = "" if wanted.beside == str(file.public_id) else wanted.beside
    return replace(wanted, number=number, beside=beside)


def zooms(link: Callable[[str], str], chosen: str) -> list[Choice]:
    """How large; `link` makes an address of one of ZOOMS."""
    words = {FIT: _("Fit"), FULL: "100 %", DOUBLE: "200 %"}
    return [Choice(said, link(zoom), zoom == chosen, None, zoom) for zoom, said in words.items()]


def modes(link: Callable[[str], str], chosen: str) -> list[Choice]:
    """How to compare; `link` makes an address of SIDE or WIPE."""
    words = {SIDE: _("Side by side"), WIPE: _("Wipe")}
    return [Choice(said, link(mode), mode == chosen, None, mode) for mode, said in words.items()]


def _choices(
    address: str, partners: dict[str, tuple[str, StoredFile]], wanted: Wanted
) -> list[Choice]:
    return [
        Choice(
            label, f"{address}?{replace(wanted, beside=key).query}", key == wanted.beside, file, key
        )
        for key, (label, file) in partners.items()
    ]
