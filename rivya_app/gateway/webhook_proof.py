"""Has Rivya send its test event, and sees by which signature form it proves itself here."""

import time
from collections.abc import Callable

from rivya_app.core import clock
from rivya_app.gateway import access, inbox
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.doctor import Finding
from rivya_app.rivya_api.findings import agrees, cannot_tell, differs

WAIT = 20.0  # seconds for a test event to come in
_AREA, _NAME = "webhook", "test event"


def prove(key: ApiKey, *, sleep: Callable[[float], None] = time.sleep) -> Finding:
    """What became of a test event to the newest endpoint in use of the key's account."""
    rows = WebhookEndpoint.objects.filter(
        workspace=key.workspace_id,
        api_key__environment=key.environment,
        state=WebhookEndpoint.State.ACTIVE,
    )
    endpoint = rows.order_by("-id").first()
    if endpoint is None:
        return cannot_tell(_AREA, _NAME, "no endpoint in use; make one on the webhooks page")
    began = clock.now()
    try:
        with client_for(access.acting_key(key)) as rivya:
            delivery = rivya.webhooks.test(endpoint.remote_id)
    except errors.RivyaError as error:
        return differs(_AREA, _NAME, str(error))
    came = InboxEvent.objects.filter(endpoint=endpoint, received_at__gte=began)
    if delivery.event_id:
        came = came.filter(event_id=delivery.event_id)
    return _wait_for(lambda: came.order_by("-id").first(), sleep)


def _wait_for(look: Callable[[], InboxEvent | None], sleep: Callable[[float], None]) -> Finding:
    for _turn in range(int(WAIT * 2)):
        if event := look():
            inbox.drain()
            form = event.get_form_display()
            return agrees(_AREA, _NAME, f"verified as {form}, type {event.event_type!r}")
        sleep(0.5)
    return differs(_AREA, _NAME, "nothing that could be verified came in; see the refusals")
