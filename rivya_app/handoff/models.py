"""What leaves: packages of approved files, their checks, and who was given them when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.handoff import outgoing_models  # noqa: F401  found here by Django
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import Decision, Review
from rivya_app.workspaces.models import Campaign, Membership, Workspace


class Package(PublicIdModel):
    """Approved files on their way out. The `media` queue builds it; the row is that queue."""

    class State(models.TextChoices):
        BUILDING = "building", _("Being packed")
        READY = "ready", _("Ready")
        BROKEN = "broken", _("Could not be packed")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="packages")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+")
    form_token = models.UUIDField(editable=False)  # the same form again finds the first package
    title = models.CharField(max_length=200)
    presets = ArrayField(models.CharField(max_length=20), default=list)  # codes of handoff/presets
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.BUILDING)
    trouble = models.CharField(max_length=60, blank=True)  # why it is broken, as a code
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_build_at = models.DateTimeField(null=True, blank=True, default=clock.now)  # lease as well
    built_at = models.DateTimeField(null=True, blank=True)
    # The manifest as it was written, so that the zip is the same whenever it is made.
    manifest = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "form_token"], name="package_form_token_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["building", "ready", "broken"]), name="package_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(built_at__isnull=False, manifest__isnull=False, next_build_at__isnull=True),
                name="package_ready_is_built",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_build_at"],
                condition=Q(next_build_at__isnull=False),
                name="package_build_due",
            ),
            models.Index(fields=["workspace", "-created_at"], name="package_by_workspace"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference(self) -> str:
        """The name of this package in the library."""
        return f"package:{self.public_id}"


class PackageItem(PublicIdModel):
    """One approved file in a package, with the words that go with it."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    brief = models.ForeignKey(Brief, models.PROTECT, related_name="package_items")
    review = models.ForeignKey(Review, models.PROTECT, related_name="package_items")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+")  # the approval
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="package_items")
    sha256 = models.CharField(max_length=64)  # of the approved bytes
    alt_text = models.CharField(max_length=300)
    caption = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["package", "position"]
        constraints = [
            models.UniqueConstraint(fields=["package", "file"], name="package_file_once"),
            models.UniqueConstraint(fields=["package", "position"], name="package_position_once"),
        ]


class PackedFile(PublicIdModel):
    """One file of the zip: an original, or a cut of it for a channel."""

    item = models.ForeignKey(PackageItem, models.CASCADE, related_name="packed")
    preset = models.CharField(max_length=20)  # a code of handoff/presets; "original" too
    # The part of the approved picture, as fractions of its sides; empty for originals.
    box = ArrayField(models.FloatField(), size=4, null=True, blank=True)
    is_box_by_hand = models.BooleanField(default=False)
    name = models.CharField(max_length=240, blank=True)  # in the zip, once packed
    storage_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of the bytes that leave
    size = models.BigIntegerField(null=True)  # bytes
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    mime_type = models.CharField(max_length=60, blank=True)
    has_ai_tag = models.BooleanField(default=False)  # written and read back
    checks = models.JSONField(default=list, blank=True)  # handoff/checks.Finding, as data

    class Meta:
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "preset"], name="packed_preset_once"),
        ]
        indexes = [
            # Which bytes in storage are needed, for the library's clean-up.
            models.Index(
                fields=["storage_name"], condition=~Q(storage_name=""), name="packed_by_bytes"
            ),
        ]

    @property
    def is_packed(self) -> bool:
        """Whether its bytes lie in storage, ready to leave."""
        return bool(self.storage_name)


class Override(AppendOnlyModel):
    """A person's answer for a failed check, by name and with a reason."""

    packed = models.ForeignKey(PackedFile, models.PROTECT, related_name="overrides")
    check_code = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)  # of the bytes it was given for
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["packed", "check_code", "sha256"], name="override_once"
            ),
        ]


class ShareLink(PublicIdModel):
    """A way in for people without an account, to one package. Its token is not stored."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    passphrase = models.CharField(max_length=200, blank=True, editable=False)  # hashed; "" for none
    given_to = models.CharField(max_length=120, blank=True)  # whom it is for, in the maker's words
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    view_count = models.PositiveIntegerField(default=0)
    download_count = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]


class PackageEvent(AppendOnlyModel):
    """Who did what with a package, when: made, packed, downloaded, shared, opened, sent."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=30)
    member = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)  # safe words: no token, no link
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
