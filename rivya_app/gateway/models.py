"""Our side of Rivya: keys, the model list as last read, and the workflows that use both."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.core.sealed import SealedTextField
from rivya_app.gateway import webhook_models  # noqa: F401  found here by Django
from rivya_app.workspaces.models import Membership, Workspace


class ApiKey(PublicIdModel):
    """A Rivya API key by purpose. The secret is sealed; people see its prefix and last four."""

    class Environment(models.TextChoices):
        PRODUCTION = "production", _("Production")
        STAGING = "staging", _("Staging")
        TEST = "test", _("Test")

    class State(models.TextChoices):
        ACTIVE = "active", _("In use")
        REFUSED = "refused", _("Refused by Rivya")
        REPLACED = "replaced", _("Replaced")
        RETIRED = "retired", _("Retired")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="api_keys")
    purpose = models.SlugField(_("purpose"), max_length=80)
    environment = models.CharField(
        _("environment"),
        max_length=20,
        choices=Environment.choices,
        default=Environment.PRODUCTION,
    )
    secret = SealedTextField(editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)  # keyed hash: same secret twice
    prefix = models.CharField(max_length=16, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    scopes_found = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ACTIVE)
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=80, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)  # as the owner knows it from Rivya
    # The keys that stood under one purpose one after the other; a limit counts them as one.
    line = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    # A rotated key finishes what was sent with it; then its secret is wiped.
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")
    replaced_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["purpose"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "purpose", "environment"],
                condition=~Q(state__in=["retired", "replaced"]),
                name="key_purpose_once",
            ),
            models.UniqueConstraint(fields=["fingerprint"], name="key_secret_once"),
            models.CheckConstraint(
                condition=Q(state__in=["active", "refused", "replaced", "retired"]),
                name="key_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} ({self.shown})"

    @property
    def shown(self) -> str:
        """All that a person ever sees of the secret."""
        return f"{self.prefix}…{self.last_four}"


class CatalogueModel(models.Model):
    """One model of Rivya's public list, as last read. Never deleted: what left has `gone_at`."""

    model_id = models.CharField(max_length=120, unique=True)
    display_name = models.CharField(max_length=160)
    category = models.CharField(max_length=40)
    runtime = models.CharField(max_length=40, blank=True)
    base_credits = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    billing_type = models.CharField(max_length=40, blank=True)
    max_prompt_length = models.PositiveIntegerField(null=True)
    api_status = models.CharField(max_length=40)
    api_input_status = models.CharField(max_length=60, blank=True)
    payload = models.JSONField(default=dict)  # the entry as Rivya sent it
    first_seen_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(default=clock.now)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["category", "display_name"]

    def __str__(self) -> str:
        return self.display_name


class CatalogueChange(AppendOnlyModel):
    """One difference between two readings of Rivya's list, kept to be shown."""

    class Kind(models.TextChoices):
        ADDED = "added", _("New")
        GONE = "gone", _("No longer listed")
        RETURNED = "returned", _("Listed again")
        PRICE = "price", _("Price changed")
        READINESS = "readiness", _("Readiness changed")
        DETAILS = "details", _("Details changed")

    model_id = models.CharField(max_length=120)
    display_name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    before = models.CharField(max_length=120, blank=True)
    after = models.CharField(max_length=120, blank=True)
    found_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-found_at", "-id"]
        indexes = [models.Index(fields=["-found_at"], name="change_newest")]


class Workflow(PublicIdModel):
    """A product moment as a record: its sentence, who answers for it, and how it is done.

    Of each moment one is the main one, which serves where none is chosen.
    """

    class Moment(models.TextChoices):
        LISTING_IMAGES = "listing_images", _("Listing image drafts")
        SHORT_VIDEO = "short_video", _("Short video")
        VOICE_OVER = "voice_over", _("Voice-over and sound")
        REFERENCE_EDIT = "reference_edit", _("Reference-image edit")
        CHAT = "chat", _("Internal research chat")

    class Reference(models.TextChoices):
        NONE = "none", _("No reference file")
        OPTIONAL = "optional", _("A reference file where there is one")
        REQUIRED = "required", _("Always with a reference file")

    class Completion(models.TextChoices):
        POLLING = "polling", _("We ask Rivya")
        WEBHOOK = "webhook", _("Rivya tells us, and we ask behind it")

    class AtLowCredits(models.TextChoices):
        WAIT = "wait", _("It waits and starts when there are enough")
        HOLD_BACK = "hold_back", _("It is kept, and somebody starts it again")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="workflows")
    moment = models.CharField(max_length=40, choices=Moment.choices)
    is_main = models.BooleanField(default=True)
    name = models.CharField(max_length=120, blank=True)  # "": as the moment is called
    sentence = models.CharField(max_length=300, blank=True)  # "": the moment's own
    owner = models.ForeignKey(
        Membership, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # who answers for its usage
    api_key = models.ForeignKey(
        ApiKey, models.SET_NULL, null=True, blank=True, related_name="workflows"
    )
    default_model_id = models.CharField(max_length=120, blank=True)
    # Which models its owner permits; empty: every one of its kind that the API offers.
    allowed_model_ids = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    reference = models.CharField(
        max_length=10, choices=Reference.choices, default=Reference.OPTIONAL
    )
    reference_kinds = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    completion = models.CharField(
        max_length=10, choices=Completion.choices, default=Completion.POLLING
    )
    at_low_credits = models.CharField(
        max_length=10, choices=AtLowCredits.choices, default=AtLowCredits.WAIT
    )
    is_streamed = models.BooleanField(default=True, db_default=True)  # conversations only
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["moment", "-is_main", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "moment"],
                condition=Q(is_main=True),
                name="workflow_main_once",
            ),
            models.CheckConstraint(
                condition=Q(is_main=False) | Q(archived_at__isnull=True),
                name="workflow_main_in_use",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_moment_display()
