"""Scheduled reading of Rivya's model list."""

import logging

from celery import shared_task

from rivya_app.gateway import catalogue
from rivya_app.rivya_api import errors

logger = logging.getLogger(__name__)


@shared_task(name="gateway.refresh_catalogue", soft_time_limit=90, time_limit=120)
def refresh_catalogue() -> None:
    """Bring the list up to date; while Rivya cannot be reached, the old one stays in use."""
    try:
        changes = catalogue.refresh()
    except errors.RivyaError as error:
        logger.warning("model list not refreshed: %s", error)
        return
    if changes:
        logger.info(
            "model list: %d new, %d changed, %d gone, %d back",
            len(changes.added),
            len(changes.changed),
            len(changes.gone),
            len(changes.returned),
        )
