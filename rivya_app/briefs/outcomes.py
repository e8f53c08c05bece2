"""What became of answers of the assistant: briefs, and new attempts at drafts."""

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs.models import Brief, Draft
from rivya_app.chat.models import Turn
from rivya_app.chat.outcomes import Outcome


def briefs_of(turns: Sequence[Turn]) -> dict[int, list[Outcome]]:
    """By the turn's row key, oldest first. A brief is every member's of the workspace to read, and
    a turn's readers are members of the same one."""
    rows = Brief.objects.filter(from_turn__in=[turn.pk for turn in turns]).order_by("id")
    found: dict[int, list[Outcome]] = defaultdict(list)
    for key, public_id, product in rows.values_list("from_turn_id", "public_id", "product"):
        url = reverse("briefs:show-brief", args=[public_id])
        found[key].append(Outcome(_("Became a brief"), product, url))
    return dict(found)


def attempts_of(turns: Sequence[Turn]) -> dict[int, list[Outcome]]:
    """The same for attempts whose text began with an answer."""
    rows = Draft.objects.filter(from_turn__in=[turn.pk for turn in turns]).order_by("id")
    found: dict[int, list[Outcome]] = defaultdict(list)
    wanted = ("from_turn_id", "generation__public_id", "brief__product")
    for key, public_id, product in rows.values_list(*wanted):
        url = reverse("generations:show-job", args=[public_id])
        found[key].append(Outcome(_("Used for a new attempt"), product, url))
    return dict(found)
