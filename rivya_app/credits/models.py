"""A workspace's credit account and append-only ledger, and what keeps spending within bounds.

Only `ledger.py` and `wallet.py` write accounts, entries, usage and snapshots.
"""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Campaign, Membership, Role, Workspace


class CreditAccount(PublicIdModel):
    """What a workspace can spend. `available` and `held` cache the ledger, under the row lock."""

    workspace = models.OneToOneField(Workspace, models.PROTECT, related_name="credit_account")
    available = models.DecimalField(
        default=Decimal(0), max_digits=14, decimal_places=2
    )  # may fall below zero: the truth
    held = models.DecimalField(default=Decimal(0), max_digits=14, decimal_places=2)
    wallet = models.DecimalField(
        null=True, blank=True, max_digits=14, decimal_places=2
    )  # Rivya's word, as last read
    wallet_read_at = models.DateTimeField(null=True, blank=True)
    low_mark = models.DecimalField(
        default=Decimal(50), max_digits=14, decimal_places=2
    )  # tell the owner below this
    low_told_at = models.DateTimeField(
        null=True, blank=True
    )  # null: the balance has not been below the mark since it was last above
    unknown_mark = models.DecimalField(
        default=Decimal(20), max_digits=14, decimal_places=2
    )  # tell the owner of differences nobody can explain above this
    changed_at = models.DateTimeField(default=clock.now)


class LedgerEntry(AppendOnlyModel):
    """One signed movement. A reference (`generation:<uuid>`) is held once and closed once."""

    class Kind(models.TextChoices):
        HOLD = "hold", _("Held before the call")
        RESERVE = "reserve", _("Reserved by Rivya")
        SETTLE = "settle", _("Settled")
        RELEASE = "release", _("Returned")
        WALLET = "wallet", _("Difference to Rivya's balance")

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # change of `available`
    spent = models.DecimalField(
        default=Decimal(0), max_digits=14, decimal_places=2
    )  # credits that are gone for good
    reference = models.CharField(max_length=80, blank=True)
    member = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+")
    workflow = models.ForeignKey(Workflow, models.PROTECT, null=True, related_name="+")
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, related_name="+")
    model_id = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind="hold"), name="ledger_held_once"
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind="reserve"), name="ledger_reserved_once"
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=Q(kind__in=["settle", "release"]),
                name="ledger_closed_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="wallet", reference="") | (~Q(kind="wallet") & ~Q(reference="")),
                name="ledger_reference_where_due",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["hold", "reserve", "settle", "release", "wallet"]),
                name="ledger_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at"], name="ledger_by_time"),
            models.Index(fields=["reference"], name="ledger_by_reference"),
            models.Index(
                fields=["campaign"],
                include=["amount", "spent"],
                condition=Q(campaign__isnull=False),
                name="ledger_by_campaign",
            ),
            # Whatever a report cuts by, so that it reads this index alone.
            models.Index(
                fields=["account", "created_at"],
                include=["spent", "member", "campaign", "workflow", "api_key", "model_id"],
                condition=~Q(spent=0),
                name="ledger_spent_by_what",
            ),
            # The same with what came back, for which the costless ends count as well.
            models.Index(
                fields=["account", "created_at"],
                include=[
                    "amount",
                    "spent",
                    "member",
                    "campaign",
                    "workflow",
                    "api_key",
                    "model_id",
                ],
                condition=Q(kind__in=["settle", "release"]),
                name="ledger_closed_by_what",
            ),
        ]


class WalletSnapshot(AppendOnlyModel):
    """Rivya's balance at a moment, and what our ledger expected it to be."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="snapshots")
    balance = models.DecimalField(max_digits=14, decimal_places=2)
    expected = models.DecimalField(
        null=True, max_digits=14, decimal_places=2
    )  # null: jobs moved while it was read
    read_at = models.DateTimeField(default=clock.now)
    cause = models.CharField(max_length=40)

    class Meta:
        ordering = ["-read_at"]
        indexes = [models.Index(fields=["account", "-read_at"], name="snapshot_by_time")]


class Usage(models.Model):
    """What one scope holds and has spent: a cache of the ledger, moved with it under the account's
    lock. `period` is a month of the workspace ("2026-11") or "" for all time, which alone `holds`.
    """

    class Scope(models.TextChoices):
        WORKSPACE = "workspace", _("Workspace")
        CAMPAIGN = "campaign", _("Campaign")
        MEMBER = "member", _("Person")
        KEY = "key", _("Key")

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="usages")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    subject_id = models.BigIntegerField()  # the row of the scope; for a workspace its account
    period = models.CharField(max_length=7, blank=True)
    held = models.DecimalField(default=Decimal(0), max_digits=14, decimal_places=2)
    spent = models.DecimalField(default=Decimal(0), max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scope", "subject_id", "period"], name="usage_once"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["workspace", "campaign", "member", "key"]),
                name="usage_scope_known",
            ),
            models.CheckConstraint(condition=Q(period="") | Q(held=0), name="usage_holds_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject_id} {self.period}"


class Limit(PublicIdModel):
    """What a workspace, campaign, person or key may spend in a month or in all.

    A hard one refuses what would go beyond it; any warns at its thresholds, each once a period.
    """

    Scope = Usage.Scope

    class Period(models.TextChoices):
        MONTH = "month", _("Each month")
        TOTAL = "total", _("In all")

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="limits")
    scope = models.CharField(max_length=10, choices=Usage.Scope.choices)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, blank=True, related_name="+")
    period = models.CharField(max_length=5, choices=Period.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # credits, held and spent
    is_hard = models.BooleanField()
    thresholds = ArrayField(models.PositiveSmallIntegerField(), default=list)  # percent, rising
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["scope", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scope", "campaign", "member", "api_key", "period", "is_hard"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="limit_once",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="limit_not_below_zero"),
            models.CheckConstraint(
                condition=Q(scope="workspace", campaign=None, member=None, api_key=None)
                | Q(scope="campaign", campaign__isnull=False, member=None, api_key=None)
                | Q(scope="member", campaign=None, member__isnull=False, api_key=None)
                | Q(scope="key", campaign=None, member=None, api_key__isnull=False),
                name="limit_names_its_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.scope}, {self.period}"

    @property
    def subject_id(self) -> int:
        """The key of what it limits, as in a Usage."""
        named = (self.campaign_id, self.member_id, self.api_key_id)
        return next((key for key in named if key), self.account_id)

    @property
    def name(self) -> str:
        """Whose it is, as the campaign, the person, the key or the workspace is called."""
        if self.api_key:
            return self.api_key.purpose
        return str(self.campaign or self.member or self.account.workspace.name)


class ThresholdTold(models.Model):
    """A threshold that was passed and told of, once a period ("" for a limit in all)."""

    limit = models.ForeignKey(Limit, models.CASCADE, related_name="told")
    period = models.CharField(max_length=7, blank=True)
    threshold = models.PositiveSmallIntegerField()  # percent
    used = models.DecimalField(max_digits=14, decimal_places=2)
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["limit", "period", "threshold"], name="threshold_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} % in {self.period or 'all'}"


class BudgetTold(models.Model):
    """A threshold of a campaign's budget that was passed and told of, once for each budget."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    budget = models.DecimalField(max_digits=14, decimal_places=2)  # credits, as it was then
    threshold = models.PositiveSmallIntegerField()  # percent
    used = models.DecimalField(max_digits=14, decimal_places=2)
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "budget", "threshold"], name="budget_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} % of {self.budget}"


class GateRule(PublicIdModel):
    """What somebody may not start without an owner's yes. Every condition that is set must hold."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="gate_rules")
    above = models.DecimalField(
        null=True, blank=True, max_digits=14, decimal_places=2
    )  # credits one press costs
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    model_ids = ArrayField(models.CharField(max_length=120), default=list)
    valid_hours = models.PositiveSmallIntegerField(default=72)  # until an unanswered ask ends
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"above {self.above}" if self.above is not None else "always"


class Ask(PublicIdModel):
    """One question to the owners: may this be spent? `reference` names what waits for it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for an answer")
        GRANTED = "granted", _("Yes")
        REFUSED = "refused", _("No")
        EXPIRED = "expired", _("Nobody answered in time")
        WITHDRAWN = "withdrawn", _("No longer wanted")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="asks")
    reference = models.CharField(max_length=120)
    rule = models.ForeignKey(GateRule, models.PROTECT, related_name="asks")
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="asks")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+")
    model_ids = ArrayField(models.CharField(max_length=120), default=list)
    title = models.CharField(max_length=200)  # "": private, as a question to the assistant is
    link = models.CharField(max_length=300)  # a path of ours: what it is about
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # credits, as quoted
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)  # the owner's words
    carried_out_at = models.DateTimeField(null=True, blank=True)  # what waited was told

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(state="pending"), name="ask_pending_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "granted", "refused", "expired", "withdrawn"]),
                name="ask_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-asked_at"], name="ask_newest"),
            models.Index(fields=["reference", "-id"], name="ask_by_reference"),
            models.Index(
                fields=["state", "expires_at"],
                condition=Q(carried_out_at__isnull=True),
                name="ask_to_carry_out",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"


class Difference(PublicIdModel):
    """Why Rivya's balance moved beside our jobs. One for each WALLET entry; the owner may say more.

    `amount` is the entry's; the kind is a guess from the facts until somebody names it.
    """

    class Kind(models.TextChoices):
        FIRST_READING = "first_reading", _("First reading")
        TOP_UP = "top_up", _("Credits added")
        RETURNED = "returned", _("Returned later")
        OUTSIDE = "outside", _("Used outside, such as in Studio")
        EXPIRED = "expired", _("Expired")
        UNKNOWN = "unknown", _("Unknown")

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="differences")
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="difference")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    found_at = models.DateTimeField(default=clock.now)
    note = models.CharField(max_length=300, blank=True)
    named_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    named_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-found_at", "-id"]
        indexes = [models.Index(fields=["account", "-found_at"], name="difference_newest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount}"


class CreditExpiry(PublicIdModel):
    """When a plan or a pack of credits ends, as an owner knows it from Rivya's own page."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Plan")
        PACK = "pack", _("Credit pack")

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="expiries")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    name = models.CharField(max_length=120, blank=True)
    credits = models.DecimalField(null=True, blank=True, max_digits=14, decimal_places=2)
    ends_on = models.DateField()
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ends_on", "id"]

    def __str__(self) -> str:
        return f"{self.name or self.kind}, {self.ends_on}"
