"""What a person is told in the app."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import PublicIdModel
from rivya_app.notices import words
from rivya_app.workspaces.models import Membership


class Notice(PublicIdModel):
    """One thing told to one member, once. Its sentence is made when it is read."""

    class Kind(models.TextChoices):
        RESULT_READY = "result_ready", _("A result is ready")
        JOB_FAILED = "job_failed", _("A job failed")
        NEEDS_LOOK = "needs_look", _("A job needs a look")
        LOW_CREDITS = "low_credits", _("Credits are low")
        KEY_TROUBLE = "key_trouble", _("A key is not accepted")
        WEBHOOK_TROUBLE = "webhook_trouble", _("A webhook endpoint cannot be relied on")
        MODEL_CHANGED = "model_changed", _("A model that is used here changed")
        REVIEW_ASKED = "review_asked", _("A decision is needed")
        DECIDED = "decided", _("A draft was decided on")
        VIDEO_WAITS = "video_waits", _("A video waits to be let through")
        OVER_BUDGET = "over_budget", _("A campaign has used its budget")
        PACKAGE_READY = "package_ready", _("A package is ready")
        PACKAGE_BROKEN = "package_broken", _("A package could not be made")
        DESTINATION_TROUBLE = "destination_trouble", _("Another system does not take our events")
        YES_ASKED = "yes_asked", _("Your yes is asked for")
        YES_ANSWERED = "yes_answered", _("The owner answered")
        THRESHOLD = "threshold", _("A limit is nearly used up")
        LOW_BALANCE = "low_balance", _("The balance is low")
        WALLET_DIFFERENCE = "wallet_difference", _("The balance moved without a known reason")
        KEY_ENDS = "key_ends", _("A key ends soon")
        HANDED_ON = "handed_on", _("Somebody’s work is yours now")

    member = models.ForeignKey(Membership, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    facts = models.JSONField(default=dict)  # safe words for the sentence: titles, counts, credits
    link = models.CharField(max_length=300, blank=True)  # a path of ours
    event_key = models.CharField(max_length=160)  # what happened; never told twice
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "event_key"], name="notice_told_once"),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at"], name="notice_by_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None), name="notice_unread"),
        ]

    @property
    def sentence(self) -> str:
        """What it says, in the language active now."""
        return words.sentence(self.kind, self.facts)

    @property
    def is_read(self) -> bool:
        return self.read_at is not None
