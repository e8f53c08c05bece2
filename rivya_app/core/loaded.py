"""Code, models and routes stay for as long as the process. Looking through them for waste takes a
tenth of a second, every few seconds under load, in which no page and no live word goes out.
"""

import gc

from django.urls import get_resolver


def keep_for_good() -> None:
    """Call it once everything is loaded: what is here now is not looked through again."""
    _load_every_route()
    gc.collect()
    gc.freeze()


def _load_every_route() -> None:
    """Else the first request does, behind all this."""
    assert get_resolver().url_patterns  # noqa: S101  reading them is what loads them
