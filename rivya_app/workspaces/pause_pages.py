"""What the pages of the pause show. Reads only."""

from typing import Any

from django.core.paginator import Paginator

from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Membership
from rivya_app.workspaces.pause_forms import PauseForm

PAGE_SIZE = 25


def index_page(
    member: Membership, page_number: str | None, form: PauseForm | None = None
) -> dict[str, Any]:
    """Whether this workspace is paused, and every pause it had."""
    return {
        "current": pauses.pause_of(member.workspace),
        "own": pauses.history(member.workspace)
        .filter(workspace=member.workspace, ended_at=None)
        .first(),
        "page": Paginator(pauses.history(member.workspace), PAGE_SIZE).get_page(page_number),
        "query": "",
        "form": form or PauseForm(),
        "may_pause": member.has_role(*pauses.MAY_PAUSE),
    }


def everywhere_page(page_number: str | None, form: PauseForm | None = None) -> dict[str, Any]:
    """The same for the whole server."""
    rows = pauses.history(None)
    return {
        "current": rows.filter(ended_at=None).first(),
        "page": Paginator(rows, PAGE_SIZE).get_page(page_number),
        "query": "",
        "form": form or PauseForm(),
        "may_pause": True,
        "is_everywhere": True,
    }
