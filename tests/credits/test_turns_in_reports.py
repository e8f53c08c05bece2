"""Questions to the assistant on every page about credits: counted to the credit, named by kind,
and their words only before the one who asked."""

from decimal import Decimal

import pytest
from django.urls import reverse

from rivya_app.chat import caps
from rivya_app.chat.models import Status, Turn
from rivya_app.core import clock
from rivya_app.credits import books, cockpit, differences, holds, wallet
from rivya_app.credits.models import CreditAccount, Difference
from tests.chat.talk import Talk
from tests.credits.spending import csv_rows, drilled

SECRET = "Our new saffron line"
MONTH = {"zone": "UTC", "period": "this_month"}


def account(turn: Turn) -> CreditAccount:
    return CreditAccount.objects.select_related("workspace").get(workspace=turn.workspace)


def read(client_of, member, name: str, **asked):
    return client_of(member).get(reverse(f"credits:{name}"), {**MONTH, **asked})


@pytest.fixture
def answered(talk: Talk, researcher) -> Turn:
    return talk.answer(talk.begin(researcher, SECRET))


def test_it_counts_in_the_report_and_its_csv_to_the_credit(answered, owner, client_of):
    spent = answered.final_credits
    assert spent
    assert read(client_of, owner, "where").context["total"].spent == spent
    entries = f"{reverse('credits:entries')}?zone=UTC&period=this_month"
    assert drilled(client_of(owner), entries) == spent
    [row] = csv_rows(read(client_of, owner, "where-csv"))
    assert Decimal(row["credits_spent"]) == spent
    assert row["reference"] == answered.reference
    assert row["model"] == answered.model_id
    assert books.books_of(account(answered)).gap == 0


@pytest.mark.parametrize("name", ["where", "entries", "statement", "cockpit", "wallet", "kept"])
def test_others_never_read_its_words(answered, owner, support, client_of, name):
    for member in (owner, support):
        answer = read(client_of, member, name)
        if member is support and name == "statement":
            assert answer.status_code == 403
            continue
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode()


def test_a_private_one_is_named_by_kind_and_leads_to_the_desk(answered, owner, client_of):
    shown = read(client_of, owner, "entries").content.decode()
    assert "A private conversation, question 1" in shown
    assert "Assistant" in shown
    desk = reverse("desk:show-turn", args=[answered.public_id])
    assert desk in shown
    assert client_of(owner).get(desk).status_code == 200


def test_a_shared_one_is_named_and_leads_to_it(answered, owner, client_of):
    answered.conversation.is_shared = True
    answered.conversation.save()
    shown = read(client_of, owner, "entries").content.decode()
    assert f"{SECRET}, question 1" in shown
    assert f"/assistant/{answered.conversation.public_id}/?turn=1#turn-1" in shown


def test_its_asker_sees_it_by_name_in_their_own_share(answered, researcher, seller, client_of):
    answer = read(client_of, researcher, "mine")
    shown = answer.content.decode()
    assert f"{SECRET}, question 1" in shown
    assert f"/assistant/{answered.conversation.public_id}/?turn=1#turn-1" in shown
    assert answer.context["total"].spent == answered.final_credits
    assert "1 job or question that cost something" in shown
    assert "Your role starts nothing" not in shown
    assert SECRET not in read(client_of, seller, "mine").content.decode()


def test_a_cap_of_ones_own_stands_among_what_can_refuse(answered, researcher, client_of):
    assert read(client_of, researcher, "mine").context["rooms"] == []
    caps.set_cap(member=researcher, amount=Decimal(50))
    [room] = read(client_of, researcher, "mine").context["rooms"]
    assert (room.amount, room.used) == (50, answered.final_credits)


def test_what_broke_and_cost_something_is_listed_as_kept(talk: Talk, researcher, owner, client_of):
    turn = talk.settle(talk.answer(talk.begin(researcher, f"{SECRET} [[sse_error]]")))
    assert turn.status == Status.FAILED
    listed = read(client_of, owner, "kept").context["lines"]
    assert [line.reference for line in listed] == ([turn.reference] if turn.final_credits else [])
    Turn.objects.filter(pk=turn.pk).update(final_credits=2)
    shown = read(client_of, owner, "kept")
    if turn.final_credits:
        assert "A private conversation, question 1" in shown.content.decode()


def test_one_that_runs_is_held_now(talk: Talk, researcher, owner, client_of):
    turn = talk.begin(researcher, SECRET)
    assert read(client_of, researcher, "mine").context["held"] == turn.estimated_credits
    assert read(client_of, owner, "where").context["held"] == turn.estimated_credits
    assert cockpit.cockpit_page(owner)["waiting"] == (1, turn.estimated_credits)
    sent(turn)
    page = cockpit.cockpit_page(owner)
    assert (page["at_rivya"], page["waiting"]) == ((1, turn.estimated_credits), (0, 0))


# --- The balance while an answer is written -------------------------------------------------------


def sent(turn: Turn) -> None:
    """As while its answer is written: Rivya reserved, and has not said so yet."""
    Turn.objects.filter(pk=turn.pk).update(status=Status.STREAMING, sent_at=clock.now())


def readings(turn: Turn, balance: Decimal, count: int = 3) -> None:
    for _reading in range(count):
        wallet.record(turn.workspace, balance, asked_at=clock.now(), cause="test")


def test_a_reservation_in_flight_is_no_difference(talk: Talk, researcher):
    turn = talk.begin(researcher)
    sent(turn)
    before = account(turn).available
    known = Difference.objects.count()
    readings(turn, before)  # Rivya reserved
    readings(turn, before + turn.estimated_credits)  # or let it go, or has not yet
    assert Difference.objects.count() == known
    assert account(turn).available == before


def test_a_larger_difference_is_found_all_the_same(talk: Talk, researcher):
    turn = talk.begin(researcher)
    sent(turn)
    readings(turn, account(turn).available - 50)
    assert differences.unknown_sum(account(turn)) == 50


def test_one_that_was_not_sent_is_before_rivya(talk: Talk, researcher):
    turn = talk.begin(researcher)
    [hold] = holds.open_holds(account(turn))
    assert (hold.is_at_rivya, hold.is_in_doubt) == (False, False)
    sent(turn)
    [hold] = holds.open_holds(account(turn))
    assert (hold.is_at_rivya, hold.is_in_doubt) == (True, True)
