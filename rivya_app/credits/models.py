"""A workspace's credit account and append-only ledger. Only `ledger.py` and `wallet.py` write."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyModel, PublicIdModel
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Campaign, Membership, Workspace


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
            models.Index(
                fields=["account", "created_at"],
                include=["spent"],
                condition=~Q(spent=0),
                name="ledger_spent",
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
