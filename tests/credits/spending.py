"""Workspaces that spent something through the real ledger, and pages read back as numbers."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import Client

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.credits import ledger, wallet
from rivya_app.credits.ledger import Payer
from rivya_app.credits.models import CreditAccount
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Campaign, Membership, Role, Workspace
from tests.cast import make_member

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
_CELL = re.compile(r'<td class="number" data-label="([^"]+)">([^<]*)</td>')


@dataclass(frozen=True)
class House:
    """A workspace with people, campaigns, keys and workflows to spend by."""

    workspace: Workspace
    owner: Membership
    people: list[Membership]
    campaigns: list[Campaign | None]
    keys: list[ApiKey]
    flows: list[Workflow]

    @property
    def account(self) -> CreditAccount:
        return CreditAccount.objects.get(workspace=self.workspace)


def make_house(zone: str = "UTC", *, balance: int = 100_000) -> House:
    """With credits enough that nothing is refused."""
    home = Workspace.objects.create(name="Asha Crafts", time_zone=zone)
    owner = make_member(home, Role.OWNER, name="Vikram Owner")
    people = [
        make_member(home, Role.SELLER, name=name, email=f"{name.split()[0]}-{home.pk}@x.example")
        for name in ("Asha Rao", "Kiran Das", "Meera Nair")
    ]
    campaigns = [Campaign.objects.create(workspace=home, name=name) for name in ("Diwali", "Eid")]
    keys = [make_key(home, f"purpose-{number}") for number in range(2)]
    flows = [
        Workflow.objects.create(workspace=home, moment=moment, api_key=keys[0])
        for moment in ("listing_images", "short_video")
    ]
    with clock.at(LONG_AGO):
        wallet.record(home, Decimal(balance), asked_at=LONG_AGO, cause="test")
    return House(home, owner, people, [None, *campaigns], keys, flows)


def make_key(home: Workspace, purpose: str) -> ApiKey:
    mark = uuid4().hex
    return ApiKey.objects.create(
        workspace=home,
        purpose=purpose,
        secret=Secret("rvya_sk_" + mark[:20]),
        fingerprint=mark + mark,
        prefix="rvya_sk_tttt",
        last_four=mark[-4:],
    )


def payer(house: House, person: int = 0, campaign: int = 0, **more: Any) -> Payer:
    return Payer(
        house.people[person],
        house.flows[more.get("flow", 0)],
        house.keys[more.get("key", 0)],
        house.campaigns[campaign],
        more.get("model", "z-image"),
    )


def hold(payer: Payer, amount: Any, *, at: datetime, reference: str = "") -> str:
    reference = reference or f"generation:{uuid4()}"
    home = payer.member.workspace
    with clock.at(at), transaction.atomic():
        ledger.hold(home, Decimal(amount), reference=reference, payer=payer)
    return reference


def settle(reference: str, final: Any, *, at: datetime) -> None:
    with clock.at(at), transaction.atomic():
        ledger.settle(reference, Decimal(final))


def release(reference: str, *, at: datetime) -> None:
    with clock.at(at), transaction.atomic():
        ledger.release(reference)


def spend(payer: Payer, final: Any, *, at: datetime, held: Any = None) -> str:
    """A job held and settled at one moment."""
    reference = hold(payer, final if held is None else held, at=at)
    settle(reference, final, at=at)
    return reference


# --- Reading --------------------------------------------------------------------------------------


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def body_and_foot(page: str, label: str = "Spent") -> tuple[Decimal, Decimal]:
    """What the rows of the first table with sums say together, and what its last row says."""
    table = page[page.index('<table class="table report-table') :]
    body, foot = table[: table.index("<tfoot>")], table[table.index("<tfoot>") :]
    foot = foot[: foot.index("</tfoot>")]
    return sum_of(body, label), sum_of(foot, label)


def sum_of(markup: str, label: str) -> Decimal:
    found = [number(text) for name, text in _CELL.findall(markup) if name == label]
    return sum(found, Decimal(0))


def csv_rows(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def drilled(browser: Client, url: str) -> Decimal:
    """Everything on the list behind a sum, page by page."""
    total = Decimal(0)
    while url:
        answer = browser.get(url)
        total += sum_of(answer.content.decode(), "Spent")
        url = answer.context["older_url"]
    return total
