"""Open streams end with the membership, and may open again with it."""

from functools import partial

from django.db import transaction

from rivya_app.chat import feed
from rivya_app.workspaces.leaving import Departure
from rivya_app.workspaces.models import Membership


def close_streams(departure: Departure) -> None:
    """Inside the transaction in which somebody leaves; takes effect with it."""
    close = partial(feed.close_streams_of, departure.leaver.pk)
    transaction.on_commit(close, robust=True)


def open_streams(member: Membership) -> None:
    """Inside the transaction in which somebody is back."""
    transaction.on_commit(partial(feed.open_streams_of, member.pk), robust=True)
