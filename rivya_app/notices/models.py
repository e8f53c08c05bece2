"""What a person is told, and where they want to be told."""

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
        ANSWER_READY = "answer_ready", _("The assistant has answered")
        ANSWER_FAILED = "answer_failed", _("The assistant could not answer")

    member = models.ForeignKey(Membership, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    facts = models.JSONField(default=dict)  # safe words for the sentence: titles, counts, credits
    link = models.CharField(max_length=300, blank=True)  # a path of ours
    event_key = models.CharField(max_length=160)  # what happened; never told twice
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # when mailing looks at it; then null

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "event_key"], name="notice_told_once"),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at"], name="notice_by_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["mail_due_at"],
                condition=models.Q(mail_due_at__isnull=False),
                name="notice_mail_due",
            ),
        ]

    @property
    def sentence(self) -> str:
        """What it says, in the language active now."""
        return words.sentence(self.kind, self.facts)

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


class Mail(models.TextChoices):
    """When something is told by e-mail."""

    NOW = "now", _("At once")
    DIGEST = "digest", _("Once a day")
    NONE = "none", _("No e-mail")


class NoticeChoice(models.Model):
    """Where one member wants to be told of one kind, if not as `ways` has it for their roles."""

    member = models.ForeignKey(Membership, models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=30, choices=Notice.Kind.choices)
    mail = models.CharField(max_length=10, choices=Mail.choices)
    browser = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="notice_choice_once"),
            models.CheckConstraint(
                condition=models.Q(mail__in=Mail.values), name="notice_choice_mail_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.mail}"


class Postbox(models.Model):
    """Whether a member wants e-mail at all, and at which hour of their day the digest comes.
    Without a row: yes, and at DIGEST_HOUR."""

    DIGEST_HOUR = 8

    member = models.OneToOneField(
        Membership, models.CASCADE, related_name="postbox", primary_key=True
    )
    wants_mail = models.BooleanField(default=True)
    digest_hour = models.PositiveSmallIntegerField(default=DIGEST_HOUR)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest_hour__lte=23), name="postbox_hour_of_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.digest_hour}"
