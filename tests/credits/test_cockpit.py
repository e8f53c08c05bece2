"""The owner's first look at credits, and the wallet against the ledger, as pages."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import expiries, ledger
from rivya_app.credits.expiries import WantedExpiry
from rivya_app.credits.models import CreditAccount, CreditExpiry, Difference, Limit
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


def page(browser, name: str, *arguments, **query) -> str:
    response = browser.get(reverse(name, args=arguments), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def sent(browser, address: str, *arguments, **fields):
    return browser.post(reverse(address, args=arguments), fields, follow=True)


def words_of(response) -> str:
    return " ".join(response.content.decode().split())


def spend(workspace, payer, days_ago: float, amount: int) -> None:
    reference = f"generation:{uuid4()}"
    with clock.at(clock.now() - timedelta(days=days_ago)), transaction.atomic():
        ledger.hold(workspace, Decimal(amount), reference=reference, payer=payer)
        ledger.settle(reference, Decimal(amount))


@pytest.fixture
def worked(workspace, payer, owner):
    """A month of work, a limit, an end, an unknown difference, and one job that runs."""
    with clock.at(clock.now() - timedelta(days=29)):
        give(workspace, 600)
    for days_ago in (13, 8, 3, 0.001):
        spend(workspace, payer, days_ago, 35)
    give(workspace, 445)
    with transaction.atomic():
        ledger.hold(workspace, Decimal(20), reference="generation:runs", payer=payer)
    account = CreditAccount.objects.get()
    Limit.objects.create(
        account=account,
        scope="member",
        member=payer.member,
        period="total",
        amount=200,
        is_hard=False,
        thresholds=[75, 90],
    )
    day = clock.now().date() + timedelta(days=5)
    expiries.add(member=owner, wanted=WantedExpiry("pack", "Autumn pack", Decimal(90), day))
    return account


def test_it_answers_whether_there_is_room(worked, owner, client_of):
    said = page(client_of(owner), "credits:cockpit")
    assert "<dd>425</dd>" in said
    assert "42 days" in said
    assert "10 credits a day over the last 14 days" in said
    assert "for 1 job or question" in said
    assert "Owners are told at 90%: 20 credits away" in said
    assert "Autumn pack" in said
    assert "At this pace about 40 credits would end unused." in said
    assert "<dt>Spent</dt><dd>35</dd>" in said
    assert "1 unknown" in said
    assert "15 in 30 days" in said


def test_it_says_what_it_cannot_tell_yet(workspace, owner, client_of):
    said = page(client_of(owner), "credits:cockpit")
    assert "Rivya’s balance was not read yet" in said
    assert "Cannot tell yet" in said
    assert "The account is known for 0 days; a pace needs 7." in said
    assert "Nothing runs, and nothing is held." in said
    assert "No limits are set." in said
    assert "Rivya does not tell us when plans and packs end." in said


def test_support_reads_it_and_can_press_nothing(worked, support, client_of):
    browser = client_of(support)
    for name in ("credits:cockpit", "credits:wallet"):
        said = page(browser, name)
        main = said[said.index("<main") :]
        assert "<form" not in main
        assert "Say what it was" not in main
    assert "Autumn pack" in page(browser, "credits:cockpit")


def test_the_home_of_an_owner_says_the_same_in_short(worked, owner, seller, client_of):
    said = page(client_of(owner), "home")
    assert "42 days" in said
    assert "10 credits a day over the last 14 days" in said
    assert reverse("credits:cockpit") in said
    assert "10 credits a day" not in page(client_of(seller), "home")


def test_low_credits_are_said_with_the_way_to_add_some(worked, owner, client_of):
    CreditAccount.objects.update(low_mark=430)
    for name in ("credits:cockpit", "home"):
        said = page(client_of(owner), name)
        assert "Credits are low" in said
        assert "Top up at Rivya" in said


def test_it_asks_the_database_as_often_for_a_long_history_as_for_a_short_one(
    worked, workspace, payer, owner, client_of, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = client_of(owner)
    counts = {}
    for name in ("credits:cockpit", "credits:wallet", "home"):
        page(browser, name)
        with CaptureQueriesContext(connection) as seen:
            page(browser, name)
        counts[name] = len(seen)
    for number in range(12):
        spend(workspace, payer, number / 2, 3)
        give(workspace, 300 + number)
        give(workspace, 300 + number)
    for name, count in counts.items():
        with django_assert_num_queries(count):
            page(browser, name)
    assert counts["credits:cockpit"] <= 24


def test_the_balance_is_read_on_a_press_and_said_in_words(shop, owner, client_of):
    browser = client_of(owner)
    shop.rivya.set_credits(321)
    assert "321 credits left to spend" in words_of(sent(browser, "credits:refresh"))
    assert "Rivya was asked a moment ago" in words_of(sent(browser, "credits:refresh"))


def test_a_press_that_reaches_nobody_says_so_plainly(shop, owner, client_of):
    shop.rivya.fault("server_error", on=["credits.get"])
    said = words_of(sent(client_of(owner), "credits:refresh", back="wallet"))
    assert "Rivya could not be reached" in said
    assert "Balance against ledger" in said
    for code in ("HTTP", "Error", "Traceback"):
        assert code not in said[said.index("<main") :]


def test_marks_are_changed_and_wrong_ones_are_said_beside_their_field(worked, owner, client_of):
    browser = client_of(owner)
    wrong = browser.post(reverse("credits:marks"), {"low_mark": "-1", "unknown_mark": "9"})
    assert wrong.status_code == 422
    assert 'value="-1"' in wrong.content.decode()
    sent(browser, "credits:marks", low_mark="77", unknown_mark="9.5")
    account = CreditAccount.objects.get()
    assert (account.low_mark, account.unknown_mark) == (77, Decimal("9.5"))
    assert "owners are told below 77" in page(browser, "credits:cockpit")


def test_ends_are_written_down_and_taken_away(workspace, owner, client_of):
    browser = client_of(owner)
    fields = {"kind": "plan", "name": "Monthly", "credits": "", "ends_on": "2031-05-04"}
    wrong = browser.post(reverse("credits:add-expiry"), {**fields, "ends_on": "soon"})
    assert wrong.status_code == 422
    assert "Monthly" in wrong.content.decode()
    for _press in range(2):
        said = words_of(sent(browser, "credits:add-expiry", **fields))
    assert "Monthly" in said
    assert "whatever is left then" in said
    row = CreditExpiry.objects.get()
    assert "Monthly" not in words_of(sent(browser, "credits:remove-expiry", row.public_id))
    again = browser.post(reverse("credits:remove-expiry", args=[row.public_id]))
    assert again.status_code == 404


def test_the_wallet_page_shows_the_equation_and_every_difference(worked, owner, client_of):
    said = page(client_of(owner), "credits:wallet")
    assert "The books do not close" not in said
    assert "they are equal" in said
    assert "20 of it held, 425 left to spend" in said
    assert "Unknown in 30 days: 15; owners are told above 20" in said
    assert "+600" in said
    assert "-15" in said
    assert "chart-balance" in said
    assert page(client_of(owner), "credits:wallet", days="7")
    assert page(client_of(owner), "credits:wallet", days="x", page="99")


def test_the_wallet_page_of_an_account_that_was_never_read(workspace, owner, client_of):
    said = page(client_of(owner), "credits:wallet")
    assert "too few readings" in said
    assert "have always agreed" in said


def test_books_that_do_not_close_are_said(worked, owner, client_of):
    Difference.objects.latest("id").delete()
    said = page(client_of(owner), "credits:wallet")
    assert "The books do not close" in said
    assert "differs by -15 credits" in said


def test_an_owner_names_a_difference_by_one_press_or_with_words(worked, owner, client_of):
    browser, row = client_of(owner), Difference.objects.latest("id")
    said = words_of(sent(browser, "credits:name-difference", row.public_id, kind="outside"))
    assert "Used outside, such as in Studio" in said
    assert "Vikram Owner" in said
    assert "It was Studio" not in said
    form = page(browser, "credits:name-difference", row.public_id)
    assert "Vikram Owner named it" in form
    fields = {"kind": "expired", "note": "The autumn pack"}
    assert "The autumn pack" in words_of(
        sent(browser, "credits:name-difference", row.public_id, **fields)
    )
    wrong = browser.post(
        reverse("credits:name-difference", args=[row.public_id]),
        {"kind": "top_up", "note": "Kept as typed"},
    )
    assert wrong.status_code == 422
    assert "Kept as typed" in wrong.content.decode()
    row.refresh_from_db()
    assert (row.kind, row.note) == ("expired", "The autumn pack")


def test_the_page_of_a_job_shows_its_credits_as_the_ledger_has_them(shop, seller, client_of):
    shop.rivya.fault("fail", times=1)
    brief = shop.submit(seller, draft_count=2)
    waits = page(client_of(seller), "generations:show-job", shop.job(brief).public_id)
    assert "<dt>Held before the call</dt><dd>1 credit</dd>" in waits
    assert "not decided yet" in waits
    shop.finish(brief)
    said = {}
    for draft in brief.drafts.select_related("generation"):
        job = draft.generation
        said[job.status] = page(client_of(seller), "generations:show-job", job.public_id)
    for status, taken, returned in (("succeeded", 1, 0), ("failed", 0, 1)):
        words = {0: "0 credits", 1: "1 credit"}
        assert "<dt>Reserved by Rivya</dt><dd>1 credit</dd>" in said[status]
        assert f"<dt>Taken</dt><dd>{words[taken]}</dd>" in said[status]
        assert f"<dt>Returned</dt><dd>{words[returned]}</dd>" in said[status]
