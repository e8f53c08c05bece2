"""How a refusal or a failure is explained: the shape of its words, the card made of them, and the
next steps that depend on the reader alone. The words themselves stand in the rooms they concern."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rivya_app.core.buttons import Action
from rivya_app.gateway.rivya_pages import TOP_UP, rivya_page
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Membership, Role

Text = str | Promise

ERRORS_PAGE = "/docs/api-errors-and-limits"
KEYS_PAGE = "/docs/api-authentication"
MODELS_PAGE = "/docs/api-models"
UPLOADS_PAGE = "/docs/safe-upload-guidelines"
WAITING_PAGE = "/docs/generation-queue-and-waiting"
FAILED_PAGE = "/docs/failed-tasks-and-refunds"
CREDITS_PAGE = "/docs/api-credits"
TROUBLE_PAGE = "/docs/troubleshooting"


class Step(StrEnum):
    """What a person can do next, beside the buttons every job has. The first two are about one job,
    the others about the team."""

    MODEL = "model"
    FILE = "file"
    TOP_UP = "top_up"
    KEYS = "keys"
    MODELS = "models"


OWNERS_STEPS = frozenset({Step.TOP_UP, Step.KEYS})
STEP_WORDS: dict[Step, Promise] = {
    Step.MODEL: gettext_lazy("Choose another model"),
    Step.FILE: gettext_lazy("Use another file"),
    Step.TOP_UP: gettext_lazy("Add credits on Rivya"),
    Step.KEYS: gettext_lazy("Look at the keys"),
    Step.MODELS: gettext_lazy("See the models"),
}


@dataclass(frozen=True, slots=True)
class FailureWords:
    """What a person reads. `page` is the path of Rivya's own page about it.

    `is_waiting`: nobody has to do anything about the job itself; it goes on by itself or after
    somebody's yes. `asks_owner`: only the account owner can put it right.
    """

    title: Text
    happened: Text
    change: Text
    page: str = ERRORS_PAGE
    steps: tuple[Step, ...] = ()
    is_waiting: bool = False
    asks_owner: bool = False

    @property
    def said(self) -> str:
        """What happened and what to change, under a title or beside a file."""
        return f"{self.happened} {self.change}"

    @property
    def in_short(self) -> str:
        """The title and what to change, for a message or beside a field."""
        return _("%(title)s. %(change)s") % {"title": self.title, "change": self.change}

    @property
    def rivya_url(self) -> str:
        """Rivya's own page about it, in the reader's language."""
        return rivya_page(self.page)


@dataclass(frozen=True, slots=True)
class FailureCard:
    """What happened, what it cost as a fact, what to change, and the buttons for it."""

    title: str
    happened: str
    change: str
    rivya_url: str
    tone: str  # failed, waiting, warning or low_credits
    cost: str = ""
    who: str = ""  # the names of those who can put it right, where the reader cannot
    steps: list[Action] = field(default_factory=list)
    bundle: str = ""  # text to hand to support
    bundle_id: str = ""  # of the element that holds it on the page

    @property
    def rivya_label(self) -> str:
        return _("Rivya's page about this")


class Reader:
    """Who reads a page, with the names of the owners, asked for once and only where needed."""

    def __init__(self, member: Membership) -> None:
        self.member = member

    @cached_property
    def owner_names(self) -> list[str]:
        return [str(owner) for owner in owners_of(self.member.workspace)]

    @property
    def is_owner(self) -> bool:
        return self.member.has_role(Role.OWNER)


def refusal_card(words: FailureWords, reader: Reader) -> FailureCard:
    """The card of a refusal at the door: nothing was started, so nothing was spent."""
    return FailureCard(
        title=str(words.title),
        happened=str(words.happened),
        change=str(words.change),
        rivya_url=words.rivya_url,
        tone="waiting" if words.is_waiting else "failed",
        cost=_("Nothing was sent to Rivya. No credits were taken."),
        who=who_can(words, reader),
        steps=team_steps(words.steps, reader),
    )


def who_can(words: FailureWords, reader: Reader | None) -> str:
    """A sentence that names the owners, for everybody else."""
    if not words.asks_owner or reader is None or reader.is_owner or not reader.owner_names:
        return ""
    names = get_text_list(reader.owner_names, _("or"))
    sentence = ngettext(
        "%(names)s can put this right.",
        "Any of these people can put this right: %(names)s.",
        len(reader.owner_names),
    )
    return sentence % {"names": names}


def team_steps(steps: Iterable[Step], reader: Reader | None) -> list[Action]:
    """The buttons that need no job. Those of the owner are shown to owners only."""
    may_all = reader is not None and reader.is_owner
    return [
        Action(str(STEP_WORDS[step]), _TEAM_URLS[step]())
        for step in steps
        if step in _TEAM_URLS and (may_all or step not in OWNERS_STEPS)
    ]


_TEAM_URLS = {
    Step.TOP_UP: lambda: rivya_page(TOP_UP),
    Step.KEYS: lambda: reverse("gateway:keys"),
    Step.MODELS: lambda: reverse("models:index"),
}
