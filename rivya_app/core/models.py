"""Base classes of our rows. Knows no domain word."""

import uuid
from typing import ClassVar

from django.db import models


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
