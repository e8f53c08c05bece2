"""What was made to try a workflow, by one form each. Written by actions.py alone."""

from django.db import models
from django.db.models import Q

from rivya_app.chat.models import Turn
from rivya_app.core import clock
from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation


class TrialRun(models.Model):
    """A real job, or a question to the assistant, made from a workflow's page.

    `token` is the form's: pressed twice it is one.
    """

    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="trial_runs")
    generation = models.OneToOneField(
        Generation, models.PROTECT, null=True, related_name="trial_run"
    )
    turn = models.OneToOneField(Turn, models.PROTECT, null=True, related_name="trial_run")
    token = models.UUIDField(editable=False)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workflow", "token"], name="trial_run_once"),
            models.CheckConstraint(
                condition=Q(generation__isnull=False, turn__isnull=True)
                | Q(generation__isnull=True, turn__isnull=False),
                name="trial_run_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow}: {self.generation or self.turn}"
