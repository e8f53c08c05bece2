"""Where the credits went: what is asked by an address, and what the pages say to it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import report_entries, subjects
from rivya_app.credits.report_choices import Choices
from rivya_app.credits.report_cut import Cut, read_cut
from rivya_app.gateway.models import CatalogueModel
from tests.credits.spending import (
    body_and_foot,
    csv_rows,
    drilled,
    hold,
    make_house,
    payer,
    release,
    settle,
    spend,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WHERE, ENTRIES, CSV = (reverse(f"credits:{name}") for name in ("where", "entries", "where-csv"))
MONTH = {"zone": "UTC", "period": "this_month"}


@pytest.fixture
def now():
    with clock.at(NOW):
        yield NOW


@pytest.fixture
def house(now):
    """Asha 30 and 10 for Diwali, Kiran 5 without a campaign, Meera 7 last month; 9 held."""
    house = make_house()
    asha, kiran, meera = payer(house, 0, 1), payer(house, 1, 0, model="veo-3"), payer(house, 2, 2)
    spend(asha, 30, at=datetime(2026, 11, 3, 9, tzinfo=UTC), held=35)
    spend(asha, 10, at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    spend(kiran, 5, at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    spend(meera, 7, at=datetime(2026, 10, 31, 20, tzinfo=UTC))
    release(hold(kiran, 4, at=NOW), at=NOW)
    hold(asha, 9, at=NOW)
    return house


def page(client_of, house, url=WHERE, **asked):
    return client_of(house.owner).get(url, {**MONTH, **asked})


def rows(answer):
    return [(row.name, row.row.sums.spent) for row in answer.context["rows"]]


def test_its_title_is_what_it_found(house, client_of):
    answer = page(client_of, house)
    assert "<h1>45 credits this month, most by Asha Rao</h1>" in answer.content.decode()
    assert rows(answer) == [("Asha Rao", 40), ("Kiran Das", 5)]
    assert body_and_foot(answer.content.decode()) == (45, 45)
    assert body_and_foot(answer.content.decode(), "Came back") == (9, 9)  # 5 of 35, and 4 returned
    assert answer.context["held"] == 9


@pytest.mark.parametrize(
    ("by", "found", "title"),
    [
        ("campaign", [("Diwali", 40), ("No campaign", 5)], "most for Diwali"),
        ("workflow", [("Listing image drafts", 45)], "45 credits this month"),
        ("model", [("z-image", 40), ("veo-3", 5)], "most on z-image"),
        ("day", [("20 Nov", 15), ("3 Nov", 30)], "most of them on 3 Nov"),
    ],
)
def test_it_is_cut_by_what_one_wants_to_know(house, client_of, by, found, title):
    answer = page(client_of, house, by=by)
    costly = [(name, spent) for name, spent in rows(answer) if spent]
    assert (costly, title in answer.context["title"]) == (found, True)


def test_a_model_is_called_by_its_name(house, client_of):
    CatalogueModel.objects.create(
        model_id="veo-3", display_name="Veo 3", category="video", api_status="available"
    )
    assert ("Veo 3", 5) in rows(page(client_of, house, by="model"))


def test_a_key_that_replaced_another_is_counted_by_itself(house, client_of):
    """Limits count a line of keys as one; here each secret answers for what it paid."""
    old, new = house.keys
    new.line = old.line
    new.save()
    hold(payer(house, key=1), 6, at=NOW)
    assert page(client_of, house, key=str(old.public_id)).context["held"] == 9
    assert page(client_of, house, key=str(new.public_id)).context["held"] == 6


def test_each_row_leads_to_the_jobs_behind_it(house, client_of):
    answer = page(client_of, house, by="campaign")
    for row in answer.context["rows"]:
        assert drilled(client_of(house.owner), row.url) == row.row.sums.spent
    columns = [(column.total, url) for column, url in answer.context["columns"] if column.total]
    assert [total for total, _url in columns] == [30, 15]
    for total, url in columns:
        assert drilled(client_of(house.owner), url) == total


def test_the_zone_says_when_a_month_ends(house, client_of):
    """20:00 in UTC on the last of October is November in India."""
    assert page(client_of, house, zone="Asia/Kolkata").context["total"].spent == 52
    assert page(client_of, house, zone="UTC").context["total"].spent == 45


def test_an_address_without_a_zone_gets_the_readers(house, client_of):
    house.owner.user.time_zone = "Asia/Kolkata"
    house.owner.user.save()
    answer = client_of(house.owner).get(WHERE, {"by": "model"})
    assert answer.url == f"{WHERE}?by=model&zone=Asia%2FKolkata"
    other = client_of(house.owner).get(f"{WHERE}?period=this_month&zone=UTC")
    assert (other.status_code, other.context["total"].spent) == (200, 45)


def test_what_is_wrong_in_an_address_is_said_and_the_rest_counts(house, client_of, stranger):
    asked = {
        "zone": "Mars/Base",
        "period": "own",
        "from": "2026-11-40",
        "to": "2026-11-30",
        "by": "moon",
        "person": str(stranger.public_id),
        "campaign": str(house.campaigns[1].public_id),
    }
    answer = client_of(house.owner).get(WHERE, asked)
    assert set(answer.context["errors"]) == {"zone", "from", "by", "person"}
    assert answer.context["total"].spent == 40
    shown = answer.content.decode()
    assert 'value="2026-11-40" aria-invalid="true"' in shown
    assert "Write the day as year-month-day" in shown
    right = client_of(house.owner).get(WHERE, {**asked, "zone": "UTC", "from": "2026-11-04"})
    assert set(right.context["errors"]) == {"by", "person"}
    assert right.context["total"].spent == 10


@pytest.mark.parametrize("days", [("2026-11-05", "2026-11-04"), ("1500-01-01", "")])
def test_days_that_cannot_be_are_left_out(house, client_of, days):
    answer = page(client_of, house, period="own", **dict(zip(("from", "to"), days, strict=True)))
    assert len(answer.context["errors"]) == 1
    assert answer.status_code == 200


@pytest.mark.parametrize("value", ["x\x00y", "x" * 200, "\ud800"])
def test_no_typed_text_reaches_the_database_as_it_must_not(house, client_of, value):
    for name in ("model", "person", "zone", "from", "period"):
        asked = {**MONTH, name: value.encode("utf-8", "surrogatepass")}
        assert client_of(house.owner).get(WHERE, asked).status_code == 200
    url = f"{ENTRIES}?zone=UTC&before=x%00y"
    assert client_of(house.owner).get(url).status_code == 200


def test_an_address_read_and_written_is_the_same_cut(house):
    from django.http import QueryDict

    choices = Choices(house.owner)
    asked = {
        "period": "own",
        "from": "2026-11-01",
        "to": "2026-11-20",
        "zone": "Pacific/Apia",
        "by": "day",
        "person": str(house.people[1].public_id),
        "campaign": "none",
        "model": "veo-3",
        "key": str(house.keys[0].public_id),
        "workflow": str(house.flows[0].public_id),
    }
    cut, errors = read_cut(asked, choices)
    again, _errors = read_cut(QueryDict(cut.query).dict(), choices)
    assert (errors, again) == ({}, cut)
    assert isinstance(hash(cut.zone), int)
    with pytest.raises(AttributeError):
        cut.by = "person"  # type: ignore[misc]


def test_the_others_share_a_pattern_and_lose_nothing(now, client_of):
    house = make_house()
    for number in range(9):
        spend(payer(house, model=f"model-{number}"), 10 - number, at=NOW)
    chart = page(client_of, house, by="model").context["chart"]
    assert [one.name for one in chart.series] == [*(f"model-{n}" for n in range(6)), "All others"]
    assert [one.total for one in chart.series][-1] == 4 + 3 + 2
    assert chart.total == sum(range(2, 11))


@pytest.mark.parametrize("most", ["0.01", "1", "7", "99.99", "113", "400", "4001", "999999.99"])
def test_no_column_is_higher_than_the_plot(now, client_of, most):
    house = make_house(balance=2_000_000)
    spend(payer(house), Decimal(most), at=NOW)
    chart = page(client_of, house).context["chart"]
    column = next(one for one in chart.columns if one.segments)
    heights = [line for line, _value in chart.lines]
    assert 0 < heights[-1] <= column.top < chart.plot
    assert column.segments[0].y + column.segments[0].height == pytest.approx(chart.plot)
    assert 2 <= len(chart.lines) <= 6


def test_columns_are_links_that_say_their_numbers(house, client_of):
    shown = page(client_of, house).content.decode()
    assert 'aria-label="3 Nov: 30 credits. Asha Rao: 30 credits"' in shown
    assert 'aria-label="20 Nov: 15 credits. Kiran Das: 5 credits; Asha Rao: 10 credits"' in shown
    assert "<title>Asha Rao: 10 credits</title>" in shown


def test_nothing_spent_is_said_and_drawn_as_such(now, client_of):
    house = make_house()
    answer = page(client_of, house)
    assert answer.context["title"] == "No credits were spent this month"
    assert answer.context["chart"] is None
    assert "Nothing was spent" in answer.content.decode()


def test_a_workspace_without_an_account_has_empty_pages(client_of, stranger):
    for name in ("where", "entries", "kept", "statement", "mine", "where-csv"):
        answer = client_of(stranger).get(reverse(f"credits:{name}"), {"zone": "UTC"})
        assert (name, answer.status_code) == (name, 200)
        answer.getvalue()


def test_nothing_of_another_workspace_is_counted(house, client_of, stranger):
    elsewhere = make_house()
    spend(payer(elsewhere), 900, at=NOW)
    assert page(client_of, house).context["total"].spent == 45
    assert client_of(stranger).get(WHERE, MONTH).context["total"].spent == 0
    theirs = {**MONTH, "person": str(elsewhere.people[0].public_id)}
    assert "person" in client_of(house.owner).get(WHERE, theirs).context["errors"]
    before = elsewhere.account.entries.filter(kind="settle").get().reference
    listed = client_of(house.owner).get(ENTRIES, {**MONTH, "before": before})
    assert len(listed.context["page"].lines) == 3  # taken for no reference at all


# --- The jobs behind a sum, and the table that leaves ---------------------------------------------


def test_the_list_says_what_each_job_reserved_cost_and_gave_back(house, client_of, monkeypatch):
    monkeypatch.setattr(report_entries, "PAGE_SIZE", 2)
    first = page(client_of, house, url=ENTRIES)
    lines = first.context["page"].lines
    second = client_of(house.owner).get(first.context["older_url"]).context["page"]
    assert [line.settled for line in lines + second.lines] == [5, 10, 30]
    last = second.lines[-1]
    assert (last.reserved, last.settled, last.returned) == (35, 30, 5)
    assert (last.person.name, last.campaign.name) == ("Asha Rao", "Diwali")
    assert "3 jobs and questions cost 45 credits this month" in first.content.decode()


def test_jobs_that_cost_nothing_are_listed_on_wish(house, client_of):
    assert len(page(client_of, house, url=ENTRIES).context["page"].lines) == 3
    every = page(client_of, house, url=ENTRIES, costless="1").context["page"]
    assert (len(every.lines), every.total.spent, every.total.returned) == (4, 45, 9)


def test_the_csv_has_a_row_for_each_entry_and_no_sum(house, client_of):
    house.people[0].user.name = "=HYPERLINK(1)"
    house.people[0].user.save()
    answer = page(client_of, house, url=CSV, zone="Asia/Kolkata")
    found = csv_rows(answer)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["credits_spent"] for row in found] == ["7.00", "30.00", "10.00", "5.00"]
    assert found[0]["time"] == "2026-11-01T01:30:00+05:30"
    assert found[1]["person"] == "'=HYPERLINK(1)"
    assert found[1]["key_purpose"] == "purpose-0"
    assert found[1]["key_last_four"] == house.keys[0].last_four
    assert found[3]["campaign"] == ""
    assert {row["kind"] for row in found} == {"settle"}


def test_no_page_says_more_of_a_key_than_its_last_four(house, client_of):
    said = "".join(
        page(client_of, house, url=url, by="key").getvalue().decode()
        for url in (WHERE, ENTRIES, CSV)
    )
    assert house.keys[0].last_four in said
    assert "rvya_sk_" not in said


def test_the_csv_is_of_the_moment_it_began(house, monkeypatch):
    """What is written while it is read is not in it, whatever time it bears."""
    monkeypatch.setattr(report_entries, "CHUNK", 1)
    choices = Choices(house.owner)
    cut, _errors = read_cut(MONTH, choices)
    chunks = report_entries.csv_chunks(house.account, cut, {}, choices)
    head, first = next(chunks), next(chunks)
    spend(payer(house), 1000, at=NOW)
    rest = [row for chunk in chunks for row in chunk]
    spent = [row[-1] for row in [*first, *rest]]
    assert (len(head), spent) == (1, [30, 10, 5])


# --- What failed and still cost something ---------------------------------------------------------


def test_a_failed_job_that_cost_something_is_found(shop, seller, owner, client_of):
    shop.rivya.fault("fail_kept", times=1)
    job = shop.finish(shop.submit(seller))
    shop.rivya.fault("fail", times=1)
    shop.finish(shop.submit(seller))
    shop.finish(shop.submit(seller))
    lines = client_of(owner).get(reverse("credits:kept")).context["lines"]
    assert [line.reference for line in lines] == [job.reference]
    assert (lines[0].subject.state, lines[0].settled) == ("failed", job.final_credits)
    assert job.final_credits > 0


def test_the_list_of_them_goes_on_where_it_stopped(house, client_of, monkeypatch):
    paid = [spend(payer(house), 2, at=NOW, held=3) for _job in range(3)]
    free = hold(payer(house), 2, at=NOW)
    settle(free, 0, at=NOW)
    every = [*paid, free]

    def kept(workspace, after, count):
        assert workspace == house.workspace
        rest = every[every.index(after) + 1 :] if after else every
        return rest[:count]

    monkeypatch.setattr(subjects, "_rooms", {"generation": subjects._Room(lambda _: {}, kept)})
    monkeypatch.setattr(report_entries, "PAGE_SIZE", 2)
    browser = client_of(house.owner)
    first = browser.get(reverse("credits:kept"))
    second = browser.get(first.context["older_url"])
    found = [line.reference for one in (first, second) for line in one.context["lines"]]
    assert (found, second.context["older_url"]) == (paid, "")


def test_a_page_names_jobs_and_leads_to_them(shop, seller, owner, client_of):
    job = shop.finish(shop.submit(seller))
    answer = client_of(owner).get(ENTRIES, {"zone": "UTC", "period": "all"})
    subject = answer.context["page"].lines[0].subject
    assert (subject.title, subject.state) == (job.title, "succeeded")
    assert subject.url == reverse("generations:show-job", args=[job.public_id])
    assert answer.context["page"].lines[0].settled == job.final_credits > 0
    assert subjects.describe(["generation:no-id", "unknown:1", job.reference]) == {
        job.reference: subject
    }


def test_a_kind_of_reference_is_described_by_one_room(house):
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured):
        subjects.register("generation", lambda _references: {})


def test_the_usual_cut_is_this_month_by_person():
    from zoneinfo import ZoneInfo

    cut = Cut(ZoneInfo("UTC"))
    assert (cut.period, cut.by, cut.where) == ("this_month", "person", {})
