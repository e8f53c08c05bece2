"""What a person can do with conversations and turns. Doors; each opens one durable transaction.

Locks: conversation, turn, its files, the credit account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse

from rivya_app.chat import access, attachments, bodies, caps, endings, feed, lifecycle, price
from rivya_app.chat.models import OPEN_STATUSES, Conversation, Status, Turn, TurnEvent
from rivya_app.core import clock
from rivya_app.credits import gate, ledger
from rivya_app.credits.gate import Spend
from rivya_app.gateway.chat_models import ChatModel, chat_model_of
from rivya_app.gateway.models import Workflow
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership

TITLE_LENGTH = 80  # characters of the first question


class NoKey(Exception):
    """The workflow has no key that could pay."""


class ModelRefused(Exception):
    """The model cannot be asked now; `why` says so in the reader's language."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class StillAnswering(Exception):
    """Another question of the conversation is not answered yet."""


class ConversationClosed(Exception):
    """Rivya no longer continues this conversation."""


@dataclass(frozen=True, slots=True)
class WantedConversation:
    """A conversation as a person would begin it."""

    workflow: Workflow
    model_id: str
    title: str = field(default="", repr=False)
    about: str = ""
    continues: Conversation | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a person typed it. `form_token` is the form's own: pressed twice, asked once.

    `again_of` is the turn whose question is asked again, edited or not.
    """

    text: str = field(repr=False)
    form_token: UUID = field(default_factory=uuid4)
    context: str = field(default="", repr=False)
    files: Sequence[StoredFile] = ()
    effort: str = ""
    is_searching: bool = False
    again_of: Turn | None = None


@transaction.atomic(durable=True)
def begin(*, member: Membership, wanted: WantedConversation, question: Question) -> Turn:
    """A new conversation with its first question; the same form twice finds the first one.

    Raises what `ask` raises; nothing is kept then, so a form that is refused can be sent again.
    """
    Membership.objects.select_for_update().get(pk=member.pk)  # so that a double press makes one
    twice = Turn.objects.filter(member=member, form_token=question.form_token, number=1).first()
    if twice is not None:
        return twice
    conversation = Conversation.objects.create(
        workspace=member.workspace,
        member=member,
        workflow=wanted.workflow,
        model_id=wanted.model_id,
        title=wanted.title[:200],
        about=wanted.about[:80],
        continues=wanted.continues,
    )
    return _ask(member, conversation, question)


@transaction.atomic(durable=True)
def ask(*, member: Membership, conversation_id: UUID | str, question: Question) -> Turn:
    """Record a question with its key, hold its price, publish on commit; once a form.

    Where an owner's rule stands in the way it waits for the yes and holds nothing yet. Raises
    Http404, StillAnswering, ConversationClosed, ModelRefused, NoKey, ledger.NotEnoughCredits,
    ledger.OverLimit, caps.OverOwnCap, uses.FileGone, attachments.Unfit; nothing is written then.
    """
    conversation = access.own_conversation(member, conversation_id, lock=True)
    twice = conversation.turns.filter(form_token=question.form_token).first()
    return twice or _ask(member, conversation, question)


def _ask(member: Membership, conversation: Conversation, question: Question) -> Turn:
    model = _model_of(conversation)
    _refuse_where_closed(conversation)
    key = conversation.workflow.api_key
    if key is None:
        raise NoKey
    files = list(dict.fromkeys(question.files))
    attachments.check(model, files)
    newest = conversation.turns.order_by("-number").first()
    turn = Turn(
        conversation=conversation,
        number=newest.number + 1 if newest else 1,
        form_token=question.form_token,
        again_of=question.again_of,
        workspace=conversation.workspace,
        member=member,
        workflow=conversation.workflow,
        api_key=key,
        model_id=conversation.model_id,
        question=question.text,
        context=question.context,
        attachment_count=len(files),
        effort=question.effort if question.effort in model.effort_words else "",
        is_searching=question.is_searching and model.abilities.searches_web,
        is_streamed=conversation.workflow.is_streamed,
        estimated_credits=price.expected(conversation.workspace, model).hold,
    )
    _record(turn, model, files)
    conversation.asked_at = turn.created_at
    conversation.title = conversation.title or _title_from(question.text)
    conversation.archived_at = None  # who asks in it has it in hand again
    conversation.save(update_fields=["asked_at", "title", "archived_at"])
    return turn


def _model_of(conversation: Conversation) -> ChatModel:
    model = chat_model_of(conversation.workflow, conversation.model_id)
    if model is None or not model.card.is_choosable:
        raise ModelRefused(model.card.why_not if model else "")
    return model


def _refuse_where_closed(conversation: Conversation) -> None:
    if conversation.closed_code:
        raise ConversationClosed
    if conversation.turns.filter(status__in=OPEN_STATUSES).exists():
        raise StillAnswering


def _record(turn: Turn, model: ChatModel, files: list[StoredFile]) -> None:
    """The row, its files, its hold, its first event. The body is frozen now, or when its pictures
    are at Rivya."""
    rule = gate.rule_for(spend_of(turn))
    lifecycle.begin(turn, Status.WAITING if rule else Status.PENDING)
    turn.next_check_at = None if rule else clock.now() + attachments.LOST_AFTER
    if not files:
        bodies.freeze(turn, model, session_id=turn.conversation.session_id, file_ids=())
    turn.save()
    TurnEvent.objects.create(turn=turn, kind="asked", cause="person", member=turn.member)
    if files:
        attachments.take(turn, files)
    if rule:
        gate.ask(spend_of(turn), rule)
        transaction.on_commit(partial(announce, turn, feed.state("waits_for_yes")), robust=True)
        return
    hold(turn)
    # Before the task is out: a quick worker's first word must not stand before the beginning.
    transaction.on_commit(partial(announce, turn), robust=True)
    if not files or attachments.ask_for_copies(turn, files):
        publish(turn)


def hold(turn: Turn) -> None:
    """Set the turn's price aside. Raises NotEnoughCredits, OverLimit, OverOwnCap."""
    payer = ledger.Payer(turn.member, turn.workflow, turn.api_key, model_id=turn.model_id)
    ledger.hold(turn.workspace, turn.estimated_credits, reference=turn.reference, payer=payer)
    caps.check(turn)


def spend_of(turn: Turn) -> Spend:
    """What the owner's gate is asked about."""
    return Spend(
        member=turn.member,
        amount=turn.estimated_credits,
        reference=turn.reference,
        title="",  # what somebody asks is private; pages say what kind of thing it is
        link=path_of(turn.conversation),
        model_ids=(turn.model_id,),
    )


def path_of(conversation: Conversation) -> str:
    """Its page."""
    return reverse("chat:show-conversation", args=[conversation.public_id])


def announce(turn: Turn, *more: feed.Entry) -> None:
    """Begin the live feed of a turn, after its row is committed."""
    feed.write([(turn.public_id, entry) for entry in (feed.Entry(feed.ASKED), *more)])


def publish(turn: Turn) -> None:
    """Hand the turn to a worker once this transaction is committed. The sweep stands behind it."""
    from rivya_app.chat.tasks import answer_turn  # tasks lead back here

    public_id = str(turn.public_id)
    transaction.on_commit(lambda: answer_turn.delay(turn_id=public_id), robust=True)


def _title_from(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


# --- Stopping -------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def stop(*, member: Membership, turn_id: UUID | str) -> Turn:
    """End an answer. One that was never sent costs nothing; one that is being written keeps its
    text, and its cost is asked of Rivya. Pressed again, or too late, it changes nothing.
    """
    turn = access.own_turn(member, turn_id, lock=True)
    if turn.status == Status.STREAMING and turn.stop_asked_at is None:
        turn.stop_asked_at = clock.now()
        lifecycle.note(turn, "stop_asked", cause="person", member=member)
        transaction.on_commit(partial(feed.ask_to_stop, turn.public_id), robust=True)
    elif turn.status in (Status.WAITING, Status.PENDING):
        withdraw(turn, cause="person", member=member)
    return turn


def withdraw(turn: Turn, *, cause: str, member: Membership | None = None) -> None:
    """Close a locked turn that nobody sent (again): what was held comes back."""
    if turn.status == Status.WAITING:
        gate.withdraw_pending(turn.reference)
    elif turn.is_uncertain:
        # A send of it may have arrived, so the session is asked what it cost.
        turn.next_check_at = clock.now()
        lifecycle.move(turn, Status.STOPPED, cause=cause, member=member)
        endings.end_feed(turn)
        return
    endings.close_unpaid(turn, Status.STOPPED, cause=cause, member=member)


# --- The conversation itself ----------------------------------------------------------------------


@transaction.atomic(durable=True)
def rename(*, member: Membership, conversation_id: UUID | str, title: str) -> Conversation:
    """An empty title goes back to how the first question begins."""
    conversation = access.own_conversation(member, conversation_id, lock=True)
    first = conversation.turns.order_by("number").first()
    conversation.title = title.strip()[:200] or (_title_from(first.question) if first else "")
    conversation.save(update_fields=["title"])
    return conversation


@transaction.atomic(durable=True)
def archive(*, member: Membership, conversation_id: UUID | str, is_archived: bool) -> Conversation:
    """Out of the list, or back in it. Nothing is lost."""
    conversation = access.own_conversation(member, conversation_id, lock=True)
    conversation.archived_at = clock.now() if is_archived else None
    conversation.save(update_fields=["archived_at"])
    return conversation


@transaction.atomic(durable=True)
def share(*, member: Membership, conversation_id: UUID | str, is_shared: bool) -> Conversation:
    """Let every member of the workspace read it, or nobody else any more."""
    conversation = access.own_conversation(member, conversation_id, lock=True)
    conversation.is_shared = is_shared
    conversation.save(update_fields=["is_shared"])
    return conversation
