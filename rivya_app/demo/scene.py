"""Plays one episode through the product's acts, at the time it happened."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from rivya_app.briefs import actions, prompts, recipes
from rivya_app.briefs.actions import WantedBrief
from rivya_app.briefs.models import Brief, Draft
from rivya_app.core import clock
from rivya_app.credits import gate, gate_access, wallet
from rivya_app.demo import photos, talking, workers
from rivya_app.demo.episode import Episode, Turn, params_of
from rivya_app.demo.stand_in import StandIn
from rivya_app.generations import jobs, overdue
from rivya_app.generations.models import Status
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Campaign, Membership

LOW_CREDITS, LATER_CREDITS = 6, 240
OWNERS_NO = "Two drafts with the plain model are enough for a hamper. Ask again if it sells."
SLOW_SECONDS = (150, 1500)  # the running episode's drafts, in real time


def token_of(episode: Episode) -> UUID:
    """The same form every time the story is played."""
    return uuid5(NAMESPACE_URL, f"demo:{episode.days_ago}:{episode.product}")


class Scene:
    """One episode, from the submitted form to the stored files."""

    def __init__(self, episode: Episode, people: dict[str, Membership], stand_in: StandIn) -> None:
        self.episode = episode
        self.people, self.member = people, people[episode.by]
        self.stand_in = stand_in
        self.moment = clock.now() - timedelta(days=episode.days_ago)
        self.dice = random.Random(episode.product)  # noqa: S311  the same story every time

    def play(self) -> None:
        self._before()
        brief = self._submit()
        if self.episode.turn is Turn.RUNNING:
            self._send_slowly(brief)
        elif self.episode.turn is Turn.OVERDUE:
            workers.send(self.member, brief, self.moment)
            overdue.ask_about_late_jobs()
        elif self.episode.turn is Turn.OWNER_SAID_NO:
            self._refuse(brief)
        elif self.episode.turn is not Turn.OWNER_IS_ASKED:
            self._finish(brief)
        self._after(brief)

    def _before(self) -> None:
        """Bring about what goes wrong in this episode."""
        turn = self.episode.turn
        if turn in _FAULTS:
            name, times, options = _FAULTS[turn]
            self.stand_in.arm(name, times=times, **options)
        elif turn is Turn.REFUSED_BY_US:
            self._set_wallet(LOW_CREDITS)

    def _after(self, brief: Brief) -> None:
        self.stand_in.disarm()
        if self.episode.turn in (Turn.TRIED_AGAIN, Turn.CHANGED):
            self._try_again(brief)
        elif self.episode.turn is Turn.REFUSED_BY_US:
            self.moment += timedelta(hours=5)
            self._set_wallet(LATER_CREDITS)

    def _set_wallet(self, amount: int) -> None:
        self.stand_in.set_credits(amount)
        with clock.at(self.moment - timedelta(minutes=1)):
            wallet.read(self.member.workspace, cause="schedule")

    def _submit(self) -> Brief:
        with clock.at(self.moment - timedelta(minutes=4)):
            references = tuple(map(self._photo, self.episode.photos))
        with clock.at(self.moment):
            return actions.submit_brief(member=self.member, wanted=self._wanted(references))

    def _photo(self, product: str) -> StoredFile:
        return photos.upload(self.member, product, f"{product.replace(' ', '-').lower()}.jpg")

    def _wanted(self, references: tuple[StoredFile, ...]) -> WantedBrief:
        episode = self.episode
        words: dict[str, Any] = {
            "product": episode.product,
            "points": episode.points,
            "audience": episode.audience,
            "channel": str(episode.channel),
            "style": str(episode.style),
            "language": episode.language,
        }
        suggested = prompts.suggest(**words, media_kind=episode.kind)
        campaigns = Campaign.objects.filter(workspace=self.member.workspace)
        return WantedBrief(
            form_token=token_of(episode),
            draft_count=episode.drafts,
            model_id=episode.model_id,
            params=params_of(episode),
            prompt=suggested if episode.prompt is None else episode.prompt,
            campaign=campaigns.filter(name=episode.campaign).first(),
            media_kind=episode.kind,
            references=references,
            from_turn=talking.answer_named(episode.from_talk) if episode.from_talk else None,
            **words,
        )

    def _send_slowly(self, brief: Brief) -> None:
        """One draft that ends while somebody looks, and longer ones to look at meanwhile."""
        for job, seconds in zip(workers.jobs_of(self.member, brief), SLOW_SECONDS, strict=True):
            self.stand_in.arm("slow", times=1, seconds=seconds)
            jobs.submit(job.public_id)

    def _refuse(self, brief: Brief) -> None:
        """The owner answers two hours later."""
        owner = self.people["owner"]
        with clock.at(self.moment + timedelta(hours=2)):
            for ask in gate_access.asks(owner).filter(reference=brief.reference, state="pending"):
                gate.answer(member=owner, public_id=ask.public_id, is_yes=False, note=OWNERS_NO)
            gate.carry_out_all()

    def _finish(self, brief: Brief) -> None:
        workers.finish(self.member, brief, self.moment, self.dice)

    def _try_again(self, brief: Brief) -> None:
        """The seller presses "new attempt" on the draft that failed, or on one to be changed."""
        self.moment += timedelta(minutes=20)
        wanted = brief.drafts.all()
        if self.episode.turn is Turn.TRIED_AGAIN:
            wanted = wanted.filter(generation__status=Status.FAILED)
        draft = wanted.first()
        if draft is None:
            return
        with clock.at(self.moment):
            actions.new_attempt(
                member=self.member,
                public_id=brief.public_id,
                position=draft.position,
                attempt=draft.attempt + 1,
                wanted=self._changed(draft),
            )
        self._finish(brief)

    def _changed(self, draft: Draft) -> recipes.Recipe | None:
        change = dict(self.episode.change)
        if not change:
            return None
        before = recipes.of_job(draft.generation)
        prompt = change.pop("prompt", before.prompt)
        return replace(before, prompt=prompt, params={**before.params, **change})


_FAULTS: dict[Turn, tuple[str, int | None, dict[str, object]]] = {
    Turn.ONE_FAILED: ("fail", 1, {}),
    Turn.TRIED_AGAIN: ("fail", 1, {}),
    Turn.REFUSED_BY_RIVYA: ("no_credits", 1, {}),
    Turn.SEVERAL: ("many", None, {"count": 3}),
    Turn.REFERENCE_REFUSED: ("refuse_reference", None, {}),
    Turn.OVERDUE: ("stuck", 1, {"stage": "processing"}),
}
