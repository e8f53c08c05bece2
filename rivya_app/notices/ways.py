"""Which kind goes where: what each role has to begin with, and what a member chose instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from rivya_app.notices.models import Mail, Notice, NoticeChoice, Postbox
from rivya_app.workspaces.access import MAY_SUBMIT
from rivya_app.workspaces.models import Membership, Role

Kind = Notice.Kind


@dataclass(frozen=True)
class Choice:
    """Where one kind goes. In the app it is always kept."""

    mail: str
    browser: bool


@dataclass(frozen=True)
class Way:
    """A kind, who may be told of it, and where it goes until they choose. `first` names roles for
    whom it is urgent though it is not for the others."""

    kind: str
    mail: str
    browser: bool = False
    roles: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    def is_for(self, member: Membership) -> bool:
        return not self.roles or member.has_role(*self.roles)

    def default(self, member: Membership) -> Choice:
        if self.first and member.has_role(*self.first):
            return Choice(Mail.NOW, browser=True)
        return Choice(self.mail, self.browser)


@dataclass(frozen=True)
class Group:
    """Kinds that stand together in the table."""

    title: Any
    ways: tuple[Way, ...]


_OWNER = (Role.OWNER,)
_DESK = (Role.OWNER, Role.SUPPORT)
_MAKERS = (Role.SELLER, Role.MANAGER, Role.OWNER)
_DECIDERS = (Role.MANAGER, Role.OWNER)
NOW, DIGEST, NONE = Mail.NOW, Mail.DIGEST, Mail.NONE

# By e-mail at once: somebody waits for this person, or work stands still until they act. Once a
# day: worth knowing, and nothing waits. In the app alone: what one sees on the page of the thing.
GROUPS = (
    Group(
        _("Your work"),
        (
            Way(Kind.RESULT_READY, NONE, browser=True),
            Way(Kind.JOB_FAILED, DIGEST),
            Way(Kind.NEEDS_LOOK, DIGEST, first=_DESK),
            Way(Kind.DECIDED, DIGEST, roles=MAY_SUBMIT),
            Way(Kind.PACKAGE_READY, NONE, roles=_MAKERS),
            Way(Kind.PACKAGE_BROKEN, DIGEST, roles=_MAKERS),
            Way(Kind.HANDED_ON, NOW),
            Way(Kind.ANSWER_READY, NONE, browser=True, roles=MAY_SUBMIT),
            Way(Kind.ANSWER_FAILED, DIGEST, roles=MAY_SUBMIT),
        ),
    ),
    Group(
        _("Decisions"),
        (
            Way(Kind.REVIEW_ASKED, NOW, browser=True, roles=_DECIDERS),
            Way(Kind.VIDEO_WAITS, NOW, browser=True, roles=_DECIDERS),
            Way(Kind.YES_ASKED, NOW, browser=True, roles=_OWNER),
            Way(Kind.YES_ANSWERED, NOW, browser=True),
        ),
    ),
    Group(
        _("Credits"),
        (
            Way(Kind.LOW_CREDITS, DIGEST, first=_OWNER),
            Way(Kind.LOW_BALANCE, NOW, browser=True, roles=_OWNER),
            Way(Kind.THRESHOLD, NOW),
            Way(Kind.OVER_BUDGET, NOW, roles=_DECIDERS),
            Way(Kind.WALLET_DIFFERENCE, DIGEST, roles=_OWNER),
        ),
    ),
    Group(
        _("Connections"),
        (
            Way(Kind.KEY_TROUBLE, NOW, browser=True, roles=_OWNER),
            Way(Kind.KEY_ENDS, NOW, roles=_OWNER),
            Way(Kind.WEBHOOK_TROUBLE, DIGEST, roles=_OWNER),
            Way(Kind.MODEL_CHANGED, DIGEST, roles=_OWNER),
            Way(Kind.DESTINATION_TROUBLE, NOW, roles=_MAKERS),
        ),
    ),
)
WAYS: Mapping[str, Way] = {way.kind: way for group in GROUPS for way in group.ways}


def of(member: Membership) -> dict[str, Choice]:
    """Where each kind goes for this member, by kind. One query."""
    chosen = {row.kind: row for row in NoticeChoice.objects.filter(member=member)}
    return {
        kind: Choice(chosen[kind].mail, chosen[kind].browser)
        if kind in chosen
        else way.default(member)
        for kind, way in WAYS.items()
    }


def postbox_of(member: Membership) -> Postbox:
    """The member's, or one as if they had never chosen; not saved."""
    return Postbox.objects.filter(member=member).first() or Postbox(member=member)


def keep(member: Membership, choices: Mapping[str, Choice]) -> None:
    """Write what differs from the beginning, so that what was never chosen may change with the
    roles. Inside the caller's transaction."""
    before = {kind: WAYS[kind].default(member) for kind in choices}
    rows = [
        NoticeChoice(member=member, kind=kind, mail=choice.mail, browser=choice.browser)
        for kind, choice in choices.items()
        if choice != before[kind]
    ]
    usual = [kind for kind in choices if choices[kind] == before[kind]]
    NoticeChoice.objects.filter(member=member, kind__in=usual).delete()
    NoticeChoice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["member", "kind"],
        update_fields=["mail", "browser"],
    )


def groups_for(member: Membership, kinds: Iterable[str] = ()) -> list[Group]:
    """The table as this member needs it: kinds of their roles, and those of `kinds`, which they
    were told of before."""
    also = set(kinds)
    found = [
        Group(group.title, tuple(w for w in group.ways if w.is_for(member) or w.kind in also))
        for group in GROUPS
    ]
    return [group for group in found if group.ways]
