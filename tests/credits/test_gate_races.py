"""Two at once at one ask. The guard is its row's lock; each race has a twin without it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from rivya_app.briefs import actions as briefs
from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.core.rows import found_or_404
from rivya_app.credits import gate, gate_access
from rivya_app.credits.models import Ask, CreditAccount
from rivya_app.generations.models import Generation
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import AuditEntry
from tests.cast import make_member
from tests.credits.test_gate import asked, rule, seen
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(workspace):
    return make_member(workspace, "owner", name="Second Owner", email="second@team.example")


@pytest.fixture
def brief(shop, seller, owner):
    rule(owner)
    return shop.submit(seller, draft_count=4)


def answer(member: Any, ask: Ask, *, is_yes: bool, shown: str = "") -> Ask:
    return gate.answer(member=member, public_id=ask.public_id, is_yes=is_yes, seen=shown)


def answered_twice(owner: Any, second: Any, brief: Brief) -> list[Any]:
    ask = asked(brief)
    shown, people = seen(ask), (owner, second)
    return at_once(2, lambda number: answer(people[number], ask, is_yes=number == 0, shown=shown))


def test_of_two_owners_one_answers_and_the_other_is_told_who(brief, owner, second):
    results = answered_twice(owner, second, brief)
    refused = [one for one in results if isinstance(one, gate.NotPending)]
    done = [one for one in results if isinstance(one, Ask)]
    assert (len(refused), len(done)) == (1, 1)
    assert refused[0].ask.answered_by == done[0].answered_by
    assert Notice.objects.filter(kind="yes_answered").count() == 1
    assert AuditEntry.objects.filter(act__in=["gate.granted", "gate.refused"]).count() == 1


def _without_lock(monkeypatch: Any, waiting: int) -> None:
    barrier = threading.Barrier(waiting)

    def unlocked(member: Any, public_id: Any, **_lock: Any) -> Ask:
        ask = found_or_404(gate_access.asks(member), public_id=public_id)
        barrier.wait(timeout=10)
        return ask

    monkeypatch.setattr(gate_access, "ask", unlocked)
    monkeypatch.setattr(gate_access, "own_ask", unlocked)


def test_both_would_answer_without_the_lock(brief, owner, second, monkeypatch):
    _without_lock(monkeypatch, 2)
    results = answered_twice(owner, second, brief)
    assert all(isinstance(one, Ask) for one in results)
    assert AuditEntry.objects.filter(act__in=["gate.granted", "gate.refused"]).count() == 2


def test_an_answer_or_a_withdrawal_counts_and_not_both(brief, owner, seller):
    ask = asked(brief)
    shown = seen(ask)
    acts = (
        lambda: answer(owner, ask, is_yes=True, shown=shown),
        lambda: gate.withdraw(member=seller, public_id=ask.public_id),
    )
    results = at_once(2, lambda number: acts[number]())
    assert sum(isinstance(one, gate.NotPending) for one in results) == 1
    gate.carry_out_all()
    is_granted = asked(brief).state == "granted"
    assert Generation.objects.count() == (4 if is_granted else 0)


def test_both_would_count_without_the_lock(brief, owner, seller, monkeypatch):
    ask = asked(brief)
    shown = seen(ask)
    _without_lock(monkeypatch, 2)
    acts = (
        lambda: answer(owner, ask, is_yes=True, shown=shown),
        lambda: gate.withdraw(member=seller, public_id=ask.public_id),
    )
    results = at_once(2, lambda number: acts[number]())
    assert not any(isinstance(one, gate.NotPending) for one in results)


def test_the_end_of_its_time_waits_for_an_answer_that_is_being_given(brief, owner):
    """The sweep saw it pending; when it gets the row, it was answered."""
    ask, late = asked(brief), clock.now() + timedelta(hours=100)
    shown = seen(ask)
    held, go_on, results = threading.Event(), threading.Event(), []

    def slow_answer() -> None:
        try:
            with transaction.atomic():
                gate_access.ask(owner, ask.public_id, lock=True)
                held.set()
                go_on.wait(timeout=10)
                Ask.objects.filter(pk=ask.pk).update(state="granted", answered_at=clock.now())
        finally:
            connection.close()

    def expire() -> None:
        try:
            with clock.at(late):
                results.append(gate.expire())
        finally:
            connection.close()

    one, other = threading.Thread(target=slow_answer), threading.Thread(target=expire)
    one.start()
    held.wait(timeout=10)
    other.start()
    other.join(timeout=1)
    assert other.is_alive()  # it waits for the row
    go_on.set()
    one.join(timeout=10)
    other.join(timeout=10)
    assert (results, asked(brief).state) == ([0], "granted")
    assert shown


def test_one_ask_from_two_tabs_and_many_presses(shop, owner, seller):
    rule(owner, above=None)
    from tests.shop import wanted

    form = wanted()
    at_once(4, lambda _number: briefs.submit_brief(member=seller, wanted=form))
    brief = Brief.objects.get()
    gate.answer(member=owner, public_id=asked(brief).public_id, is_yes=False)
    gate.carry_out_all()
    at_once(4, lambda _number: briefs.resume(member=seller, public_id=brief.public_id))
    states = Ask.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["refused", "pending"]


def test_a_yes_and_a_press_of_the_seller_start_it_once(brief, owner, seller):
    ask = asked(brief)
    shown = seen(ask)

    def act(number: int) -> Any:
        if number == 0:
            answer(owner, ask, is_yes=True, shown=shown)
            return gate.carry_out_all()
        return briefs.resume(member=seller, public_id=brief.public_id)

    results = at_once(4, act)
    assert not [one for one in results if isinstance(one, Exception)]
    gate.carry_out_all()
    brief.refresh_from_db()
    assert (brief.state, Generation.objects.count()) == ("started", 4)
    assert CreditAccount.objects.get(workspace=brief.workspace).held == 4
    assert list(Ask.objects.values_list("state", flat=True)) == ["granted"]


def test_many_workers_carry_an_answer_out_once(brief, owner):
    answer(owner, asked(brief), is_yes=True, shown=seen(asked(brief)))
    at_once(4, lambda _number: gate.carry_out_all())
    assert Generation.objects.count() == 4
    assert asked(brief).carried_out_at is not None
