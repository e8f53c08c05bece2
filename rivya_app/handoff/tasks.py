"""Ids in, one call, done."""

from celery import shared_task

from rivya_app.handoff import building, outgoing


# Longer than a run takes (building.RUN_FOR and one cut), shorter than the visibility timeout.
@shared_task(name="handoff.build_package", soft_time_limit=840, time_limit=870)
def build_package(*, package_id: int) -> None:
    building.build(package_id)


@shared_task(name="handoff.sweep_packages", soft_time_limit=20, time_limit=30)
def sweep_packages() -> None:
    building.sweep()


@shared_task(name="handoff.deliver", soft_time_limit=40, time_limit=50)
def deliver(*, event_id: int) -> None:
    outgoing.deliver(event_id)


@shared_task(name="handoff.sweep_events", soft_time_limit=20, time_limit=30)
def sweep_events() -> None:
    outgoing.sweep()
