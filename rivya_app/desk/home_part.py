"""What of the desk stands on the first page of those who work at it, and beside its name."""

from rivya_app.briefs.home import Part
from rivya_app.core.context import MOST_COUNTED
from rivya_app.core.text import up_to_words
from rivya_app.desk import access, listing, pages
from rivya_app.desk.job_sources import asking
from rivya_app.desk.listing import Filters
from rivya_app.workspaces.models import Membership, Role


def part(member: Membership, role: Role) -> Part | None:
    """How much stands in each list; for an owner only where something does."""
    if role not in access.AT_THE_DESK:
        return None
    counts = pages.open_counts(member)
    lists = [
        {
            "source": source,
            "count": up_to_words(count, listing.MOST_COUNTED),
            "query": Filters(kind=source.kind).query,
        }
        for source, count in counts
        if count
    ]
    if role == Role.OWNER and not lists:
        return None
    return Part("desk/_home.html", {"lists": lists})


def stuck_count(member: Membership) -> int:
    """Jobs that ask for a look; one query of a partial index."""
    return asking(member)[: MOST_COUNTED + 1].count()
