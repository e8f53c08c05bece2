"""The workers' part in the demo, at its time: what waits is sent, asked about, and copied."""

import random
import time
from datetime import datetime, timedelta

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.generations import access as generations
from rivya_app.generations import jobs, sweep
from rivya_app.generations.models import Generation, Status
from rivya_app.library import jobs as library
from rivya_app.library.access import files_for
from rivya_app.library.models import RemoteCopy
from rivya_app.library.tasks import send_reference
from rivya_app.workspaces.models import Membership

STEPS_LIMIT = 200  # looks at one job before the story is taken for broken
SENDS_LIMIT = 8
_SECONDS = {"image": (5, 14), "video": (25, 55), "audio": (6, 15)}


def jobs_of(member: Membership, brief: Brief) -> list[Generation]:
    return list(generations.jobs(member).filter(draft__brief=brief).order_by("id"))


def send(member: Membership, brief: Brief, moment: datetime) -> None:
    """References first, then the jobs; as often as it takes until none waits to be sent."""
    for turn in range(SENDS_LIMIT):
        with clock.at(moment + timedelta(seconds=1 + 2 * turn)):
            _send_references(member)
            waiting = [job for job in jobs_of(member, brief) if job.status == Status.QUEUED]
            for job in waiting:
                jobs.submit(job.public_id)
        if all(job.status != Status.QUEUED for job in jobs_of(member, brief)):
            return


def finish(member: Membership, brief: Brief, moment: datetime, dice: random.Random) -> None:
    """Everything of this brief that was asked for at `moment` comes to its end."""
    send(member, brief, moment)
    open_jobs = [job for job in jobs_of(member, brief) if job.is_open]
    for number, job in enumerate(open_jobs):
        seconds = dice.uniform(*_SECONDS[job.media_kind]) + 2 * number
        with clock.at(moment + timedelta(seconds=seconds)):
            _poll_to_the_end(job)
        with clock.at(moment + timedelta(seconds=seconds + 1.5)):
            for file in files_for([job.reference]):
                library.copy(file.pk)


def _poll_to_the_end(job: Generation) -> None:
    for _look in range(STEPS_LIMIT):
        job.refresh_from_db()
        if job.status != Status.PROCESSING:
            return
        due = sweep.Due(job.public_id, job.task_id, "", job.api_key_id, 0, is_announced=False)
        sweep.poll([due])
        time.sleep(0.02)
    raise RuntimeError(f"{job.title} did not come to an end at the stand-in")


def _send_references(member: Membership) -> None:
    """Whatever waits to be sent to Rivya is sent."""
    waiting = RemoteCopy.objects.filter(workspace=member.workspace, state=RemoteCopy.State.WANTED)
    for copy_id in waiting.values_list("pk", flat=True):
        send_reference(copy_id=copy_id)
