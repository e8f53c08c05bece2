"""What a person can do with jobs: ask for one, and have a waiting one looked at now."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.credits import ledger
from rivya_app.gateway.media_models import MediaModel
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.generations import access, bodies, lifecycle, telling
from rivya_app.generations import references as reference_files
from rivya_app.generations.models import Generation, GenerationEvent, Status
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Campaign, Membership


class NoKey(Exception):
    """The workflow has no key that could pay."""


class OtherModel(ValueError):
    """The request names another model than the one that was looked at."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a job is, for us and for Rivya. Both are unique, so that one decision makes one job."""

    public_id: UUID = field(default_factory=uuid4)
    idempotency_key: UUID = field(default_factory=uuid4)


def request(
    *,
    member: Membership,
    workflow: Workflow,
    title: str,
    media_kind: str,
    model: MediaModel,
    body: dict[str, Any],
    price: Decimal,
    campaign: Campaign | None = None,
    parent: Generation | None = None,
    settings_mark: str = "",
    references: Sequence[StoredFile] = (),
    identity: "Identity | None" = None,
    notes: dict[str, Any] | None = None,
) -> Generation:
    """Record a job with its key and body, hold `price` credits, publish on commit.

    `model` is what the body names; being a MediaModel it makes files, so nothing that answers in
    conversations comes to Rivya's address for generations. Another one raises OtherModel.
    `settings_mark` is that of the price asked for (price.mark), so that later prices can rest on
    this job. With `references` the body is frozen only when all of them are at Rivya; they are
    sent there on commit. `identity` is that of a job decided on earlier, whose credits may be held
    already. `notes` are kept with its first event, for the room that asks. Inside the caller's
    transaction. Raises NoKey, ledger.NotEnoughCredits, ledger.OverBudget, uses.FileGone; nothing of
    the job is written once the caller rolls back.
    """
    key = _paying_key(workflow, model, body)
    text, digest = bodies.freeze(body)
    files = list(dict.fromkeys(references))
    generation = Generation.objects.create(
        **asdict(identity or Identity()),
        workspace=workflow.workspace,
        requested_by=member,
        campaign=campaign,
        workflow=workflow,
        api_key=key,
        parent=parent,
        title=title,
        media_kind=media_kind,
        model_id=model.model_id,
        body=text,
        body_sha256="" if files else digest,
        estimated_credits=price,
        settings_mark=settings_mark,
        reference_count=len(files),
        waits_for=reference_files.WAITS if files else "",
    )
    _take_and_hold(generation, files)
    _begin(generation, files, notes or {})
    return generation


def _paying_key(workflow: Workflow, model: MediaModel, body: dict[str, Any]) -> ApiKey:
    """Raises OtherModel, NoKey; and outside a transaction, where a job must not be recorded."""
    if body["model"] != model.model_id:
        raise OtherModel(body["model"])
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A job is recorded inside a transaction.")
    if workflow.api_key is None:
        raise NoKey
    return workflow.api_key


def _begin(generation: Generation, files: list[StoredFile], notes: dict[str, Any]) -> None:
    """Write its first event, and publish it unless its files must be at Rivya first."""
    is_ready = not files or reference_files.ask_for_copies(generation, files)
    GenerationEvent.objects.create(
        generation=generation,
        kind="requested",
        cause="person",
        member=generation.requested_by,
        details=notes,
    )
    if is_ready:
        publish(generation)


def _take_and_hold(generation: Generation, files: list[StoredFile]) -> None:
    """The files, then the credits: the other way round two acts on one file wait in a ring."""
    if files:
        path = telling.path_of(generation)
        uses.take(generation.reference, files, title=generation.title, path=path)
    payer = ledger.Payer(
        generation.requested_by,
        generation.workflow,
        generation.api_key,
        generation.campaign,
        generation.model_id,
    )
    amount = generation.estimated_credits
    ledger.hold(generation.workspace, amount, reference=generation.reference, payer=payer)


def publish(generation: Generation) -> None:
    """Hand the job to a worker once this transaction is committed. The sweep stands behind it."""
    from rivya_app.generations.tasks import submit_generation  # tasks lead back here

    public_id = str(generation.public_id)
    transaction.on_commit(lambda: submit_generation.delay(generation_id=public_id), robust=True)


@transaction.atomic(durable=True)
def look_now(*, member: Membership, public_id: UUID | str) -> Generation:
    """Bring the next look at an open job forward: same job, same key, no second charge."""
    generation = access.job(member, public_id, lock=True)
    if generation.is_open:
        if generation.status != Status.SUBMITTING:
            generation.next_check_at = clock.now()
        lifecycle.note(generation, "look_asked", cause="person", member=member)
        reference_files.bring_forward(generation)
        if generation.status == Status.QUEUED:
            publish(generation)
    return generation
