"""The chain of a brief: every step with its credits, summing to the ledger; its page and CSV."""

import asyncio
import csv
import io
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from rivya_app.briefs import access, actions, chain, pages
from rivya_app.briefs.chain import Chain, Line, Step
from rivya_app.core import clock
from rivya_app.core.csv_stream import CsvStream, safe_cell
from rivya_app.credits.models import LedgerEntry
from rivya_app.credits.statement import Amounts, spent_and_held
from rivya_app.generations.models import Generation
from rivya_app.reviews import actions as reviews
from rivya_app.reviews.models import Review, VideoConcept
from tests.cast import make_member
from tests.reviewing import after_undo, asked, decided, results_of, verdict, video_order

STILL, FILM = Decimal(1), Decimal(55)


def chain_of(brief, member) -> Chain:
    return pages.chain_page(member, brief.public_id)["chain"]


def in_ledger(brief) -> Amounts:
    """What the ledger says of everything that was paid for this brief."""
    jobs = Generation.objects.filter(draft__brief=brief)
    names = {job.reference for job in jobs}
    names |= {one.ledger_reference for one in VideoConcept.objects.filter(brief=brief)}
    entries = LedgerEntry.objects.filter(reference__in=names)
    sums = entries.aggregate(moved=Sum("amount"), gone=Sum("spent"))
    gone = sums["gone"] or Decimal(0)
    return Amounts(spent=gone, held=-(sums["moved"] or Decimal(0)) - gone)


def words(found: Chain) -> list[str]:
    return [line.step.words for line in found.lines]


@pytest.fixture
def ordered(shop, seller, manager):
    """A brief whose still is approved and whose film is ordered and held."""
    review = asked(shop, seller)
    decision = decided(manager, review, video=video_order(review))
    return VideoConcept.objects.get(decision=decision)


def test_it_tells_the_way_from_the_brief_to_the_film(shop, seller, manager, owner):
    reviews.change_settings(member=owner, makers_may_approve=False, undo_seconds=0)
    review = asked(shop, seller)
    decision = decided(manager, review, video=video_order(review))
    concept = after_undo(VideoConcept.objects.get(decision=decision))
    shop.finish(concept.brief)
    found = chain_of(concept.brief, manager)
    assert words(found) == [
        "Brief submitted",
        "Draft 1 asked for",
        "Draft 1 is ready",
        "Draft 1: sent for review",
        "Draft 1: approved",
        "Video ordered",
        "Video 1 asked for",
        "Video 1 is ready",
    ]
    assert [line.step.by for line in found.lines][3:6] == [
        "Asha Seller",
        "Meera Manager",
        "Meera Manager",
    ]
    assert [line.so_far for line in found.lines] == [0, 0, 1, 1, 1, 1, 1, 56]
    assert found.amounts == Amounts(spent=STILL + FILM) == in_ledger(concept.brief)


def test_what_is_held_stands_where_it_was_asked_for(ordered, manager):
    found = chain_of(ordered.brief, manager)
    held = {line.step.words: line.amounts.held for line in found.lines if line.amounts}
    assert held == {"Draft 1 is ready": 0, "Video ordered": FILM}
    assert found.amounts == Amounts(spent=STILL, held=FILM) == in_ledger(ordered.brief)


def test_an_undone_film_is_told_and_costs_nothing(ordered, manager):
    review = ordered.decision.review
    reviews.take_back(
        member=manager, public_id=review.public_id, decision_id=ordered.decision.public_id
    )
    found = chain_of(ordered.brief, manager)
    costs = {line.step.words: line.amounts for line in found.lines}
    assert costs["The video was taken back before it started"] == Amounts()
    assert "Draft 1: decision taken back" in costs
    assert found.amounts == Amounts(spent=STILL) == in_ledger(ordered.brief)


def test_a_failed_job_that_kept_credits_is_counted_as_the_ledger_says(shop, seller):
    shop.rivya.fault("fail_kept", times=1)
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    found = chain_of(brief, seller)
    assert found.amounts == in_ledger(brief)
    assert found.amounts.held == 0


def test_drafts_asked_for_together_are_one_step(shop, seller):
    brief = shop.submit(seller, draft_count=3)
    found = chain_of(brief, seller)
    assert words(found) == ["Brief submitted", "3 drafts asked for"]
    assert found.lines[1].amounts == Amounts(held=3 * STILL)


class Walk:
    """Whatever people, or Rivya, might do next with one brief."""

    ACTS = ("again", "finish", "fail", "review", "decide", "film", "undo")

    def __init__(self, seed, shop, brief, seller, manager):
        self.dice = random.Random(seed)
        self.shop, self.brief, self.seller, self.manager = shop, brief, seller, manager

    def step(self):
        getattr(self, self.dice.choice(self.ACTS))()

    def finish(self):
        self.shop.work()

    def fail(self):
        self.shop.rivya.fault(self.dice.choice(("fail", "fail_kept")), times=1)
        self.shop.work()

    def again(self):
        newest = {one.position: one for one in access.drafts_of(self.brief)}
        draft = self.dice.choice(list(newest.values()))
        if not draft.generation.is_open:
            actions.new_attempt(
                member=self.seller,
                public_id=self.brief.public_id,
                position=draft.position,
                attempt=draft.attempt + 1,
            )

    def review(self):
        if files := results_of(self.brief):
            file = self.dice.choice(files)
            reviews.request_review(member=self.seller, file_ids=[file.public_id])

    def decide(self):
        for review in Review.objects.filter(brief=self.brief, state="pending")[:1]:
            kind = self.dice.choice(("approved", "approved", "changes_wanted", "rejected"))
            is_still = review.media_kind == "image" and kind == "approved"
            video = video_order(review) if is_still and self.dice.random() < 0.8 else None
            wanted = verdict(review, kind, video=video)
            reviews.decide(member=self.manager, public_id=review.public_id, verdict=wanted)

    def film(self):
        for concept in VideoConcept.objects.filter(brief=self.brief, state="waiting")[:1]:
            after_undo(concept)

    def undo(self):
        for concept in VideoConcept.objects.filter(brief=self.brief, state="waiting")[:1]:
            reviews.take_back(
                member=self.manager,
                public_id=concept.decision.review.public_id,
                decision_id=concept.decision.public_id,
            )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_its_sum_is_the_ledgers_after_whatever_happened(seed, shop, seller, manager):
    shop.rivya.set(param_prices=True)
    brief = shop.submit(seller, draft_count=2)
    walk = Walk(seed, shop, brief, seller, manager)
    for _act in range(30):
        walk.step()
        found = chain_of(brief, manager)
        assert found.amounts == in_ledger(brief)
        assert found.lines[-1].so_far == found.amounts.all
        shown = [one for line in found.lines if line.amounts for one in [line.amounts.all]]
        assert sum(shown) == found.amounts.all


def test_a_reservation_that_was_corrected_is_shown_as_it_is(shop, seller):
    shop.rivya.set(param_prices=True)
    params = {"duration": "10", "sound": "false", "aspect_ratio": "1:1"}
    brief = shop.submit(seller, media_kind="video", model_id="kling-2-6", params=params)
    shop.wait_until(lambda: LedgerEntry.objects.exclude(amount=0).filter(kind="reserve").exists())
    found = chain_of(brief, seller).amounts
    assert found.held > FILM
    assert found == in_ledger(brief)


def test_lists_of_briefs_say_the_same_cost(ordered, shop, seller, client_of):
    after_undo(ordered)
    shop.finish(ordered.brief)
    actions.new_attempt(member=seller, public_id=ordered.brief.public_id, position=1, attempt=2)
    shop.finish(ordered.brief)
    cost = chain_of(ordered.brief, seller).amounts.spent
    assert cost == 2 * STILL + FILM
    listed = client_of(seller).get("/briefs/").context["page"].object_list
    assert listed[0].cost == cost


def test_it_asks_the_database_as_often_for_thirty_attempts_as_for_two(shop, seller, manager):
    shop.rivya.fault("instant")

    def queries(count):
        brief = shop.submit(seller)
        shop.finish(brief)
        for number in range(2, count + 1):
            for file in results_of(brief)[-1:]:
                (review,) = reviews.request_review(member=seller, file_ids=[file.public_id])
                decided(manager, review, "changes_wanted")
            actions.new_attempt(
                member=seller, public_id=brief.public_id, position=1, attempt=number
            )
            shop.finish(brief)
        (review,) = reviews.request_review(
            member=seller, file_ids=[results_of(brief)[-1].public_id]
        )
        decided(manager, review)
        with CaptureQueriesContext(connection) as seen:
            found = chain_of(brief, seller)
        assert len(found.lines) >= count
        return len(seen)

    assert queries(30) == queries(2) <= 12


# How it is shown.


def line(number, *, note="", amounts=None) -> Line:
    return Line(
        number, Step(clock.now(), "review", str(number), note=note), "", amounts, Decimal(0)
    )


def test_a_short_chain_is_shown_whole():
    assert [block.is_folded for block in Chain([line(n) for n in range(chain.LONG)]).blocks] == [
        False
    ]


def test_a_long_chain_folds_what_is_quiet_and_never_money():
    rows = [line(number) for number in range(30)]
    rows[10] = line(10, amounts=Amounts(spent=Decimal(1)))
    rows[15] = line(15, note="Larger")
    blocks = Chain(rows).blocks
    folded = [one.number for block in blocks if block.is_folded for one in block.lines]
    assert folded == [*range(1, 10), *range(11, 15), *range(16, 24)]
    assert [one.number for block in blocks for one in block.lines] == list(range(30))


def test_a_fold_of_two_is_no_fold():
    rows = [line(number, note="" if number in (3, 4) else "words") for number in range(20)]
    assert [block.is_folded for block in Chain(rows).blocks] == [False]


def test_the_brief_page_shows_it_with_notes_and_sum(ordered, manager, client_of):
    page = client_of(manager).get(f"/briefs/{ordered.brief.public_id}/").content.decode()
    assert "Draft 1: approved" in page
    assert "55 credits held" in page
    assert "Spent in all" in page
    assert f"/briefs/{ordered.brief.public_id}/chain/" in page


def test_the_page_to_print_names_house_brief_and_time(ordered, manager, client_of):
    answer = client_of(manager).get(f"/briefs/{ordered.brief.public_id}/chain/")
    page = answer.content.decode()
    assert "Asha Crafts" in page
    assert "Hand-thrown blue mug" in page
    assert "as of" in page
    assert "In all, in credits" in page


def test_a_seller_of_another_brief_sees_the_step_but_no_link_that_refuses_them(
    ordered, seller, manager, workspace, client_of
):
    other = make_member(workspace, "seller", name="Ravi Other", email="ravi@team.example")
    path = f"/reviews/{ordered.decision.review.public_id}/"
    for member, may in ((seller, True), (manager, True), (other, False)):
        page = client_of(member).get(f"/briefs/{ordered.brief.public_id}/chain/")
        assert "Draft 1: approved" in page.content.decode()
        assert (path in page.content.decode()) is may


def read_csv(answer) -> list[list[str]]:
    text = answer.getvalue().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_csv_has_a_row_a_step_and_the_sum(ordered, manager, client_of):
    answer = client_of(manager).get(f"/briefs/{ordered.brief.public_id}/chain.csv")
    head, *rows, last = read_csv(answer)
    found = chain_of(ordered.brief, manager)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "hand-thrown-blue-mug" in answer.headers["Content-Disposition"]
    assert len(rows) == len(found.lines)
    assert [row[1] for row in rows] == [one.step.at.isoformat() for one in found.lines]
    assert sum(Decimal(row[7] or 0) for row in rows) == Decimal(last[7]) == STILL
    assert sum(Decimal(row[8] or 0) for row in rows) == Decimal(last[8]) == FILM
    assert {len(row) for row in (head, *rows, last)} == {12}
    assert rows[-1][11].startswith("http://testserver/")


def test_no_cell_is_a_formula_for_a_spreadsheet(shop, seller, client_of):
    review = asked(shop, seller)
    manager = make_member(shop.workspace, "manager", name="=HYPERLINK(1)")
    decided(manager, review, "changes_wanted", note='=cmd|" /C calc"!A0')
    answer = client_of(seller).get(f"/briefs/{review.brief.public_id}/chain.csv")
    cells = [cell for row in read_csv(answer) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert """'=cmd|" /C calc"!A0""" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        (Decimal("-1.50"), "-1.50"),
        (None, ""),
        ("plain", "plain"),
    ],
)
def test_it_disarms_words_and_leaves_numbers(value, cell):
    assert safe_cell(value) == cell


def test_the_csv_streams_under_asgi_row_by_row():
    asked_for = []

    def rows():
        for number in range(3):
            asked_for.append(number)
            yield [number]

    async def read():
        return [(piece, len(asked_for)) async for piece in CsvStream(rows(), name="x")]

    pieces = asyncio.run(read())
    assert [piece for piece, _seen in pieces] == [b"\xef\xbb\xbf", b"0\r\n", b"1\r\n", b"2\r\n"]
    assert [seen for _piece, seen in pieces] == [0, 1, 2, 3]


def test_a_statement_of_nothing_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert spent_and_held(["", ""]) == {}


def test_a_reference_nobody_knows_costs_nothing(shop, seller):
    brief = shop.submit(seller)
    ready = Step(brief.created_at + timedelta(seconds=1), "result", "x", reference="generation:no")
    found = chain.chain_of(seller, brief, [ready])
    assert found.lines[0].amounts is None
