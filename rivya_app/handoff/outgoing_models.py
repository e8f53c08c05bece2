"""Signed events to other systems: where they go, what is to be sent, and how each try went."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.core.sealed import SealedTextField
from rivya_app.workspaces.models import Membership, Workspace


class Destination(PublicIdModel):
    """Another system's address. Its secret is sealed, and shown once when it is made."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In use")
        PAUSED = "paused", _("Paused")
        REMOVED = "removed", _("Removed")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="destinations")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    event_types = ArrayField(models.CharField(max_length=40), default=list)
    secret = SealedTextField(editable=False)
    former_secret = SealedTextField(editable=False, blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)  # both sign until then
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    failure_count = models.PositiveIntegerField(default=0)  # in a row
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "url"],
                condition=~Q(state="removed"),
                name="destination_url_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "removed"]),
                name="destination_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OutgoingEvent(PublicIdModel):
    """One event for one destination, its body frozen before the first try."""

    class State(models.TextChoices):
        WAITING = "waiting", _("To be sent")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="events")
    # Once per destination: what happened, and to what (`package.ready:<uuid>`, `test:<uuid>`).
    event_key = models.CharField(max_length=120)
    type = models.CharField(max_length=40)
    body = SealedTextField(editable=False)  # it holds a link that opens the package
    package = models.ForeignKey(
        "handoff.Package", models.PROTECT, null=True, related_name="outgoing"
    )
    # The link in the body, so that it can be taken back like any other.
    link = models.ForeignKey("handoff.ShareLink", models.PROTECT, null=True, related_name="events")
    sent_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, default=clock.now)  # lease as well
    created_at = models.DateTimeField(default=clock.now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "event_key"], name="outgoing_event_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "given_up"]),
                name="outgoing_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="outgoing_due",
            ),
        ]


class DeliveryTry(AppendOnlyModel):
    """One try to deliver an event: what the other side answered, in safe words."""

    event = models.ForeignKey(OutgoingEvent, models.PROTECT, related_name="tries")
    number = models.PositiveSmallIntegerField()
    status = models.PositiveSmallIntegerField(null=True)  # HTTP; null: no answer
    trouble = models.CharField(max_length=60, blank=True)  # why not, as a code
    milliseconds = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
