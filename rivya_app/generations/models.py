"""Jobs at Rivya. One generation is one record, one idempotency key, one hold."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.core.sealed import SealedTextField
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Campaign, Membership, Workspace


class Status(models.TextChoices):
    """How far a job is. People see QUEUED and SUBMITTING as one word."""

    QUEUED = "queued", _("Queued")
    SUBMITTING = "submitting", _("Queued")
    PROCESSING = "processing", _("Processing")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")


OPEN_STATUSES = (Status.QUEUED, Status.SUBMITTING, Status.PROCESSING)
CLOSED_STATUSES = (Status.SUCCEEDED, Status.FAILED)


class Generation(PublicIdModel):
    """A job. `body` is frozen before any call; every send uses the same bytes and key."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="generations")
    requested_by = models.ForeignKey(Membership, models.PROTECT, related_name="generations")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="generations")
    api_key = models.ForeignKey(ApiKey, models.PROTECT, related_name="generations")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="next_attempts"
    )

    title = models.CharField(max_length=200)
    media_kind = models.CharField(max_length=10)  # image, video or audio
    model_id = models.CharField(max_length=120)
    body = models.TextField()  # the JSON text that is sent, but for references
    # The references of the body, as JSON; known and frozen, with the sha256 of the whole, once all
    # of them are at Rivya. They hold temporary links, so they are sealed.
    reference_items = SealedTextField(blank=True, default="")
    reference_count = models.PositiveSmallIntegerField(default=0)
    renewal_count = models.PositiveSmallIntegerField(
        default=0
    )  # references sent again for this job
    body_sha256 = models.CharField(max_length=64, blank=True)  # of the exact bytes; "" until frozen
    settings_mark = models.CharField(max_length=64, blank=True)  # same mark: same price expected
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    estimated_credits = models.DecimalField(max_digits=14, decimal_places=2)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    task_id = models.CharField(max_length=200, blank=True)  # Rivya's
    remote_status = models.CharField(max_length=60, blank=True)  # Rivya's own word, kept raw
    reserved_credits = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    final_credits = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    error_code = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(
        max_length=120, blank=True
    )  # Rivya's, of the last answer that matters
    is_uncertain = models.BooleanField(
        default=False
    )  # sent, answer never seen; same key is asked again
    needs_look = models.BooleanField(default=False)  # a person must decide
    look_reason = models.CharField(max_length=40, blank=True)  # why, as a code
    waits_for = models.CharField(max_length=40, blank=True)  # why it is not sent yet, as a code

    submit_count = models.PositiveIntegerField(default=0)
    check_count = models.PositiveIntegerField(default=0)
    trouble_count = models.PositiveIntegerField(default=0)  # in a row
    next_check_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True, blank=True)  # accepted by Rivya
    finished_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="job_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED_STATUSES, finished_at__isnull=False)
                | (~Q(status__in=CLOSED_STATUSES) & Q(finished_at__isnull=True)),
                name="job_finished_when_closed",
            ),
            models.UniqueConstraint(
                fields=["api_key", "task_id"], condition=~Q(task_id=""), name="job_task_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                condition=Q(status__in=OPEN_STATUSES),
                name="job_due",
            ),
            models.Index(fields=["workspace", "-created_at"], name="job_by_workspace"),
            models.Index(
                fields=["workspace", "-finished_at"],
                condition=Q(status="failed"),
                name="job_failed",
            ),
            models.Index(
                fields=["workspace", "-created_at"],
                condition=Q(status="succeeded"),
                name="job_succeeded",
            ),
            models.Index(
                fields=["workspace"],
                condition=Q(error_code="insufficient_credits"),
                name="job_low_credits",
            ),
            models.Index(
                fields=["workspace", "-created_at"],
                condition=Q(needs_look=True),
                name="job_needs_look",
            ),
            models.Index(
                fields=["model_id", "-finished_at"],
                condition=Q(status="succeeded"),
                name="job_model_history",
            ),
            models.Index(
                fields=["submitted_at"],
                condition=Q(status="processing", needs_look=False),
                name="job_overdue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.status})"

    @property
    def reference(self) -> str:
        """The name of this job in the ledger and the library."""
        return f"generation:{self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class GenerationEvent(AppendOnlyModel):
    """Something that happened to a job, in safe words: no links, no secrets, no provider prose."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=40)
    cause = models.CharField(max_length=20)  # person, submit, poll, webhook, sweep
    status_before = models.CharField(max_length=12, blank=True)
    status_after = models.CharField(max_length=12, blank=True)
    details = models.JSONField(default=dict)
    member = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
