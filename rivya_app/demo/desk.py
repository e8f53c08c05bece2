"""What support did at the desk in the demo: a note, and one failure that was dealt with."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from rivya_app.core import clock
from rivya_app.desk import actions, listing, sources
from rivya_app.desk.listing import Filters
from rivya_app.workspaces.models import Membership

NOTE = "Same failure as on the other drafts of that day. A new attempt came through."


def play(support: Membership) -> None:
    """The oldest failed job has a note and is handled; played again, nothing is added."""
    failed = sources.by_kind("failed")
    oldest = listing.find(support, failed, Filters(sort="oldest", handled="all")).first()
    if oldest is None:
        return
    with clock.at(min(oldest.finished_at + timedelta(hours=3), clock.now())):
        token = uuid5(NAMESPACE_URL, "demo:desk-note")
        actions.write_note(member=support, public_id=oldest.public_id, text=NOTE, token=token)
        actions.mark_handled(member=support, kind=failed.kind, reference=oldest.ref)
