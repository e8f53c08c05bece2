"""What of the assistant stands on each role's first page. Only reads."""

from django.core.paginator import Paginator

from rivya_app.briefs.home import Part
from rivya_app.chat import listing
from rivya_app.chat.access import MAY_CHAT
from rivya_app.chat.listing import Filters
from rivya_app.workspaces.models import Membership, Role

SHOWN = 5
SHOWN_BESIDE = 2  # where other work comes first
LOOKED_AT = 12  # newest conversations of those for whom asking is not the main thing


def part(member: Membership, role: Role) -> Part | None:
    """A researcher's latest conversations; of the others only those that wait or broke off."""
    if role not in MAY_CHAT:
        return None
    is_main = role == Role.RESEARCHER
    newest = listing.find(member, Filters())
    rows = listing.rows_of(Paginator(newest, SHOWN if is_main else LOOKED_AT).get_page(1))
    if not is_main:
        rows = [row for row in rows if row.state][:SHOWN_BESIDE]
        if not rows:
            return None
    shown = {"rows": rows, "is_main": is_main}
    return Part("chat/_home.html", shown, css="css/talks.css" if is_main else "")
