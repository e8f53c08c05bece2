"""When a member was last here, written at most once in a while."""

from datetime import timedelta

from rivya_app.core import clock
from rivya_app.workspaces.models import Membership

EVERY = timedelta(minutes=15)


def note_seen(member: Membership) -> None:
    """One small write in EVERY; all other requests cost nothing."""
    now = clock.now()
    if member.seen_at is None or now - member.seen_at > EVERY:
        Membership.objects.filter(pk=member.pk).update(seen_at=now)
        member.seen_at = now
