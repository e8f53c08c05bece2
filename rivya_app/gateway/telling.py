"""What the owners are told about a key or a webhook endpoint."""

from django.urls import reverse

from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces import access as workspaces


def key_refused(api_key: ApiKey) -> None:
    """Tell each owner once that Rivya does not take this key. Inside the caller's transaction."""
    checked = api_key.checked_at or api_key.created_at
    notices.tell(
        workspaces.owners_of(api_key.workspace),
        kind=Notice.Kind.KEY_TROUBLE,
        facts={"purpose": api_key.purpose, "code": api_key.last_error_code},
        link=reverse("gateway:keys"),
        event_key=f"key-refused:{api_key.public_id}:{checked.timestamp():.0f}",
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
