"""Bytes we hold: results copied from Rivya, references uploaded here, and what is made of both."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import PublicIdModel
from rivya_app.core.sealed import SealedTextField
from rivya_app.core.text import day_words
from rivya_app.gateway.refusals import FailureWords
from rivya_app.library import troubles
from rivya_app.workspaces.models import Membership, Workspace


class StoredFile(PublicIdModel):
    """One file. `source` says what it came from (`generation:<uuid>`, `upload:<uuid>`), `position`
    which of them. A removed file keeps its row, so that pages can say what became of it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Being copied")
        STORED = "stored", _("Stored")
        BROKEN = "broken", _("Could not be copied")
        REMOVED = "removed", _("Removed")

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
    original_name = models.CharField(max_length=200, blank=True)  # of an upload, as it was called

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
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["source", "position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="file_source_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "stored", "broken", "removed"]),
                name="file_state_known",
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
            # Few, and looked for at the desk.
            models.Index(
                fields=["workspace", "-created_at"],
                condition=Q(state__in=["pending", "broken"]),
                name="file_not_here",
            ),
            # Who else needs the same bytes, and what is old enough to be cleaned up.
            models.Index(
                fields=["storage_name"], condition=~Q(storage_name=""), name="file_by_bytes"
            ),
            models.Index(
                fields=["thumbnail_name"], condition=~Q(thumbnail_name=""), name="file_by_thumbnail"
            ),
            models.Index(
                fields=["workspace", "changed_at"], condition=Q(state="stored"), name="file_by_age"
            ),
        ]

    @property
    def is_stored(self) -> bool:
        return self.state == self.State.STORED

    @property
    def copy_failure(self) -> FailureWords:
        """Why the last copy failed, and what to do about it."""
        return troubles.copy_words(self.trouble)

    @property
    def is_upload(self) -> bool:
        """Whether a person put it here; otherwise it is a result."""
        return self.source.startswith("upload:")

    @property
    def name(self) -> str:
        """What a list calls it: an upload as it was called, a result by its title."""
        return self.original_name or self.title or str(self.get_kind_display())

    @property
    def removed_words(self) -> str:
        """Who removed it and when, in the reader's language; "" while it is here."""
        if self.removed_at is None:
            return ""
        facts = {"date": day_words(self.removed_at), "name": self.removed_by}
        if self.removed_by is None:
            return str(_("Removed by the clean-up on %(date)s.") % facts)
        return str(_("Removed on %(date)s by %(name)s.") % facts)

    @property
    def page_url(self) -> str:
        """Where members read everything about it."""
        return reverse("library:show-file", args=[self.public_id])

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
    def poster_url(self) -> str:
        """A large still of a film, else the small one; "" where there is none."""
        return self._made_url("poster") or self.thumbnail_url

    @property
    def web_url(self) -> str:
        """A picture as large as a screen needs it, else the picture itself."""
        return self._made_url("web") or self.url

    @property
    def web_width(self) -> int | None:
        """Pixels of what `web_url` leads to; None where not even the file's are known."""
        made = self.made("web")
        return made.width if made else self.width

    @property
    def peaks(self) -> list[int]:
        """Loudness from 0 to 100, evenly over the length; empty where no waveform is made."""
        made = self.made("waveform")
        return (made.peaks or []) if made else []

    @property
    def is_being_drawn(self) -> bool:
        """Whether its waveform is on its way, at the first try."""
        return any(
            row.kind == "waveform" and row.state == "pending" and row.attempt_count <= 1
            for row in self.derivatives.all()
        )

    def made(self, kind: str) -> "Derivative | None":
        """A finished derivative. Reads `derivatives`, which whoever shows many files prefetches."""
        rows = self.derivatives.all()
        return next((row for row in rows if row.kind == kind and row.state == "made"), None)

    def _made_url(self, kind: str) -> str:
        if self.made(kind) is None:
            return ""
        return reverse("library:serve-derivative", args=[self.public_id, kind])

    @property
    def download_url(self) -> str:
        """Where members take it away under a name of its own."""
        return f"{self.url}?download=1"


class FileUse(models.Model):
    """Somebody needs this file. `reference` is theirs, as in the ledger (`brief:<uuid>`,
    `generation:<uuid>`). While a row stands, the clean-up never removes the bytes."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="uses")
    reference = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    # What the library page calls the user of the file, and where it links to; "" where that is
    # private, as a question to the assistant is.
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["reference", "position"]
        constraints = [
            models.UniqueConstraint(fields=["reference", "file"], name="file_use_once"),
            models.UniqueConstraint(
                fields=["reference", "position"], name="file_use_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RemoteCopy(models.Model):
    """The same bytes at Rivya, as a reference file of one account. Sent once, then used again.

    The account is the workspace's in one environment. Link and token are Rivya's and temporary.
    """

    class State(models.TextChoices):
        WANTED = "wanted", _("To be sent")
        READY = "ready", _("At Rivya")
        REFUSED = "refused", _("Refused by Rivya")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    environment = models.CharField(max_length=20)  # of the key, as in gateway.ApiKey
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="remote_copies")
    sha256 = models.CharField(max_length=64)  # of our bytes, before anything was taken out of them
    kind = models.CharField(max_length=10, choices=StoredFile.MediaKind.choices)
    is_stripped = models.BooleanField()  # sent without what camera and place wrote into the file
    model_id = models.CharField(max_length=120, blank=True)  # whose limits it was sent under
    state = models.CharField(max_length=10, choices=State.choices, default=State.WANTED)
    remote_id = models.CharField(max_length=200, blank=True)
    remote_url = SealedTextField(blank=True, default="")
    duration_token = SealedTextField(blank=True, default="")
    duration = models.FloatField(null=True)  # seconds, as Rivya measured it
    expires_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    send_count = models.PositiveIntegerField(default=0)  # how often it got there
    attempt_count = models.PositiveSmallIntegerField(default=0)  # at the send under way
    next_send_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    not_before = models.DateTimeField(null=True, blank=True)  # claimed, or resting, until then
    error_code = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "sha256", "kind", "is_stripped"],
                name="remote_copy_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["wanted", "ready", "refused"]),
                name="remote_copy_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_send_at"], condition=Q(state="wanted"), name="remote_copy_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:8]} ({self.state})"


class Derivative(models.Model):
    """Something made from a file's bytes for the screen; it can always be made again."""

    class Kind(models.TextChoices):
        POSTER = "poster", _("Poster frame")
        WEB = "web", _("Web size")
        WAVEFORM = "waveform", _("Waveform")

    class State(models.TextChoices):
        PENDING = "pending", _("Being made")
        MADE = "made", _("Made")
        GIVEN_UP = "given_up", _("Could not be made")

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="derivatives")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    storage_name = models.CharField(max_length=200, blank=True)
    mime_type = models.CharField(max_length=60, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size = models.BigIntegerField(null=True)  # bytes
    peaks = models.JSONField(null=True)  # of a waveform: loudness 0 to 100, evenly over the length
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_make_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    not_before = models.DateTimeField(null=True, blank=True)  # claimed, or resting, until then
    trouble = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "kind"], name="derivative_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "made", "given_up"]),
                name="derivative_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_make_at"], condition=Q(state="pending"), name="derivative_due"
            ),
            models.Index(
                fields=["storage_name"], condition=~Q(storage_name=""), name="derivative_by_bytes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"


class LibrarySettings(models.Model):
    """What an owner decides about the files of a workspace."""

    workspace = models.OneToOneField(Workspace, models.PROTECT, related_name="library_settings")
    keep_unused_days = models.PositiveSmallIntegerField(
        _("days unused uploads are kept"), default=30
    )
    keep_results_days = models.PositiveSmallIntegerField(
        _("days results are kept"), null=True, blank=True
    )  # None: for ever
    strips_metadata = models.BooleanField(_("camera and place are taken out"), default=True)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.workspace)
