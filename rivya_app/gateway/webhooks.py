"""Which endpoints can be relied on to announce the end of jobs; the only writer of their health.

An endpoint is healthy after an event that held, until polling finds ends that it did not tell,
or its signatures stop holding. The next good event makes it healthy again.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from rivya_app.core import clock
from rivya_app.gateway import doorstep, telling
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import WebhookEndpoint, WebhookRefusal

# The two that end a job (docs/api-webhooks). Who relies on events must hear both.
JOB_EVENTS = ("generation.succeeded", "generation.failed")
MISSED_BEFORE_QUIET = 3
REFUSED_BEFORE_TROUBLE = 5

State, Trouble = WebhookEndpoint.State, WebhookEndpoint.Trouble


def announced_key_ids() -> set[int]:
    """The keys whose jobs a healthy endpoint announces: those of its workspace and environment."""
    announcing = _listening().filter(trouble="", verified_at__isnull=False)
    theirs = announcing.filter(
        workspace=OuterRef("workspace"), api_key__environment=OuterRef("environment")
    )
    return set(ApiKey.objects.filter(Exists(theirs)).values_list("pk", flat=True))


def note_missed(api_key_id: int) -> None:
    """Polling found an end of which an endpoint should have told. After a few in a row, with no
    good event between them, the endpoint is in trouble and its owners are told."""
    key = ApiKey.objects.filter(pk=api_key_id)
    theirs = _listening().filter(
        verified_at__isnull=False,
        workspace__in=key.values("workspace"),
        api_key__environment__in=key.values("environment"),
    )
    with transaction.atomic():
        for endpoint in theirs.select_for_update(of=("self",)):
            endpoint.missed_count += 1
            endpoint.missed_total += 1
            endpoint.save(update_fields=["missed_count", "missed_total"])
            if endpoint.missed_count >= MISSED_BEFORE_QUIET:
                _note_trouble(endpoint, Trouble.QUIET)


def note_refused(endpoint_id: int, count: int) -> None:
    """So many posts did not prove that they came from Rivya."""
    with transaction.atomic():
        rows = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id)
        endpoint = rows.filter(state=State.ACTIVE).first()
        if endpoint is None:
            return
        endpoint.refused_count += count
        endpoint.save(update_fields=["refused_count"])
        if endpoint.refused_count >= REFUSED_BEFORE_TROUBLE:
            _note_trouble(endpoint, Trouble.REFUSED)


def count_refusals() -> None:
    """Write down what the receiver refused since the last time."""
    for refused in doorstep.take_refusals():
        known = WebhookEndpoint.objects.filter(pk=refused.endpoint_id)
        if not known.exists():
            continue
        with transaction.atomic():
            row, _is_new = WebhookRefusal.objects.select_for_update().get_or_create(
                endpoint_id=refused.endpoint_id,
                reason=refused.reason,
                defaults={"last_at": clock.now()},
            )
            row.count += refused.count
            row.header_names, row.last_at = list(refused.header_names), clock.now()
            row.save()
        note_refused(refused.endpoint_id, refused.count)


def note_remote(endpoint_id: int, trouble: str) -> None:
    """What Rivya's own list says of an endpoint in use: `disabled`, `gone`, or "" for well."""
    with transaction.atomic():
        rows = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id)
        endpoint = rows.filter(state=State.ACTIVE).first()
        if endpoint is None:
            return
        if trouble:
            _note_trouble(endpoint, Trouble(trouble))
        elif endpoint.trouble in (Trouble.DISABLED, Trouble.GONE):
            rows.update(trouble="", trouble_at=None)


def note_heard(endpoint_ids: Iterable[int]) -> None:
    """Good events came to these endpoints: whatever was wrong with those in use is over."""
    now = clock.now()
    heard = WebhookEndpoint.objects.filter(pk__in=set(endpoint_ids), state=State.ACTIVE)
    heard.update(
        verified_at=Coalesce(F("verified_at"), now),
        last_event_at=now,
        missed_count=0,
        refused_count=0,
        trouble="",
        trouble_at=None,
    )


def _listening() -> QuerySet[WebhookEndpoint]:
    """Endpoints in use that are told of both ends and can check who tells them."""
    active = WebhookEndpoint.objects.filter(
        state=State.ACTIVE, event_types__contains=list(JOB_EVENTS)
    )
    return active.exclude(secret="")


def _note_trouble(endpoint: WebhookEndpoint, trouble: str) -> None:
    if endpoint.trouble:
        return
    endpoint.trouble, endpoint.trouble_at = trouble, clock.now()
    endpoint.save(update_fields=["trouble", "trouble_at"])
    telling.webhook_trouble(endpoint)
