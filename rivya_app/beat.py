"""What beat publishes, and when. Each looks for rows whose time has come (docs/operations.md)."""

from datetime import timedelta
from typing import Any


def _every(task: str, *, expires: float, **period: float) -> dict[str, Any]:
    """Dropped where no worker begins it within `expires` seconds: the next one looks as well."""
    return {"task": task, "schedule": timedelta(**period), "options": {"expires": expires}}


SCHEDULE = {
    "sweep open jobs": _every("generations.sweep", seconds=1, expires=5),
    "look after answers": _every("chat.sweep", seconds=2, expires=5),
    "start ordered videos": _every("reviews.sweep", seconds=2, expires=10),
    "look at webhooks that wait": _every("gateway.sweep_inbox", seconds=3, expires=10),
    "copy results that wait": _every("library.sweep_copies", seconds=5, expires=20),
    "send references that wait": _every("library.sweep_references", seconds=5, expires=20),
    "send events that wait": _every("handoff.sweep_events", seconds=5, expires=20),
    "bring answers to what waits for them": _every("credits.carry_out_asks", seconds=5, expires=20),
    "build packages that wait": _every("handoff.sweep_packages", seconds=10, expires=20),
    "start briefs that wait": _every("briefs.sweep_waiting", seconds=10, expires=20),
    "send letters that wait": _every("core.send_letters", seconds=10, expires=8),
    "make posters and waveforms that wait": _every(
        "library.sweep_derivatives", seconds=15, expires=30
    ),
    "mail what members are told": _every("notices.mail", seconds=15, expires=12),
    "wipe replaced keys": _every("gateway.forget_replaced_keys", minutes=1, expires=50),
    "ask about refused keys again": _every("gateway.recheck_refused_keys", minutes=2, expires=100),
    "read the wallets": _every("credits.read_wallets", minutes=10, expires=500),
    "refresh the model list": _every("gateway.refresh_catalogue", minutes=15, expires=600),
    "ask Rivya about our endpoints": _every("gateway.check_endpoints", minutes=15, expires=600),
    "clean the library": _every("library.clean", hours=1, expires=1800),
    "clean the webhook inbox": _every("gateway.clean_inbox", hours=1, expires=1800),
    "clear bytes without a row": _every("library.clear_abandoned", hours=6, expires=3600),
    "tell of keys that end": _every("gateway.tell_of_ending_keys", hours=6, expires=3600),
    "forget old letters": _every("core.forget_letters", hours=6, expires=3600),
    "forget old notices": _every("notices.forget", hours=6, expires=3600),
}
