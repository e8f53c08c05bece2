"""Ids in, one call, done."""

from celery import shared_task

from rivya_app.briefs import waiting


@shared_task(name="briefs.sweep_waiting", soft_time_limit=60, time_limit=90)
def sweep_waiting() -> None:
    waiting.sweep()
