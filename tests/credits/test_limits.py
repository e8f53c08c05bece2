"""What owners set as limits: the acts, the pages, the form."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from rivya_app.credits import ledger, limit_actions, limits
from rivya_app.credits.limit_actions import LimitTaken, WantedLimit
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.workspaces.models import AuditEntry, Campaign
from tests.credits.account import give, limit

pytestmark = pytest.mark.django_db(transaction=True)
INDEX = "/credits/limits/"
NEW = "/credits/limits/new/"


@pytest.fixture
def account(workspace):
    give(workspace, 500)
    return CreditAccount.objects.get(workspace=workspace)


def wanted(**fields):
    values = {"period": "month", "amount": Decimal(100), "is_hard": True, "thresholds": (50, 80)}
    return WantedLimit(**values | fields)


def typed(**fields):
    values = {"whose": "workspace", "amount": "100", "period": "month", "kind": "hard"}
    return {**values, "thresholds": "50, 80, 100", **fields}


def hold(payer, amount, reference="generation:a"):
    with transaction.atomic():
        ledger.hold(payer.member.workspace, Decimal(amount), reference=reference, payer=payer)


def test_an_owner_makes_changes_and_ends_a_limit_and_each_is_noted(account, owner, seller):
    made = limit_actions.make_limit(member=owner, wanted=wanted(member=seller))
    assert (made.scope, made.amount, made.thresholds) == ("member", 100, [50, 80])
    limit_actions.change_limit(
        member=owner, public_id=made.public_id, wanted=wanted(amount=Decimal(70))
    )
    limit_actions.end_limit(member=owner, public_id=made.public_id)
    notes = list(AuditEntry.objects.order_by("id").values_list("act", "subject", "by"))
    assert notes == [
        (f"limit.{act}", "Asha Seller", "Vikram Owner") for act in ("made", "changed", "ended")
    ]
    assert AuditEntry.objects.get(act="limit.changed").facts == {"amount": ["100.00", "70.00"]}
    assert not Limit.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("person", ["seller", "manager", "support", "researcher"])
def test_nobody_else_may(account, request, person, owner):
    member = request.getfixturevalue(person)
    made = limit_actions.make_limit(member=owner, wanted=wanted())
    with pytest.raises(PermissionDenied):
        limit_actions.make_limit(member=member, wanted=wanted(is_hard=False))
    with pytest.raises(PermissionDenied):
        limit_actions.change_limit(member=member, public_id=made.public_id, wanted=wanted())
    with pytest.raises(PermissionDenied):
        limit_actions.end_limit(member=member, public_id=made.public_id)


def test_an_owner_elsewhere_limits_nobody_here(account, stranger, seller):
    with pytest.raises(PermissionDenied):
        limit_actions.make_limit(member=stranger, wanted=wanted(member=seller))


def test_of_two_alike_the_second_is_refused_until_the_first_ends(account, owner, client_of):
    made = limit_actions.make_limit(member=owner, wanted=wanted())
    limit_actions.make_limit(member=owner, wanted=wanted(is_hard=False))
    with pytest.raises(LimitTaken) as refusal:
        limit_actions.make_limit(member=owner, wanted=wanted(amount=Decimal(5)))
    assert refusal.value.limit == made
    page = client_of(owner).post(NEW, typed(amount="7"))
    assert page.status_code == 422
    assert "There is one already: 100 credits each month, refuses" in page.content.decode()
    limit_actions.end_limit(member=owner, public_id=made.public_id)
    assert client_of(owner).post(NEW, typed(amount="7")).status_code == 302


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("50; 80 100", ""),
        ("50%, 80%", ""),
        ("", ""),
        ("50, many", "Write whole numbers with commas"),
        ("80, 50", "Put the lowest first."),
        ("50, 50", "One of them is there twice."),
        ("0, 50", "Each lies between 1 and 100."),
        ("50, 101", "Each lies between 1 and 100."),
        ("1, 2, 3, 4, 5, 6, 7", "At most six."),
        ("٥٠", "Write whole numbers with commas"),
    ],
)
def test_thresholds_are_checked_and_what_was_typed_stays(account, owner, client_of, said, why):
    page = client_of(owner).post(NEW, typed(thresholds=said))
    if not why:
        assert page.status_code == 302
        return
    text = page.content.decode()
    assert (page.status_code, Limit.objects.count()) == (422, 0)
    assert why in text
    assert f'value="{said}"' in text


def test_the_form_limits_whom_it_says(account, owner, seller, payer, client_of):
    campaign = Campaign.objects.create(workspace=account.workspace, name="Festive table")
    whose = {
        f"campaign:{campaign.public_id}": campaign,
        f"member:{seller.public_id}": seller,
        f"key:{payer.api_key.public_id}": payer.api_key,
    }
    for choice, named in whose.items():
        assert client_of(owner).post(NEW, typed(whose=choice)).status_code == 302
        made = Limit.objects.latest("id")
        assert named in (made.campaign, made.member, made.api_key)
    page = client_of(owner).post(NEW, typed(whose="member:00000000-0000-0000-0000-000000000000"))
    assert page.status_code == 422


def test_less_than_is_used_is_said_before_it_is_kept(account, owner, payer, client_of):
    hold(payer, 60)
    row, browser = limit(account, 100), client_of(owner)
    address = reverse("credits:change-limit", args=[row.public_id])
    page = browser.post(address, typed(amount="40"))
    assert "60 credits are used already, the limit would be 40 credits" in page.content.decode()
    row.refresh_from_db()
    assert row.amount == 100
    assert browser.post(address, typed(amount="40", sure="40")).status_code == 302
    row.refresh_from_db()
    assert row.amount == 40
    with pytest.raises(ledger.OverLimit):
        hold(payer, 1, "generation:b")


def test_a_yes_to_one_amount_is_none_to_another(account, owner, payer, client_of):
    hold(payer, 60)
    row = limit(account, 100)
    address = reverse("credits:change-limit", args=[row.public_id])
    client_of(owner).post(address, typed(amount="30", sure="40"))
    row.refresh_from_db()
    assert row.amount == 100


def test_a_soft_limit_below_use_needs_no_second_word(account, owner, payer, client_of):
    hold(payer, 60)
    assert client_of(owner).post(NEW, typed(amount="40", kind="soft")).status_code == 302


def test_the_list_says_how_each_stands_and_shows_budgets_beside(
    account, owner, payer, support, client_of
):
    Campaign.objects.create(workspace=account.workspace, name="Festive table", budget=120)
    hold(payer, 60)
    limit(account, 100, thresholds=[50, 80])
    for reader in (owner, support):
        text = client_of(reader).get(INDEX).content.decode()
        assert "0 of 100 credits spent" in text
        assert "60 held" in text
        assert "40 left" in text
        assert "Festive table" in text
        assert "0 of 120 credits spent" in text
        assert (NEW in text) is (reader == owner)


def test_an_ended_limit_is_not_there_any_more(account, owner, client_of):
    row = limit(account, 100)
    address = reverse("credits:end-limit", args=[row.public_id])
    browser = client_of(owner)
    assert "End this limit?" in browser.get(address).content.decode()
    assert browser.post(address).status_code == 302
    assert browser.post(address).status_code == 404
    assert browser.get(reverse("credits:change-limit", args=[row.public_id])).status_code == 404


def test_the_room_is_what_the_tightest_hard_limit_leaves(account, payer, seller, manager):
    campaign = Campaign.objects.create(workspace=account.workspace, name="Festive", budget=30)
    limit(account, 5, is_hard=False)
    limit(account, 80)
    limit(account, 40, scope="member", member=seller)
    limit(account, 20, scope="key", api_key=payer.api_key)
    assert limits.room_for(seller).left == 40
    assert limits.room_for(manager).left == 80
    assert limits.room_for(seller, campaign).left == 30
    assert limits.room_for(seller, campaign, payer.api_key).left == 20
    assert [one.left for one in limits.hard_limits_for(seller, campaign, payer.api_key)] == [
        20,
        40,
        80,
    ]


def test_without_limits_only_the_balance_counts(account, seller):
    assert limits.room_for(seller) is None
