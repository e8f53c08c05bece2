"""Turns as the credit pages name them. A private question is not shown there: its number is."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.chat.models import Status, Turn
from rivya_app.chat.paths import path_of_turn
from rivya_app.credits.subjects import Subject, ids_of, newest_ended
from rivya_app.workspaces.models import Workspace

# As the components know them (components/_state.html).
SHOWN = {
    Status.WAITING: "queued",
    Status.PENDING: "queued",
    Status.STREAMING: "processing",
    Status.ANSWERED: "succeeded",
    Status.STOPPED: "succeeded",
    Status.INTERRUPTED: "failed",
    Status.FAILED: "failed",
}


def state_of(turn: Turn) -> str:
    """Its state as the components name it."""
    return SHOWN[Status(turn.status)]


def describe(references: Sequence[str]) -> dict[str, Subject]:
    """Each turn's page and state, by its reference; one query."""
    rows = Turn.objects.filter(public_id__in=ids_of(references)).select_related("conversation")
    found = rows.only(
        "public_id",
        "number",
        "status",
        "conversation__public_id",
        "conversation__title",
        "conversation__is_shared",
    )
    return {turn.reference: _subject(turn) for turn in found}


def kept(workspace: Workspace, after: str, count: int) -> list[str]:
    """Failed or broken turns for which Rivya kept credits, the newest first."""
    rows = Turn.objects.filter(
        workspace=workspace,
        status__in=[Status.FAILED, Status.INTERRUPTED],
        final_credits__gt=0,
    )
    return [turn.reference for turn in newest_ended(rows, after, count)]


def _subject(turn: Turn) -> Subject:
    """A private one leads whoever looks after the credits to the desk, and its asker to it."""
    conversation, status = turn.conversation, Status(turn.status)
    title, url = _titled(conversation.title, turn), path_of_turn(turn)
    how = {"kind": _("Assistant"), "state": state_of(turn), "state_words": str(status.label)}
    if conversation.is_shared:
        return Subject(title, url, **how)
    private = _titled(_("A private conversation"), turn)
    desk = reverse("desk:show-turn", args=[turn.public_id])
    return Subject(private, desk, **how, own_title=title, own_url=url)


def _titled(title: str, turn: Turn) -> str:
    return _("%(title)s, question %(number)d") % {"title": title, "number": turn.number}
