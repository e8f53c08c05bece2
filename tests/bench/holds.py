"""Holds a second on one account, beside a loop that only locks, writes one entry and commits.

Everybody waits for the same row, so both figures say how long that row is kept locked.
"""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from uuid import uuid4

from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.credits import ledger
from rivya_app.credits.ledger import Payer
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.gateway.access import workflow_for
from rivya_app.workspaces.models import Campaign
from tests.bench.figures import Figure
from tests.bench.shop import BenchShop
from tests.bench.stage import say

THREADS = 4
SECONDS = 1.5  # a slice; the ways take turns, so that a busy minute falls on all of them
TURNS = 6
LEAST_SHARE = 0.5
PRICE = Decimal("0.01")
FAR = Decimal(1_000_000)

_LOCK = "SELECT id FROM credits_creditaccount WHERE workspace_id = %s FOR UPDATE"
_ENTRY = (
    "INSERT INTO credits_ledgerentry (account_id, kind, amount, spent, reference, member_id,"
    " campaign_id, workflow_id, api_key_id, model_id, note, created_at)"
    " VALUES (%s, 'hold', %s, 0, %s, %s, %s, %s, %s, %s, '', %s)"
)


def measure(shop: BenchShop) -> list[Figure]:
    campaign = Campaign.objects.create(workspace=shop.workspace, name="Bench", budget=FAR)
    flow = workflow_for(shop.workspace, "image")
    payer = Payer(shop.cast["seller"], flow, shop.key, campaign, "z-image")
    bare = _way(lambda: _hold_bare(payer))
    ours = _way(lambda: _hold(payer))
    free = _turns(bare, ours, "without limits")
    _limit_everything(payer)
    bound = _turns(bare, ours, "with a limit of each scope")
    return [*_figures("without limits", free), *_figures("with a limit of each scope", bound)]


def _turns(
    bare: Callable[[], float], ours: Callable[[], float], words: str
) -> tuple[list[float], list[float]]:
    """Holds a second, in turns; the first pair only warms up."""
    pairs = []
    for turn in range(TURNS + 1):
        pairs.append((bare(), ours()))
        say(f"{words}, turn {turn} of {TURNS}: {pairs[-1][0]:,.0f} bare, {pairs[-1][1]:,.0f} ours")
    return [pair[0] for pair in pairs[1:]], [pair[1] for pair in pairs[1:]]


def _figures(words: str, pairs: tuple[list[float], list[float]]) -> list[Figure]:
    bare, ours = pairs
    share = median(mine / other for other, mine in zip(bare, ours, strict=True))
    return [
        Figure(f"bare loop, {words}", median(bare), unit="a second"),
        Figure(f"holds, {words}", median(ours), unit="a second"),
        Figure(f"share of the bare loop, {words}", share, LEAST_SHARE, at_least=True),
    ]


def _limit_everything(payer: Payer) -> None:
    """One hard limit of each scope, far away."""
    account = CreditAccount.objects.get(workspace=payer.member.workspace)
    scopes = {
        "workspace": {},
        "campaign": {"campaign": payer.campaign},
        "member": {"member": payer.member},
        "key": {"api_key": payer.api_key},
    }
    for scope, named in scopes.items():
        Limit.objects.create(
            account=account,
            scope=scope,
            period="month",
            amount=FAR,
            is_hard=True,
            thresholds=[50, 80, 100],
            **named,
        )


def _hold(payer: Payer) -> None:
    with transaction.atomic():
        ledger.hold(payer.member.workspace, PRICE, reference=f"bench:{uuid4()}", payer=payer)


def _hold_bare(payer: Payer) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, [payer.member.workspace_id])
        (account_id,) = cursor.fetchone()
        named = (payer.member.pk, payer.campaign.pk if payer.campaign else None)
        paid = (payer.workflow.pk, payer.api_key.pk, payer.model_id)
        reference = f"bare:{uuid4()}"
        cursor.execute(_ENTRY, [account_id, -PRICE, reference, *named, *paid, clock.now()])


def _way(act: Callable[[], None]) -> Callable[[], float]:
    """Acts a second, done by all threads together for one slice."""
    return lambda: _a_second(act)


def _a_second(act: Callable[[], None]) -> float:
    counts = [0] * THREADS
    gate = threading.Barrier(THREADS)
    ends_at = time.monotonic() + SECONDS

    def work(number: int) -> None:
        try:
            gate.wait(timeout=10)
            while time.monotonic() < ends_at:
                act()
                counts[number] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - began)
