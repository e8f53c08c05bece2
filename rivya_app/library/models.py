"""Bytes we hold. In this step: results copied from Rivya into our own private storage."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import PublicIdModel
from rivya_app.core.sealed import SealedTextField
from rivya_app.library import troubles
from rivya_app.workspaces.models import Membership, Workspace


class StoredFile(PublicIdModel):
    """One file. `source` says what it came from (`generation:<uuid>`), `position` which of them."""

    class State(models.TextChoices):
        PENDING = "pending", _("Being copied")
        STORED = "stored", _("Stored")
        BROKEN = "broken", _("Could not be copied")

    class MediaKind(models.TextChoices):
        IMAGE = "image", _("Image")
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Audio")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="files")
    made_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    expected_kind = models.CharField(max_length=10, choices=MediaKind.choices)
    title = models.CharField(max_length=200, blank=True)  # for alt text and the download's name

    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    remote_url = SealedTextField(
        blank=True, default=""
    )  # Rivya's temporary link; wiped once stored
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_copy_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    not_before = models.DateTimeField(null=True, blank=True)  # claimed, or resting, until then
    trouble = models.CharField(max_length=60, blank=True)  # why the last copy failed, as a code

    kind = models.CharField(max_length=10, choices=MediaKind.choices, blank=True)
    mime_type = models.CharField(max_length=60, blank=True)  # by signature, never by name
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)  # bytes
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration = models.FloatField(null=True)  # seconds
    storage_name = models.CharField(max_length=200, blank=True)
    thumbnail_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    stored_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["source", "position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="file_source_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "stored", "broken"]), name="file_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="stored")
                | (Q(size__isnull=False) & ~Q(sha256="") & ~Q(storage_name="")),
                name="file_stored_has_bytes",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_copy_at"], condition=Q(state="pending"), name="file_copy_due"
            ),
            models.Index(fields=["workspace", "-created_at"], name="file_by_workspace"),
        ]

    @property
    def is_stored(self) -> bool:
        return self.state == self.State.STORED

    @property
    def trouble_words(self) -> str:
        """Why the last copy failed, in the reader's language."""
        return troubles.words(self.trouble)

    @property
    def url(self) -> str:
        """Where members see the file; its bytes never change."""
        return reverse("library:serve-file", args=[self.public_id])

    @property
    def thumbnail_url(self) -> str:
        """A small picture of it; "" where there is none."""
        if not self.thumbnail_name:
            return ""
        return reverse("library:serve-thumbnail", args=[self.public_id])

    @property
    def download_url(self) -> str:
        """Where members take it away under a name of its own."""
        return f"{self.url}?download=1"
