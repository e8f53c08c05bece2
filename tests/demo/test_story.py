"""The demo's story comes about by the product's own acts, once, and shows what it promises."""

from collections.abc import Iterator
from typing import Any

import pytest

from rivya_app.briefs.models import Brief
from rivya_app.chat.models import TurnEvent
from rivya_app.credits.models import LedgerEntry
from rivya_app.demo import play
from rivya_app.demo.campaigns import THEMES
from rivya_app.demo.episode import Turn
from rivya_app.demo.scene import token_of
from rivya_app.demo.stand_in import StandIn
from rivya_app.demo.steps import Answered, Asked, Decided, Step
from rivya_app.demo.story import EPISODES
from rivya_app.demo.verdicts import STEPS
from rivya_app.gateway.models import CatalogueChange
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.generations.models import Generation, Status
from rivya_app.library.models import FileUse, StoredFile
from rivya_app.notices.models import Notice
from rivya_app.reviews.models import Decision, Review
from rivya_app.workspaces.models import CampaignChange
from tests.demo import promises
from tests.simulator_process import Simulator


@pytest.fixture
def stand_in(transactional_db: None, rivya: Simulator, settings: Any) -> Iterator[StandIn]:
    settings.RIVYA_BASE_URL = rivya.base_url
    settings.RIVYA_ALLOW_PRIVATE_RESULTS = True
    settings.RIVYA_REQUESTS_PER_SECOND = 0
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    settings.ALLOWED_HOSTS = ["localhost"]
    with StandIn(rivya.base_url) as told:
        yield told


def jobs_of(turn: Turn) -> list[Generation]:
    tokens = [token_of(episode) for episode in EPISODES if episode.turn is turn]
    return list(Generation.objects.filter(draft__brief__form_token__in=tokens).order_by("id"))


def states(turn: Turn) -> set[str]:
    return {job.status for job in jobs_of(turn)}


def counts(rivya: Simulator) -> list[int]:
    rows = (Brief, Generation, Review, Decision, LedgerEntry, CampaignChange, Notice, TurnEvent)
    return [len(rivya.tasks()), *(row._meta.base_manager.count() for row in rows)]


def before(step: Step, kind: type[Step]) -> list[Step]:
    """The earlier steps of this kind with the same draft."""
    return [
        other
        for other in STEPS
        if isinstance(other, kind)
        and (other.product, other.attempt) == (step.product, step.attempt)
        and other.days_ago > step.days_ago
        and (step.draft in other.drafts if isinstance(other, Asked) else other.draft == step.draft)
    ]


def test_it_decides_only_on_what_was_sent() -> None:
    products = {episode.product for episode in EPISODES}
    assert {step.product for step in STEPS} <= products
    films = {
        (step.product, episode.drafts + 1)
        for episode in EPISODES
        for step in STEPS
        if isinstance(step, Decided) and step.film and step.product == episode.product
    }
    for step in STEPS:
        if isinstance(step, Decided):
            assert before(step, Asked) or (step.product, step.draft) in films, step
        if isinstance(step, Asked) and step.attempt > 1:
            assert before(step, Answered), step


def test_it_makes_briefs_for_campaigns_that_are_there() -> None:
    named = {episode.campaign for episode in EPISODES if episode.campaign}
    assert named == {theme.name for theme in THEMES}


def test_it_plays_its_whole_story_once(stand_in: StandIn, rivya: Simulator) -> None:
    play.play(stand_in, lambda story: story)
    assert Brief.objects.count() == len(EPISODES)
    assert states(Turn.WELL) == states(Turn.CHANGED) == states(Turn.SEVERAL) == {Status.SUCCEEDED}
    assert states(Turn.REFERENCE_REFUSED) == {Status.FAILED}
    assert all(job.needs_look for job in jobs_of(Turn.OVERDUE))
    for kind in ("image", "video", "audio"):
        assert Generation.objects.filter(media_kind=kind, status=Status.SUCCEEDED).exists()
    assert FileUse.objects.filter(file__source__startswith="upload:").exists()
    unused = StoredFile.objects.filter(source__startswith="upload:", uses=None)
    assert unused.count() == len(play.UNUSED)
    assert not StoredFile.objects.filter(state="pending").exists()
    assert {"added", "price"} <= set(CatalogueChange.objects.values_list("kind", flat=True))
    assert WebhookEndpoint.objects.get().state == WebhookEndpoint.State.ACTIVE
    for promise in promises.ALL:
        promise()
    before = counts(rivya)
    play.play(stand_in, lambda story: story)
    assert counts(rivya) == before
