"""Copying results, one file a task. Ids in, one call, done."""

from celery import shared_task

from rivya_app.library import jobs


@shared_task(name="library.copy_file", soft_time_limit=280, time_limit=300)
def copy_file(*, file_id: int) -> None:
    jobs.copy(file_id)


@shared_task(name="library.sweep_copies", soft_time_limit=20, time_limit=30)
def sweep_copies() -> None:
    jobs.sweep_copies()
