"""What goes on by itself with keys, the model list and the webhook inbox."""

import logging

from celery import shared_task

from rivya_app.gateway import (
    actions,
    catalogue,
    endpoints,
    inbox,
    remote_webhooks,
    rotation,
    telling,
    webhooks,
)
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


@shared_task(name="gateway.drain_inbox", soft_time_limit=120, time_limit=150)
def drain_inbox() -> None:
    """What the receiver's bell asks for."""
    inbox.drain()


@shared_task(name="gateway.sweep_inbox", soft_time_limit=120, time_limit=150)
def sweep_inbox() -> None:
    """Events whose bell was lost, or that wait for something; and what was refused meanwhile."""
    webhooks.count_refusals()
    inbox.drain()


@shared_task(name="gateway.clean_inbox", soft_time_limit=240, time_limit=300)
def clean_inbox() -> None:
    """Forget what was settled long ago, and secrets whose time is over."""
    inbox.forget_old()
    endpoints.forget_old_secrets()


@shared_task(name="gateway.check_endpoints", soft_time_limit=120, time_limit=150)
def check_endpoints() -> None:
    """Ask Rivya whether it still knows our endpoints and sends to them."""
    remote_webhooks.check_all()


@shared_task(name="gateway.forget_replaced_keys", soft_time_limit=60, time_limit=90)
def forget_replaced_keys() -> None:
    """Wipe replaced secrets whose last job has ended."""
    rotation.forget_replaced()


@shared_task(name="gateway.tell_of_ending_keys", soft_time_limit=60, time_limit=90)
def tell_of_ending_keys() -> None:
    """Tell owners of keys that end soon, at each of a few distances once."""
    telling.keys_ending()


@shared_task(name="gateway.recheck_refused_keys", soft_time_limit=60, time_limit=90)
def recheck_refused_keys() -> None:
    """Let work go on by itself where Rivya takes a key again."""
    actions.recheck_refused()
