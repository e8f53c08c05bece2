"""Our webhook endpoints, the inbox of what came to them, and the count of what was refused."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import PublicIdModel
from rivya_app.core.sealed import SealedTextField
from rivya_app.workspaces.models import Membership, Workspace

# Reasons of ignored events that did not do what they came for.
WITHOUT_EFFECT = ("unreadable", "early", "still_running", "could_not_ask", "trouble")


class WebhookEndpoint(PublicIdModel):
    """An address of ours that Rivya posts events to. `public_id` is part of that address.

    The row is there before Rivya is asked, so that a crash in between leaves an endpoint that is
    being made and can be finished. Secrets are sealed; the old one holds until `old_secret_until`.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Being made")
        ACTIVE = "active", _("In use")
        PAUSED = "paused", _("Paused")
        REMOVED = "removed", _("Removed")

    class Trouble(models.TextChoices):
        NONE = "", _("None")
        QUIET = "quiet", _("Events stay away")
        REFUSED = "refused", _("Signatures do not hold")
        DISABLED = "disabled", _("Switched off at Rivya")
        GONE = "gone", _("No longer at Rivya")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="webhook_endpoints")
    api_key = models.ForeignKey(
        "gateway.ApiKey", models.PROTECT, related_name="webhook_endpoints"
    )  # whose account it is registered with
    name = models.CharField(_("name"), max_length=120)
    event_types = ArrayField(models.CharField(max_length=80))
    url = models.CharField(max_length=500)
    remote_id = models.CharField(max_length=200, blank=True)  # Rivya's
    secret = SealedTextField(blank=True, default="", editable=False)  # empty: lost, or not told yet
    old_secret = SealedTextField(blank=True, default="", editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    rotation_began_at = models.DateTimeField(null=True, blank=True)  # until its answer is stored
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAKING)
    trouble = models.CharField(max_length=10, choices=Trouble.choices, blank=True, default="")
    trouble_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)  # first event that held
    last_event_at = models.DateTimeField(null=True, blank=True)
    missed_count = models.PositiveIntegerField(default=0)  # ends only polling found, since then
    missed_total = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)  # posts refused since then
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["making", "active", "paused", "removed"]),
                name="webhook_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="removed", removed_at__isnull=False)
                | (~Q(state="removed") & Q(removed_at__isnull=True)),
                name="webhook_removed_at_when_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def is_secret_lost(self) -> bool:
        """Whether Rivya has it and its secret never reached us: it must be rotated."""
        return bool(self.remote_id) and (not self.secret or self.rotation_began_at is not None)


class InboxEvent(models.Model):
    """One verified event, once. The row is the queue: waiting rows are looked at when due.

    `body` is sealed, because it holds temporary links, and is wiped when the event is settled.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPLIED = "applied", _("Applied")
        IGNORED = "ignored", _("Ignored")

    class Form(models.TextChoices):
        STANDARD = "standard", _("Standard Webhooks")
        HEX = "hex", _("Timestamped hex")

    # The endpoint's own; the database checks that one, and once is enough at this door.
    workspace = models.ForeignKey(
        Workspace, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.PROTECT, related_name="events", db_index=False
    )
    event_id = models.CharField(max_length=255)
    event_type = models.CharField(max_length=80, blank=True)
    form = models.CharField(max_length=10, choices=Form.choices)
    body = SealedTextField(blank=True, default="", editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)  # a row of gateway/webhook_words.py
    subject = models.CharField(max_length=255, blank=True)  # Rivya's id of the job it spoke of
    attempt_count = models.PositiveSmallIntegerField(default=0)
    duplicate_count = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)  # as signed
    received_at = models.DateTimeField(default=clock.now)
    next_try_at = models.DateTimeField(null=True, default=clock.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "event_id"], name="inbox_event_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "applied", "ignored"]), name="inbox_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True, next_try_at__isnull=False)
                | (
                    ~Q(state="waiting")
                    & Q(settled_at__isnull=False, next_try_at__isnull=True, body="")
                ),
                name="inbox_wiped_when_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state="waiting"), name="inbox_waiting"
            ),
            models.Index(fields=["workspace", "-received_at"], name="inbox_newest"),
            # Settled without effect: few, and looked for at the desk.
            models.Index(
                fields=["workspace", "-received_at"],
                condition=Q(state="ignored", reason__in=WITHOUT_EFFECT),
                name="inbox_without_effect",
            ),
            models.Index(
                fields=["settled_at"], condition=Q(settled_at__isnull=False), name="inbox_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} ({self.state})"


class WebhookRefusal(models.Model):
    """How often posts to an endpoint were refused, by reason. Nothing of them but header names."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="refusals")
    reason = models.CharField(max_length=20)
    count = models.PositiveBigIntegerField(default=0)
    header_names = ArrayField(models.CharField(max_length=60), default=list)  # of the last one
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "reason"], name="webhook_refusal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.count}"
