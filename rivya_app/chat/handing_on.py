"""Questions of somebody who left, or whose account was closed: none is sent any more, and what is
being written is stopped.

Their conversations stay as they are; those they shared go on being read.
"""

from collections.abc import Collection
from functools import partial

from django.db import transaction

from rivya_app.chat import actions, feed, lifecycle
from rivya_app.chat.models import OPEN_STATUSES, Status, Turn
from rivya_app.core import clock
from rivya_app.workspaces.leaving import Departure


def hand_on(departure: Departure) -> None:
    """Close every open turn of who leaves."""
    close_turns_of([departure.leaver.pk])


def close_turns_of(member_keys: Collection[int]) -> None:
    """Close every open turn of these members. Locks turns in one order, and no conversation: who
    asks holds a conversation and waits for the membership, which may be locked here already."""
    rows = Turn.objects.select_for_update(of=("self",)).filter(
        member__in=member_keys, status__in=OPEN_STATUSES
    )
    for turn in rows.select_related("workspace", "conversation", "api_key").order_by("pk"):
        _close(turn)


def _close(turn: Turn) -> None:
    if turn.status != Status.STREAMING:
        actions.withdraw(turn, cause="person")
    elif turn.stop_asked_at is None:
        turn.stop_asked_at = clock.now()
        lifecycle.note(turn, "stop_asked", cause="person")
        transaction.on_commit(partial(feed.ask_to_stop, turn.public_id), robust=True)
