"""Base classes of our rows, and e-mail that waits. Knows no domain word."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from rivya_app.core import clock
from rivya_app.core.sealed import SealedTextField


class PublicIdModel(models.Model):
    """A row people can link to: its integer key never leaves, its UUID does."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class AppendOnlyError(TypeError):
    """A row that is kept for ever was about to be changed or deleted."""


class AppendOnlyModel(models.Model):
    """A row that is written once. The database refuses UPDATE and DELETE as well (migrations)."""

    _append_only: ClassVar[bool] = True

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are never changed.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{type(self).__name__} rows are never deleted.")


class Letter(models.Model):
    """One e-mail, from the moment it is due until it is sent or given up. Written by `letters`."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        GIVEN_UP = "given_up"

    key = models.CharField(max_length=160, unique=True)  # what it tells of: written once
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = SealedTextField(blank=True, default="", editable=False)
    html = SealedTextField(blank=True, default="", editable=False)
    headers = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    try_count = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, default=clock.now)
    trouble = models.CharField(max_length=80, blank=True)  # the kind of the last failure
    made_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", next_try_at__isnull=False, settled_at__isnull=True)
                | Q(
                    state__in=["sent", "given_up"],
                    next_try_at__isnull=True,
                    settled_at__isnull=False,
                    text="",
                    html="",
                ),
                name="letter_wiped_when_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="letter_due"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"
