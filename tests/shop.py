"""A workspace ready to work: a key at the stand-in, the model list, credits, and its acts."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from rivya_app.briefs import actions
from rivya_app.briefs.actions import WantedBrief
from rivya_app.briefs.models import Brief
from rivya_app.credits import wallet
from rivya_app.gateway import catalogue
from rivya_app.gateway.actions import add_key, recheck_refused
from rivya_app.gateway.models import ApiKey
from rivya_app.generations import jobs, sweep
from rivya_app.generations.models import Generation
from rivya_app.library import jobs as library
from rivya_app.library import sending, uploads
from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.workspaces.models import Membership, Workspace
from tests.simulator_process import Simulator

CREDITS = 500


@pytest.fixture
def shop(
    transactional_db: None,
    workspace: Workspace,
    owner: Membership,
    rivya: Simulator,
    settings: Any,
) -> "Shop":
    """The workspace of the cast on a real connection to the stand-in."""
    settings.RIVYA_BASE_URL = rivya.base_url
    settings.RIVYA_ALLOW_PRIVATE_RESULTS = True
    settings.RIVYA_REQUESTS_PER_SECOND = 0
    rivya.set_credits(CREDITS)
    catalogue.refresh()
    secret = rivya.new_key("production-image-workflow")
    key = add_key(
        member=owner,
        purpose="production-image-workflow",
        environment=ApiKey.Environment.PRODUCTION,
        secret=secret,
    )
    wallet.read(workspace, cause="test")
    return Shop(workspace, key, rivya)


class Shop:
    """The workspace, its key and the stand-in, with the steps the workers would take."""

    def __init__(self, workspace: Workspace, key: ApiKey, rivya: Simulator) -> None:
        self.workspace = workspace
        self.key = key
        self.rivya = rivya

    def submit(self, member: Membership, **fields: Any) -> Brief:
        return actions.submit_brief(member=member, wanted=wanted(**fields))

    def job(self, brief: Brief) -> Generation:
        """The newest job of a brief."""
        newest = Generation.objects.filter(draft__brief=brief).order_by("-id").first()
        assert newest is not None
        return newest

    def sends(self) -> list[str]:
        """The idempotency key of every call that asked Rivya for a job."""
        keys = [call["idempotency_key"] or "" for call in self.rivya.requests()]
        return [key for key in keys if key and not key.startswith("scope-probe")]

    def wait_until(self, done: Callable[[], bool], turns: int = 400) -> None:
        """Play the workers' part, over and over, until `done()`."""
        for _turn in range(turns):
            if done():
                return
            self.work()
        raise AssertionError("it did not come to an end")

    def work(self) -> None:
        """One round of everything that is due, now and not when its time comes."""
        self.send_references()
        recheck_refused()
        Generation.objects.exclude(next_check_at=None).exclude(status="submitting").update(
            next_check_at="2020-01-01T00:00Z"
        )
        for public_id in Generation.objects.filter(status="queued").values_list(
            "public_id", flat=True
        ):
            jobs.submit(public_id)
        sweep.poll(sweep.claim_due(100))
        for file_id in StoredFile.objects.filter(state="pending").values_list("pk", flat=True):
            library.copy(file_id)

    def upload(self, member: Membership, content: bytes, name: str = "mug.png") -> StoredFile:
        """A reference file, as the upload form would keep it."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            sent = uploads.Received(name, len(content), Path(file.name))
            return uploads.store(member, sent, token=uuid4(), model=None)

    def send_references(self) -> None:
        """Every reference file that waits, rested or not."""
        waiting = RemoteCopy.objects.filter(state="wanted")
        waiting.update(not_before=None)
        for copy_id in waiting.values_list("pk", flat=True):
            sending.send(copy_id)

    def finish(self, brief: Brief) -> Generation:
        """Work until every job of the brief is closed and its files are copied."""

        def done() -> bool:
            mine = Generation.objects.filter(draft__brief=brief)
            is_open = mine.filter(finished_at=None).exists()
            return not is_open and not StoredFile.objects.filter(state="pending").exists()

        self.wait_until(done)
        return self.job(brief)


def wanted(**fields: Any) -> WantedBrief:
    """A brief as a seller would type it; `fields` change parts of it."""
    values: dict[str, Any] = {
        "form_token": uuid4(),
        "product": "Hand-thrown blue mug",
        "points": "glazed stoneware\nholds 300 ml",
        "audience": "tea drinkers",
        "channel": Brief.Channel.MARKETPLACE,
        "style": Brief.Style.STUDIO,
        "language": "en",
        "draft_count": 1,
        "model_id": "z-image",
        "params": {"aspect_ratio": "1:1"},
        "prompt": "A blue mug on a wooden table",
    }
    assert set(fields) <= set(WantedBrief.__slots__)
    return WantedBrief(**{**values, **fields})


def typed(token: UUID | None = None, **fields: Any) -> dict[str, Any]:
    """The same as a browser would post it."""
    values = {
        "form_token": str(token or uuid4()),
        "product": "Hand-thrown blue mug",
        "points": "glazed stoneware",
        "audience": "tea drinkers",
        "channel": "marketplace",
        "style": "studio",
        "language": "en",
        "draft_count": "1",
        "model_id": "z-image",
        "prompt": "A blue mug on a wooden table",
        "param_aspect_ratio": "1:1",
    }
    return {**values, **fields}
