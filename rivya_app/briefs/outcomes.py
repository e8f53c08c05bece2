"""What became of answers of the assistant: the briefs that were made of them."""

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs.models import Brief
from rivya_app.chat.models import Turn
from rivya_app.chat.outcomes import Outcome


def of_turns(turns: Sequence[Turn]) -> dict[int, list[Outcome]]:
    """By the turn's row key, oldest first. A brief is every member's of the workspace to read, and
    a turn's readers are members of the same one."""
    rows = Brief.objects.filter(from_turn__in=[turn.pk for turn in turns]).order_by("id")
    found: dict[int, list[Outcome]] = defaultdict(list)
    for key, public_id, product in rows.values_list("from_turn_id", "public_id", "product"):
        url = reverse("briefs:show-brief", args=[public_id])
        found[key].append(Outcome(_("Became a brief"), product, url))
    return dict(found)
