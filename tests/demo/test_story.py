"""The demo's story comes about by the product's own acts, once, and shows what it promises."""

from collections.abc import Iterator
from typing import Any

import pytest

from rivya_app.briefs.models import Brief
from rivya_app.demo import play
from rivya_app.demo.episode import Turn
from rivya_app.demo.scene import token_of
from rivya_app.demo.stand_in import StandIn
from rivya_app.demo.story import EPISODES
from rivya_app.gateway.models import CatalogueChange
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.generations.models import Generation, Status
from rivya_app.library.models import FileUse, StoredFile
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


def test_it_plays_its_whole_story_once(stand_in: StandIn, rivya: Simulator) -> None:
    play.play(stand_in, lambda episodes: episodes)
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
    sends = len(rivya.tasks())
    play.play(stand_in, lambda episodes: episodes)
    assert (Brief.objects.count(), len(rivya.tasks())) == (len(EPISODES), sends)
