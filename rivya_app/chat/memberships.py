"""Open streams end with the membership or the account, and may open again with it."""

from functools import partial

from django.db import transaction

from rivya_app.chat import feed, handing_on
from rivya_app.workspaces.leaving import Departure
from rivya_app.workspaces.models import Membership, User


def close_streams(departure: Departure) -> None:
    """Inside the transaction in which somebody leaves; takes effect with it."""
    close = partial(feed.close_streams_of, departure.leaver.pk)
    transaction.on_commit(close, robust=True)


def open_streams(member: Membership) -> None:
    """Inside the transaction in which somebody is back."""
    transaction.on_commit(partial(feed.open_streams_of, member.pk), robust=True)


def follow(user: User) -> None:
    """An account was closed, or opened again; takes effect with the transaction around it. What is
    asked or written for a closed one ends as for somebody who left."""
    keys = list(user.memberships.filter(is_active=True).values_list("pk", flat=True))
    for key in keys:
        change = feed.open_streams_of if user.is_active else feed.close_streams_of
        transaction.on_commit(partial(change, key), robust=True)
    if not user.is_active:
        handing_on.close_turns_of(keys)
