"""No arguments, one call, done."""

from celery import shared_task

from rivya_app.core import letters, postman


@shared_task(name="core.send_letters", soft_time_limit=240, time_limit=270)
def send_letters() -> None:
    postman.send_due()


@shared_task(name="core.forget_letters", soft_time_limit=60, time_limit=90)
def forget_letters() -> None:
    letters.forget()
