"""An account with credits, and who pays from it."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.credits import ledger, wallet
from rivya_app.credits.ledger import Payer
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Membership, Workspace


@pytest.fixture
def payer(workspace: Workspace, seller: Membership) -> Payer:
    key = ApiKey.objects.create(
        workspace=workspace,
        purpose="production-image-workflow",
        secret=Secret("rvya_sk_" + "t" * 20),
        fingerprint="f" * 64,
        prefix="rvya_sk_tttt",
        last_four="tttt",
    )
    workflow = Workflow.objects.create(workspace=workspace, moment="listing_images", api_key=key)
    return Payer(seller, workflow, key, None, "z-image")


def give(workspace: Workspace, balance: int) -> None:
    """Rivya says the wallet holds `balance` credits."""
    asked_at = clock.now() + timedelta(milliseconds=1)
    wallet.record(workspace, Decimal(balance), asked_at=asked_at, cause="test")


def limit(account: CreditAccount, amount: int, **fields: Any) -> Limit:
    """A hard monthly limit of the workspace without thresholds; `fields` change parts of it."""
    values = {"scope": "workspace", "period": "month", "is_hard": True, "thresholds": []}
    return Limit.objects.create(account=account, amount=amount, **values | fields)


def without_lock(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """Holds look at the account without its lock, and write only once all of them have looked."""
    gate, look = threading.Barrier(together), ledger.lock_and_look
    unlocked = ledger._LOCK_AND_LOOK.replace("FOR UPDATE", "")
    assert unlocked != ledger._LOCK_AND_LOOK

    def look_together(*args: Any) -> Any:
        seen = look(*args)
        gate.wait(timeout=10)
        return seen

    monkeypatch.setattr(ledger, "_LOCK_AND_LOOK", unlocked)
    monkeypatch.setattr(ledger, "lock_and_look", look_together)
