"""Plays the demo's story: every row comes from the product's acts and the stand-in's answers.

Playing it again finds what is there: forms are known by their token, the key by its purpose.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from rivya_app.briefs import actions, prompts
from rivya_app.briefs.actions import WantedBrief
from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.demo.stand_in import StandIn
from rivya_app.demo.story import CAMPAIGNS, EPISODES, Episode, Turn, params_of
from rivya_app.gateway import catalogue
from rivya_app.gateway.actions import add_key
from rivya_app.gateway.models import ApiKey
from rivya_app.generations import access as generations
from rivya_app.generations import jobs, sweep
from rivya_app.generations.models import Generation, Status
from rivya_app.library import jobs as library
from rivya_app.library.access import files_for
from rivya_app.notices import actions as notices
from rivya_app.workspaces.demo import make_people
from rivya_app.workspaces.models import Campaign, Membership, Workspace

WORKSPACE = "Asha Home & Craft"
KEY_PURPOSE = "production-image-workflow"
FIRST_CREDITS, LOW_CREDITS, LATER_CREDITS = 260, 6, 240
FAST, LIFELIKE = 400.0, 1.0
SLOW_SECONDS = (150, 1500)  # the running episode's drafts, in real time
STEPS_LIMIT = 200  # looks at one job before the story is taken for broken

Say = Callable[[Iterable[Episode]], Iterable[Episode]]


def workspace() -> Workspace:
    return Workspace.objects.get_or_create(name=WORKSPACE)[0]


def is_played(home: Workspace) -> bool:
    """Whether the last episode is there."""
    return Brief.objects.filter(workspace=home, form_token=_token(EPISODES[-1])).exists()


def play(
    stand_in: StandIn, progress: Say, *, episodes: Sequence[Episode] = EPISODES
) -> dict[str, Membership]:
    """Play the story; `progress` wraps the episodes to show how far it is. Returns the people."""
    home = workspace()
    people = make_people(home)
    if is_played(home):
        return people
    for name in CAMPAIGNS:
        Campaign.objects.get_or_create(workspace=home, name=name)
    catalogue.refresh()
    start = clock.now() - timedelta(days=EPISODES[0].days_ago, hours=2)
    stand_in.disarm()
    stand_in.set_credits(FIRST_CREDITS)
    key_id = _connect(people["owner"], stand_in, start)
    for episode in progress(episodes):
        Scene(episode, people, stand_in, key_id).play()
        if episode.days_ago > 2:
            _read_the_news(people)
    stand_in.set_speed(key_id, LIFELIKE)
    wallet.read(home, cause="the end of the story")
    return people


def _read_the_news(people: dict[str, Membership]) -> None:
    """Only the last two days are still unread."""
    for member in people.values():
        notices.mark_all_read(member=member)


def _connect(owner: Membership, stand_in: StandIn, moment: datetime) -> str:
    """The workspace's key, as the owner would paste it."""
    known = stand_in.key_ids(KEY_PURPOSE)
    if known and ApiKey.objects.filter(workspace=owner.workspace, purpose=KEY_PURPOSE).exists():
        return known[0]
    key_id, secret = stand_in.new_key(KEY_PURPOSE, speed=FAST)
    with clock.at(moment):
        add_key(
            member=owner,
            purpose=KEY_PURPOSE,
            environment=ApiKey.Environment.PRODUCTION,
            secret=secret,
        )
        wallet.read(owner.workspace, cause="the first reading")
    return key_id


def _token(episode: Episode) -> UUID:
    """The same form every time the story is played."""
    return uuid5(NAMESPACE_URL, f"demo:{episode.days_ago}:{episode.product}")


class Scene:
    """One episode, from the submitted form to the stored pictures, at its own time."""

    def __init__(
        self, episode: Episode, people: dict[str, Membership], stand_in: StandIn, key_id: str
    ) -> None:
        self.episode = episode
        self.member = people[episode.by]
        self.stand_in = stand_in
        self.key_id = key_id
        self.moment = clock.now() - timedelta(days=episode.days_ago)
        self.dice = random.Random(episode.product)  # noqa: S311  the same story every time

    def play(self) -> None:
        self._before()
        brief = self._submit()
        if self.episode.turn is Turn.RUNNING:
            self._send_slowly(brief)
        else:
            self._finish(brief)
        self._after(brief)

    def _before(self) -> None:
        """Bring about what goes wrong in this episode."""
        turn = self.episode.turn
        if turn in (Turn.ONE_FAILED, Turn.TRIED_AGAIN):
            self.stand_in.arm("fail", times=1)
        elif turn is Turn.REFUSED_BY_RIVYA:
            self.stand_in.arm("no_credits", times=1)
        elif turn is Turn.REFUSED_BY_US:
            self._set_wallet(LOW_CREDITS)

    def _after(self, brief: Brief) -> None:
        self.stand_in.disarm()
        if self.episode.turn is Turn.TRIED_AGAIN:
            self._try_again(brief)
        elif self.episode.turn is Turn.REFUSED_BY_US:
            self.moment += timedelta(hours=5)
            self._set_wallet(LATER_CREDITS)

    def _set_wallet(self, amount: int) -> None:
        self.stand_in.set_credits(amount)
        with clock.at(self.moment - timedelta(minutes=1)):
            wallet.read(self.member.workspace, cause="schedule")

    def _submit(self) -> Brief:
        with clock.at(self.moment):
            return actions.submit_brief(member=self.member, wanted=self._wanted())

    def _wanted(self) -> WantedBrief:
        episode = self.episode
        words = {
            "product": episode.product,
            "points": episode.points,
            "audience": episode.audience,
            "channel": str(episode.channel),
            "style": str(episode.style),
            "language": episode.language,
        }
        campaigns = Campaign.objects.filter(workspace=self.member.workspace)
        return WantedBrief(
            form_token=_token(episode),
            draft_count=episode.drafts,
            model_id=episode.model_id,
            params=params_of(episode),
            prompt=prompts.suggest(**words),
            campaign=campaigns.filter(name=episode.campaign).first(),
            **words,
        )

    def _jobs(self, brief: Brief) -> list[Generation]:
        return list(generations.jobs(self.member).filter(draft__brief=brief).order_by("id"))

    def _send(self, brief: Brief) -> None:
        with clock.at(self.moment + timedelta(seconds=1)):
            for job in self._jobs(brief):
                jobs.submit(job.public_id)

    def _send_slowly(self, brief: Brief) -> None:
        """One draft that ends while somebody looks, and longer ones to look at meanwhile."""
        for job, seconds in zip(self._jobs(brief), SLOW_SECONDS, strict=True):
            self.stand_in.arm("slow", times=1, seconds=seconds)
            jobs.submit(job.public_id)

    def _finish(self, brief: Brief) -> None:
        self._send(brief)
        for number, job in enumerate(self._jobs(brief)):
            seconds = self.dice.uniform(5, 14) + 2 * number
            with clock.at(self.moment + timedelta(seconds=seconds)):
                self._poll_to_the_end(job)
            with clock.at(self.moment + timedelta(seconds=seconds + 1.5)):
                for file in files_for([job.reference]):
                    library.copy(file.pk)

    def _poll_to_the_end(self, job: Generation) -> None:
        for _look in range(STEPS_LIMIT):
            job.refresh_from_db()
            if job.status != Status.PROCESSING:
                return
            sweep.poll([sweep.Due(job.public_id, job.task_id, "", job.api_key_id, 0)])
            time.sleep(0.02)
        raise RuntimeError(f"{job.title} did not come to an end at the stand-in")

    def _try_again(self, brief: Brief) -> None:
        """The seller presses "new attempt" on the draft that failed."""
        self.moment += timedelta(minutes=20)
        failed = brief.drafts.filter(generation__status=Status.FAILED).first()
        if failed is None:
            return
        with clock.at(self.moment):
            actions.new_attempt(
                member=self.member,
                public_id=brief.public_id,
                position=failed.position,
                attempt=failed.attempt + 1,
            )
        self._finish(brief)
