"""What jobs have to do with keys, for the gateway: who needs a secret, who waits for one."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.core import clock
from rivya_app.gateway.key_links import Links, Use
from rivya_app.gateway.models import ApiKey
from rivya_app.generations import access, telling
from rivya_app.generations.models import OPEN_STATUSES, Generation, Status
from rivya_app.workspaces.models import Membership, Workspace

RECENT = timedelta(days=7)  # how long Rivya is taken to know a task; its pages do not say
SHOWN = 5


def needing(key_ids: Collection[int]) -> set[int]:
    """Keys with open jobs that Rivya has, or may have, from them."""
    theirs = Generation.objects.filter(api_key__in=key_ids, status__in=OPEN_STATUSES)
    begun = theirs.filter(~Q(task_id="") | Q(is_uncertain=True) | Q(status=Status.SUBMITTING))
    return set(begun.values_list("api_key", flat=True).distinct())


def wake(key_ids: Collection[int]) -> int:
    """Jobs that wait for one of these keys are due now. Returns how many."""
    waiting = Generation.objects.filter(
        Q(error_code__startswith="api_") | Q(error_code="no_key"),
        api_key__in=key_ids,
        status=Status.QUEUED,
    )
    return waiting.update(next_check_at=clock.now())


def known_task(workspace: Workspace) -> str:
    """The newest task that Rivya took from this workspace a short while ago, or ""."""
    rows = Generation.objects.filter(
        workspace=workspace, created_at__gte=clock.now() - RECENT, submitted_at__isnull=False
    )
    return rows.order_by("-created_at").values_list("task_id", flat=True).first() or ""


def uses_of(member: Membership, key: ApiKey) -> list[Use]:
    """The jobs of a key: how many run, and the newest few."""
    rows = access.jobs(member).filter(api_key=key)
    open_count = rows.filter(status__in=OPEN_STATUSES).count()
    found = []
    if open_count:
        words = ngettext("%(count)d job runs", "%(count)d jobs run", open_count)
        found.append(Use(_("Now"), words % {"count": open_count}))
    newest = rows.order_by("-id")[:SHOWN]
    return found + [
        Use(job.title, str(job.get_status_display()), telling.path_of(job)) for job in newest
    ]


LINKS = Links(needing=needing, waking=wake, knowing=known_task, telling=uses_of)
