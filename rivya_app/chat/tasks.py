"""Ids in, one call, done."""

from celery import shared_task

from rivya_app.chat import jobs, settling, sweep


# Acknowledged when it begins: an answer may take longer than a message waits, and nothing may ask
# twice. What a dead worker leaves, the sweep finds.
@shared_task(name="chat.answer", acks_late=False, reject_on_worker_lost=False)
def answer_turn(*, turn_id: str) -> None:
    jobs.answer(turn_id)


@shared_task(name="chat.settle", soft_time_limit=90, time_limit=120)
def settle_turn(*, turn_id: str) -> None:
    settling.settle(turn_id)


@shared_task(name="chat.sweep", soft_time_limit=60, time_limit=90)
def sweep_turns() -> None:
    sweep.sweep()
