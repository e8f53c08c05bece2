"""A question above an owner's rule: it waits, holds nothing, and goes the way of the answer. What
is asked stays with who asks."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from rivya_app.chat import actions
from rivya_app.chat.models import OwnCap, Turn
from rivya_app.core import clock
from rivya_app.credits import gate, gate_rules
from rivya_app.credits.gate_rules import WantedRule
from rivya_app.credits.models import Ask, CreditAccount
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import AuditEntry, Membership
from tests.chat.talk import Talk

SECRET = "Our new saffron line"


def rule(owner: Membership, above: int = 2) -> None:
    wanted = WantedRule(Decimal(above), [], None, [], 72)
    gate_rules.add_rule(member=owner, wanted=wanted)


def asked(turn: Turn) -> Ask:
    return Ask.objects.get(reference=turn.reference)


def answer(owner: Membership, turn: Turn, *, is_yes: bool, **more: Any) -> None:
    """The owner's press, and the task behind it."""
    ask = asked(turn)
    seen = gate.shown_as(ask, gate.price_now(ask))
    press = {"public_id": ask.public_id, "is_yes": is_yes, "seen": seen, **more}
    gate.answer(member=owner, **press)
    gate.carry_out_all()
    turn.refresh_from_db()


def held(turn: Turn) -> Decimal:
    return CreditAccount.objects.get(workspace=turn.workspace).held


def test_a_rule_below_its_price_makes_it_wait_and_holds_nothing(talk: Talk, researcher, owner):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    assert (turn.status, held(turn)) == ("waiting", 0)
    assert talk.sweep() == 0
    talk.answer(turn)
    assert (turn.status, talk.asked_rivya()) == ("waiting", [])


def test_a_rule_above_its_price_does_not(talk: Talk, researcher, owner):
    rule(owner, above=3)
    assert talk.begin(researcher).status == "pending"


def test_an_owner_is_never_asked(talk: Talk, owner):
    rule(owner, above=0)
    assert talk.begin(owner).status == "pending"


def test_a_yes_sends_it_once(talk: Talk, researcher, owner):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    answer(owner, turn, is_yes=True)
    assert (turn.status, held(turn)) == ("pending", turn.estimated_credits)
    gate.carry_out_all()
    talk.answer(turn)
    talk.answer(turn)
    assert (turn.status, held(turn), len(talk.asked_rivya())) == ("answered", 0, 1)


@pytest.mark.parametrize("how", ["no", "silence", "withdrawn"])
def test_without_a_yes_it_ends_and_costs_nothing(talk: Talk, researcher, owner, how):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    if how == "no":
        answer(owner, turn, is_yes=False)
        assert (turn.status, turn.error_code) == ("failed", "owner_refused")
    elif how == "silence":
        with clock.at(clock.now() + timedelta(hours=73)):
            gate.carry_out_all()
        turn.refresh_from_db()
        assert (turn.status, turn.error_code) == ("failed", "owner_silent")
    else:
        actions.stop(member=researcher, turn_id=turn.public_id)
        turn.refresh_from_db()
        assert turn.status == "stopped"
        assert asked(turn).state == Ask.State.WITHDRAWN
    assert (turn.final_credits, held(turn), talk.asked_rivya()) == (0, 0, [])
    talk.begin(researcher)  # the next one is free to be asked


def test_a_yes_behind_a_withdrawal_sends_nothing(talk: Talk, researcher, owner):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    actions.stop(member=researcher, turn_id=turn.public_id)
    with pytest.raises(gate.NotPending):
        answer(owner, turn, is_yes=True)
    assert talk.asked_rivya() == []


@pytest.mark.parametrize("how", ["credits", "cap"])
def test_too_little_at_the_yes_ends_it_and_says_why(talk: Talk, researcher, owner, how):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    if how == "credits":
        CreditAccount.objects.filter(workspace=turn.workspace).update(available=1)
    else:
        OwnCap.objects.create(member=researcher, amount=1)
    answer(owner, turn, is_yes=True)
    code = {"credits": "insufficient_credits", "cap": "over_own_cap"}[how]
    assert (turn.status, turn.error_code, turn.final_credits) == ("failed", code, 0)
    assert held(turn) == 0


def test_the_owner_reads_price_person_and_model_and_none_of_its_words(
    talk: Talk, researcher, owner, client_of
):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    browser, ask = client_of(owner), asked(turn)
    page = browser.get(reverse("credits:show-ask", args=[ask.public_id])).content.decode()
    for expected in ("A question to the assistant", "3 credits", str(researcher), "GPT"):
        assert expected in page, expected
    pages = [
        page,
        *(
            browser.get(reverse(name)).content.decode()
            for name in ("credits:asks", "home", "notices:index", "team:audit")
        ),
    ]
    assert all(SECRET not in shown for shown in pages)
    assert "A question to the assistant" in pages[1]
    assert "asks for your yes: “A question to the assistant”" in pages[3]
    assert reverse("chat:show-conversation", args=[turn.conversation.public_id]) not in page
    answer(owner, turn, is_yes=False, note="Later")
    assert not any(SECRET in str(row.__dict__) for row in AuditEntry.objects.all())
    told = Notice.objects.filter(member=owner)
    assert told
    assert not any(SECRET in str(notice.__dict__) for notice in told)


def test_the_asker_is_told_of_the_answer_with_a_way_to_the_question(talk: Talk, researcher, owner):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    answer(owner, turn, is_yes=False)
    notice = Notice.objects.get(member=researcher, kind="yes_answered")
    assert notice.sentence == f"{owner} said no to “A question to the assistant”."
    assert str(turn.conversation.public_id) in notice.link


def test_a_balance_that_does_not_cover_it_is_said_as_it_is(
    talk: Talk, researcher, owner, client_of
):
    rule(owner)
    turn = talk.begin(researcher, SECRET)
    CreditAccount.objects.filter(workspace=turn.workspace).update(available=1)
    page = client_of(owner).get(reverse("credits:show-ask", args=[asked(turn).public_id]))
    assert "A yes now ends it without an answer" in page.content.decode()
