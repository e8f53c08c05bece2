"""What the owners are told about a key, a webhook endpoint or a model."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.gateway.models import ApiKey, CatalogueChange
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces import access as workspaces
from rivya_app.workspaces.models import Workspace

TOLD_BEFORE = (14, 3, 1)  # days before a key ends
LONGEST_LINK = 300  # characters a notice holds; an id of Rivya's may be longer once it is quoted


def key_refused(api_key: ApiKey) -> None:
    """Tell each owner once that Rivya does not take this key. Inside the caller's transaction."""
    checked = api_key.checked_at or api_key.created_at
    notices.tell(
        workspaces.owners_of(api_key.workspace),
        kind=Notice.Kind.KEY_TROUBLE,
        facts={"purpose": api_key.purpose, "code": api_key.last_error_code},
        link=reverse("gateway:show-key", args=[api_key.public_id]),
        event_key=f"key-refused:{api_key.public_id}:{checked.timestamp():.0f}",
    )


def keys_ending() -> None:
    """Tell owners of keys in use that end soon: two weeks, three days and one day before, once."""
    today = clock.now().date()
    ending = ApiKey.objects.filter(
        state=ApiKey.State.ACTIVE, expires_on__lte=today + timedelta(days=max(TOLD_BEFORE))
    )
    for key in ending.select_related("workspace"):
        left = (key.expires_on - today).days if key.expires_on else 0
        nearest = min((days for days in TOLD_BEFORE if left <= days), default=max(TOLD_BEFORE))
        with transaction.atomic(durable=True):
            notices.tell(
                workspaces.owners_of(key.workspace),
                kind=Notice.Kind.KEY_ENDS,
                facts={"purpose": key.purpose, "day": f"{key.expires_on}"},
                link=reverse("gateway:show-key", args=[key.public_id]),
                event_key=f"key-ends:{key.public_id}:{key.expires_on}:{nearest}",
            )


def webhook_trouble(endpoint: WebhookEndpoint) -> None:
    """Tell each owner, at most once a day, that this endpoint cannot be relied on."""
    since = endpoint.trouble_at or endpoint.created_at
    notices.tell(
        workspaces.owners_of(endpoint.workspace),
        kind=Notice.Kind.WEBHOOK_TROUBLE,
        facts={"name": endpoint.name, "trouble": endpoint.trouble},
        link=reverse("webhooks:index"),
        event_key=f"webhook-trouble:{endpoint.public_id}:{endpoint.trouble}:{since:%Y%m%d}",
    )


def model_changed(workspace: Workspace, change: CatalogueChange) -> None:
    """Tell each owner once that a model their workflows name is not what it was."""
    page = reverse("models:show-model", args=[change.model_id])
    notices.tell(
        workspaces.owners_of(workspace),
        kind=Notice.Kind.MODEL_CHANGED,
        facts={
            "model": change.display_name,
            "change": change.kind,
            "before": change.before.partition(" ")[0],
            "after": change.after.partition(" ")[0],
        },
        link=page if len(page) <= LONGEST_LINK else reverse("models:index"),
        event_key=f"model-changed:{change.pk}",
    )
