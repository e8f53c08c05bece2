"""Writes down that packed bytes are no longer what they were, found while they were sent."""

from django.db import close_old_connections, transaction

from rivya_app.handoff import history
from rivya_app.handoff.models import Package


def note(*, package_id: int, name: str) -> None:
    """Called from whatever thread sends; its connection goes back to the pool."""
    try:
        with transaction.atomic(durable=True):
            history.note(Package.objects.get(pk=package_id), history.CHANGED_BYTES, name=name)
    finally:
        close_old_connections()
