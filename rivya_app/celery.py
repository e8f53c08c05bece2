"""The Celery application. Tasks live in each app's `tasks.py` and carry ids only."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rivya_app.settings")

app = Celery("rivya_app")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_kwargs: object) -> None:
    """Keep Celery from installing handlers without the redaction filter."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)


@worker_ready.connect
def keep_what_is_loaded(**_kwargs: object) -> None:
    """Words of open answers wait while the process looks for waste."""
    from rivya_app.core import loaded

    loaded.keep_for_good()
