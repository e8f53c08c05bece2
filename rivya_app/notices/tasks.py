"""No arguments, one call, done."""

from celery import shared_task

from rivya_app.notices import actions, mailing


@shared_task(name="notices.mail", soft_time_limit=100, time_limit=120)
def mail() -> None:
    mailing.sweep()


@shared_task(name="notices.forget", soft_time_limit=100, time_limit=120)
def forget() -> None:
    actions.forget()
