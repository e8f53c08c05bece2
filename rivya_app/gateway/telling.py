"""What the owners are told about a key."""

from django.urls import reverse

from rivya_app.gateway.models import ApiKey
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
