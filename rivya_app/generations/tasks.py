"""Ids in, one call, done."""

from celery import shared_task

from rivya_app.generations import jobs, sweep


@shared_task(name="generations.submit", soft_time_limit=120, time_limit=150)
def submit_generation(*, generation_id: str) -> None:
    jobs.submit(generation_id)


@shared_task(name="generations.sweep", soft_time_limit=90, time_limit=120)
def sweep_jobs() -> None:
    sweep.sweep()
