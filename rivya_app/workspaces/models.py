"""People, the workspaces they share, and what each may do there."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address is a person's name for signing in."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(PublicIdModel, AbstractBaseUser, PermissionsMixin):
    """A person, with how they like to read."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        HINDI = "hi", _("Hindi")

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=5, choices=Language.choices, blank=True, default=""
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("theme"), max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=clock.now)
    session_epoch = models.PositiveIntegerField(default=0)  # raised: every session of theirs ends

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's own, and behind it a number that ends every session when it is raised."""
        own = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # not in the stubs
        return f"{own}{self.session_epoch or ''}"


class Workspace(PublicIdModel):
    """A team on one Rivya account. `time_zone` says when its months begin."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    requires_two_steps = models.BooleanField(default=False)  # to reach anything of it
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    SELLER = "seller", _("Seller")
    MANAGER = "manager", _("Campaign manager")
    OWNER = "owner", _("Account owner")
    RESEARCHER = "researcher", _("Researcher")
    SUPPORT = "support", _("Support")


class Membership(PublicIdModel):
    """One person in one workspace; called a *member* everywhere else."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)  # left, or was removed
    # Who hears in their stead since then; always somebody who is there.
    heir = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)  # to within presence.EVERY

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_once"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values) & Q(roles__len__gt=0),
                name="member_roles_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def has_role(self, *roles: str) -> bool:
        """Whether the member holds at least one of `roles`."""
        return bool(set(self.roles) & set(roles))


class Campaign(PublicIdModel):
    """What briefs are made for: who works on it, what counts as good, and how much it may cost.

    Channels, model ids and checklist codes are plain texts here: the rooms above know what they
    mean. An empty list of people leaves it to everybody whose role allows it.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    channels = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    brand_notes = models.TextField(max_length=4000, blank=True)
    # Items {"code", "text", "is_required"}; a known code brings its own words. Empty: the usual.
    checklist = models.JSONField(default=list, blank=True)
    budget = models.DecimalField(
        null=True, blank=True, max_digits=14, decimal_places=2
    )  # credits, held and spent together; null: no limit
    submitters = models.ManyToManyField(Membership, blank=True, related_name="+")
    deciders = models.ManyToManyField(Membership, blank=True, related_name="+")
    makers_may_approve = models.BooleanField(default=False)
    still_model_id = models.CharField(max_length=120, blank=True)
    video_model_id = models.CharField(max_length=120, blank=True)
    # By channel: {"duration": "5", "ratio": "9:16"}; what is missing is left to the model.
    video_formats = models.JSONField(default=dict, blank=True)
    is_archived = models.BooleanField(default=False)
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("workspace", Lower("name"), name="campaign_name_once"),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0), name="campaign_budget_not_less"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignChange(AppendOnlyModel):
    """Who did what to a campaign, when. `facts` holds [before, after] by the name of a field."""

    class Kind(models.TextChoices):
        MADE = "made", _("Made")
        CHANGED = "changed", _("Changed")
        ARCHIVED = "archived", _("Archived")
        UNARCHIVED = "unarchived", _("Taken out of the archive")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="changes")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.member}"


class Invitation(PublicIdModel):
    """A place in a workspace, offered to an address. Its link is known by a hash of its token."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))
    language = models.CharField(max_length=5, choices=User.Language.choices, default="en")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(default=clock.now)
    sent_count = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values) & Q(roles__len__gt=0),
                name="invitation_roles_known",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Pause(PublicIdModel):
    """While it lasts nothing new is sent to Rivya; without a workspace, nowhere on this server."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, null=True, related_name="pauses")
    reason = models.CharField(max_length=200, blank=True)
    began_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField(default=clock.now)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="pause_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reason or str(self.began_at)


class AuditEntry(AppendOnlyModel):
    """Who did something that must not pass unseen. Written by `audit.note` alone.

    `subject` and `facts` are safe words: names, purposes, amounts; never a secret or a link.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="audit_entries")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=120, blank=True)  # what they were called then
    act = models.CharField(max_length=40)  # as registered with audit.register
    subject = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)  # of the browser, where there was one
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="audit_newest"),
            models.Index(fields=["workspace", "act", "-created_at"], name="audit_by_act"),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.subject}"
