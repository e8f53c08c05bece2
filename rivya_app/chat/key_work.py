"""What turns have to do with keys, for the gateway: who needs a secret, who waits for one."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.chat.models import CLOSED_STATUSES, Status, Turn
from rivya_app.core import clock
from rivya_app.gateway.key_links import Links, Use
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Membership


def needing(key_ids: Collection[int]) -> set[int]:
    """Keys with turns under way, or whose cost is not known yet."""
    theirs = Turn.objects.filter(api_key__in=key_ids)
    begun = theirs.filter(
        Q(status=Status.STREAMING) | Q(status__in=CLOSED_STATUSES, settled_at=None)
    )
    return set(begun.values_list("api_key", flat=True).distinct())


def wake(key_ids: Collection[int]) -> int:
    """Turns that wait for one of these keys are due now. Returns how many."""
    waiting = Turn.objects.filter(
        Q(error_code__startswith="api_") | Q(error_code="no_key"),
        api_key__in=key_ids,
        status=Status.PENDING,
    )
    return waiting.update(next_check_at=clock.now())


def uses_of(member: Membership, key: ApiKey) -> list[Use]:
    """How many questions are being answered with a key; whose they are stays private."""
    count = Turn.objects.filter(
        workspace=member.workspace_id, api_key=key, status=Status.STREAMING
    ).count()
    if not count:
        return []
    words = ngettext("%(count)d answer is written", "%(count)d answers are written", count)
    return [Use(_("The assistant"), words % {"count": count})]


LINKS = Links(needing=needing, waking=wake, telling=uses_of)
