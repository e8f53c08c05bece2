"""What was asked of a reviewer, what they answered on which exact bytes, and the video it started.

A decision is written once. A review's `state` follows its newest decision and is changed by
`actions.py` alone.
"""

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Campaign, Membership, Workspace

UNDO_SECONDS = 10
MOST_UNDO_SECONDS = 300


class ReviewSettings(models.Model):
    """What holds in a workspace where no campaign says otherwise."""

    workspace = models.OneToOneField(Workspace, models.PROTECT, related_name="review_settings")
    makers_may_approve = models.BooleanField(default=False)
    undo_seconds = models.PositiveSmallIntegerField(
        default=UNDO_SECONDS, validators=[MaxValueValidator(MOST_UNDO_SECONDS)]
    )
    changed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(undo_seconds__lte=MOST_UNDO_SECONDS), name="review_undo_bounded"
            ),
        ]

    def __str__(self) -> str:
        return str(self.workspace)


class Review(PublicIdModel):
    """One stored result sent for a decision. `sha256` is that of the bytes at the asking."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for a decision")
        APPROVED = "approved", _("Approved")
        CHANGES_WANTED = "changes_wanted", _("Changes wanted")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="reviews")
    brief = models.ForeignKey(Brief, models.PROTECT, related_name="reviews")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+")
    generation = models.ForeignKey(Generation, models.PROTECT, related_name="reviews")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="reviews")
    sha256 = models.CharField(max_length=64)
    media_kind = models.CharField(max_length=10)  # image, video or audio
    requested_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    note = models.TextField(max_length=2000, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["pending", "approved", "changes_wanted", "rejected", "withdrawn"]
                ),
                name="review_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", closed_at__isnull=True)
                | (~Q(state="pending") & Q(closed_at__isnull=False)),
                name="review_closed_unless_pending",
            ),
            models.UniqueConstraint(
                fields=["file"],
                condition=Q(state__in=["pending", "approved"]),
                name="review_once_at_a_time",
            ),
        ]
        indexes = [
            # The queue: oldest due first, what has no date after what has one.
            models.Index(
                F("workspace"),
                F("due_on").asc(nulls_last=True),
                F("created_at"),
                F("id"),
                condition=Q(state="pending"),
                name="review_queue",
            ),
            models.Index(
                fields=["workspace", "campaign"],
                condition=Q(state="pending"),
                name="review_pending_campaign",
            ),
            models.Index(
                fields=["workspace", "-closed_at"],
                condition=~Q(state="pending"),
                name="review_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation.title} ({self.state})"

    @property
    def reference(self) -> str:
        """The name of this review in the library."""
        return f"review:{self.public_id}"

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING


class Decision(PublicIdModel, AppendOnlyModel):
    """What one person decided, when, in which role, on which bytes. Never changed."""

    class Kind(models.TextChoices):
        APPROVED = "approved", _("Approved")
        CHANGES_WANTED = "changes_wanted", _("Changes wanted")
        REJECTED = "rejected", _("Rejected")
        TAKEN_BACK = "taken_back", _("Taken back")
        REVERSED = "reversed", _("Reversed")

    review = models.ForeignKey(Review, models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()  # of this review, from 1
    kind = models.CharField(max_length=16, choices=Kind.choices)
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)  # by which they decided
    sha256 = models.CharField(max_length=64)  # of the bytes the member was shown
    note = models.TextField(max_length=4000, blank=True)
    # As they stood: [{"code", "text", "is_required", "is_ticked"}], [{"x", "y", "seconds", "note"}]
    checklist = models.JSONField(default=list, blank=True)
    pins = models.JSONField(default=list, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)  # null: only a reversal undoes it
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["review", "number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="decision_number_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["approved", "changes_wanted", "rejected", "taken_back", "reversed"]
                ),
                name="decision_kind_known",
            ),
        ]
        indexes = [
            # What its maker can still take back.
            models.Index(
                fields=["member", "-undo_until"],
                condition=Q(undo_until__isnull=False),
                name="decision_undoable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.member}"


class Pin(PublicIdModel):
    """A note on a place of the picture, in percent of its sides; of a film, at a second too.

    Working notes while the review is open: a decision keeps a copy of them as they stand.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="pins")
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)  # of the file it was put on
    x = models.DecimalField(max_digits=5, decimal_places=2)
    y = models.DecimalField(max_digits=5, decimal_places=2)
    seconds = models.FloatField(null=True, blank=True)
    note = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    x__gte=Decimal(0), x__lte=Decimal(100), y__gte=Decimal(0), y__lte=Decimal(100)
                ),
                name="pin_on_the_picture",
            ),
        ]


class VideoConcept(PublicIdModel):
    """The video an approval asked for, its request and price frozen with the decision.

    `job_id` and `idempotency_key` are made from the decision, so that whatever starts it starts
    the same job: one video a decision, ever.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Starts soon")
        NEEDS_CREDITS = "needs_credits", _("Waiting for credits")
        NEEDS_BUDGET = "needs_budget", _("Waiting for the owner's yes")
        NEEDS_YES = "needs_yes", _("Waiting for the owner’s answer")
        NEEDS_LOOK = "needs_look", _("Needs a look")
        STARTED = "started", _("Started")
        TAKEN_BACK = "taken_back", _("Taken back")

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="concept")
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="video_concepts")
    brief = models.ForeignKey(Brief, models.PROTECT, related_name="video_concepts")
    ordered_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="+")
    still = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    model_id = models.CharField(max_length=120)
    prompt = models.TextField()
    params = models.JSONField(default=dict)
    price = models.DecimalField(max_digits=14, decimal_places=2)  # credits, as it was shown
    settings_mark = models.CharField(max_length=64, blank=True)
    job_id = models.UUIDField(unique=True)
    idempotency_key = models.UUIDField(unique=True, default=uuid.uuid4)
    generation = models.OneToOneField(
        Generation, models.PROTECT, null=True, blank=True, related_name="video_concept"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=60, blank=True)  # why it waits, as a code
    starts_at = models.DateTimeField(null=True, blank=True)  # when it is tried next
    is_review_due = models.BooleanField(default=False)  # its film is to be sent for review
    let_through_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    let_through_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "needs_credits",
                        "needs_budget",
                        "needs_yes",
                        "needs_look",
                        "started",
                        "taken_back",
                    ]
                ),
                name="concept_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="started", generation__isnull=False)
                | (~Q(state="started") & Q(generation__isnull=True)),
                name="concept_job_when_started",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"],
                condition=Q(starts_at__isnull=False),
                name="concept_due",
            ),
            models.Index(fields=["id"], condition=Q(is_review_due=True), name="concept_review_due"),
            models.Index(
                fields=["workspace", "-created_at"],
                condition=Q(state__in=["needs_credits", "needs_budget", "needs_yes", "needs_look"]),
                name="concept_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"Video of {self.brief} ({self.state})"

    @property
    def ledger_reference(self) -> str:
        """The name its job has, or will have, in the ledger."""
        return f"generation:{self.job_id}"

    @property
    def ask_reference(self) -> str:
        """Its name in what owners are asked."""
        return f"concept:{self.public_id}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.STARTED, self.State.TAKEN_BACK)
