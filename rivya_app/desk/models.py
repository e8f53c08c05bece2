"""What the desk itself keeps: notes, which stay for ever, and what was marked as handled."""

import uuid

from django.db import models

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel
from rivya_app.workspaces.models import Membership, Workspace


class Note(AppendOnlyModel):
    """What somebody of the desk wrote about a thing. `reference` names it as in the ledger
    (`generation:<uuid>`); `token` is the form's, so that a second press writes nothing twice."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=300)
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    token = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "token"], name="desk_note_once"),
        ]
        indexes = [models.Index(fields=["reference", "id"], name="desk_note_by_reference")]

    def __str__(self) -> str:
        return self.text[:60]


class Handled(models.Model):
    """Somebody dealt with a thing in one of the desk's lists. It counts for that list alone: a
    stuck job that was handled and fails later is new among the failed ones."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)  # of the list, as registered with sources
    reference = models.CharField(max_length=300)
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "reference"], name="desk_handled_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.reference}"
