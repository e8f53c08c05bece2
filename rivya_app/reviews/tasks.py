"""Ids in, one call, done."""

from celery import shared_task

from rivya_app.reviews import concepts


@shared_task(name="reviews.sweep", soft_time_limit=60, time_limit=90)
def sweep_concepts() -> None:
    concepts.sweep()
