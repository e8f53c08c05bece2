"""Copying results and making what pages show of them. Ids in, one call, done."""

from celery import shared_task

from rivya_app.core import clock
from rivya_app.library import cleaning, derivatives, jobs, sending


@shared_task(name="library.copy_file", soft_time_limit=280, time_limit=300)
def copy_file(*, file_id: int) -> None:
    jobs.copy(file_id)


@shared_task(name="library.sweep_copies", soft_time_limit=20, time_limit=30)
def sweep_copies() -> None:
    jobs.sweep_copies()


@shared_task(name="library.make_derivative", soft_time_limit=150, time_limit=170)
def make_derivative(*, derivative_id: int) -> None:
    derivatives.make(derivative_id)


@shared_task(name="library.sweep_derivatives", soft_time_limit=20, time_limit=30)
def sweep_derivatives() -> None:
    derivatives.sweep()


@shared_task(name="library.clean", soft_time_limit=280, time_limit=300)
def clean() -> None:
    cleaning.clean_all()


@shared_task(name="library.clear_abandoned", soft_time_limit=280, time_limit=300)
def clear_abandoned() -> None:
    cleaning.clear_abandoned(until=clock.now() + cleaning.RUN_FOR)


# An upload may take ten minutes (rivya_api.pool); all the same below the visibility timeout.
@shared_task(name="library.send_reference", soft_time_limit=840, time_limit=870)
def send_reference(*, copy_id: int) -> None:
    sending.send(copy_id)


@shared_task(name="library.sweep_references", soft_time_limit=20, time_limit=30)
def sweep_references() -> None:
    sending.sweep()
