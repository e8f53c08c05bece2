"""An account with credits, and who pays from it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.credits import wallet
from rivya_app.credits.ledger import Payer
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
