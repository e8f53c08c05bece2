"""Conversations with the assistant. One turn is one question, one idempotency key, one hold."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Membership, Workspace


class Conversation(PublicIdModel):
    """Turns of one member with one model. Rivya keeps its own copy as a session."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="conversations")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="conversations")
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="conversations")
    model_id = models.CharField(max_length=120)  # Rivya ties a session to one model
    title = models.CharField(max_length=200, blank=True)  # "": as its first question begins
    session_id = models.CharField(max_length=200, blank=True)  # Rivya's; "" until one is known
    about = models.CharField(max_length=80, blank=True)  # what it was opened about: generation:<id>
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="continued_by"
    )
    is_shared = models.BooleanField(default=False)  # every member of the workspace may read it
    closed_code = models.CharField(max_length=80, blank=True)  # why Rivya no longer continues it
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    asked_at = models.DateTimeField(default=clock.now)  # the latest question

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "session_id"],
                condition=~Q(session_id=""),
                name="conversation_session_once",
            )
        ]
        indexes = [
            models.Index(fields=["member", "-asked_at"], name="conversation_of_member"),
            models.Index(
                fields=["workspace", "-asked_at"],
                condition=Q(is_shared=True),
                name="conversation_shared",
            ),
            models.Index(fields=["about"], condition=~Q(about=""), name="conversation_about"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.public_id}"  # its title is private, and this is logged


class Status(models.TextChoices):
    """How far an answer is."""

    WAITING = "waiting", _("Waiting for the owner")
    PENDING = "pending", _("Queued")
    STREAMING = "streaming", _("Answering")
    ANSWERED = "answered", _("Answered")
    STOPPED = "stopped", _("Stopped")
    INTERRUPTED = "interrupted", _("Interrupted")
    FAILED = "failed", _("Failed")


OPEN_STATUSES = (Status.WAITING, Status.PENDING, Status.STREAMING)
CLOSED_STATUSES = (Status.ANSWERED, Status.STOPPED, Status.INTERRUPTED, Status.FAILED)


# What a search looks through: the first characters of each, because the database holds no longer
# list of words. `simple`: questions come in any language.
WORDS = SearchVector(Left("question", 20_000), Left("answer", 50_000), config="simple")


class Turn(PublicIdModel):
    """A question and its answer. `body` is frozen before any call and sent with one key.

    A closed turn is settled once its cost is known; until then Rivya's session is asked.
    """

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="turns")
    number = models.PositiveIntegerField()  # within the conversation, from 1
    form_token = models.UUIDField(default=uuid.uuid4)  # of the form: a second press finds this row
    again_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="asked_again"
    )
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="turns")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="turns")
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="turns")
    api_key = models.ForeignKey(ApiKey, models.PROTECT, related_name="turns")
    model_id = models.CharField(max_length=120)

    question = models.TextField()
    context = models.TextField(blank=True)  # facts or a summary sent ahead of the question
    attachment_count = models.PositiveSmallIntegerField(default=0)
    effort = models.CharField(max_length=20, blank=True)  # "": the model's own
    is_searching = models.BooleanField(default=False)
    is_streamed = models.BooleanField(default=True)  # False: the whole answer at once
    body = models.TextField(blank=True)  # the JSON text that is sent; "" until it is frozen
    body_sha256 = models.CharField(max_length=64, blank=True)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    estimated_credits = models.DecimalField(max_digits=14, decimal_places=2)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    answer = models.TextField(blank=True)  # Markdown, as far as it came
    streamed_to = models.CharField(max_length=40, blank=True)  # the feed's last entry in `answer`
    message_id = models.CharField(max_length=200, blank=True)  # Rivya's
    request_id = models.CharField(max_length=120, blank=True)  # Rivya's, of the last call
    error_code = models.CharField(max_length=80, blank=True)
    waits_for = models.CharField(max_length=40, blank=True)  # why it is not sent yet, as a code
    is_uncertain = models.BooleanField(default=False)  # sent, and no end of it was seen
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    reserved_credits = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    final_credits = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    is_cost_guessed = models.BooleanField(default=False)  # Rivya never said what it cost

    stop_asked_at = models.DateTimeField(null=True, blank=True)
    send_count = models.PositiveIntegerField(default=0)
    trouble_count = models.PositiveIntegerField(default=0)  # in a row
    check_count = models.PositiveIntegerField(default=0)  # looks at the session since it closed
    # Open: when the sweep looks, for STREAMING the end of its worker's lease. Closed: the next
    # look at the session. Null: nothing is due.
    next_check_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    first_word_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["conversation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="turn_number_once"),
            models.UniqueConstraint(fields=["conversation", "form_token"], name="turn_asked_once"),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(status__in=OPEN_STATUSES),
                name="turn_open_once",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="turn_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED_STATUSES, finished_at__isnull=False)
                | (~Q(status__in=CLOSED_STATUSES) & Q(finished_at__isnull=True)),
                name="turn_finished_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True)
                | Q(finished_at__isnull=False, final_credits__isnull=False),
                name="turn_settled_when_closed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="turn_due",
            ),
            models.Index(fields=["member", "-created_at"], name="turn_of_member"),
            models.Index(
                fields=["model_id", "-finished_at"],
                condition=Q(status="answered"),
                name="turn_model_history",
            ),
            models.Index(
                fields=["workspace", "-finished_at"],
                condition=Q(status__in=["failed", "interrupted"]),
                name="turn_troubled",
            ),
            # Not while an answer is written: every piece of it would be read again.
            GinIndex(WORDS, condition=Q(finished_at__isnull=False), name="turn_words"),
        ]

    def __str__(self) -> str:
        return f"turn {self.number} ({self.status})"

    @property
    def reference(self) -> str:
        """The name of this turn in the ledger and the library."""
        return f"turn:{self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def is_settled(self) -> bool:
        """Whether its cost is known for good."""
        return self.settled_at is not None


class TurnEvent(AppendOnlyModel):
    """Something that happened to a turn, in safe words: none of its text, no provider prose."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=40)
    cause = models.CharField(max_length=20)  # person, worker, session, sweep
    status_before = models.CharField(max_length=12, blank=True)
    status_after = models.CharField(max_length=12, blank=True)
    details = models.JSONField(default=dict)
    member = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]


class OwnCap(models.Model):
    """What a member wants to spend on the assistant in a month at most, by own choice."""

    member = models.OneToOneField(Membership, models.CASCADE, related_name="chat_cap")
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # credits
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="chat_cap_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} a month"
