"""Ids in, one call, done."""

from celery import shared_task

from rivya_app.handoff import outgoing


@shared_task(name="handoff.deliver", soft_time_limit=40, time_limit=50)
def deliver(*, event_id: int) -> None:
    outgoing.deliver(event_id)


@shared_task(name="handoff.sweep_events", soft_time_limit=20, time_limit=30)
def sweep_events() -> None:
    outgoing.sweep()
