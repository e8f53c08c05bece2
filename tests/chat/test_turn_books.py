"""Whatever happens to turns, in whatever order: spent and held are the ledger's own sums."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rivya_app.chat import caps, endings, lifecycle, locks
from rivya_app.chat.models import CLOSED_STATUSES, Status, Turn
from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.rivya_api.chat_types import ChatMessage, Completion
from rivya_app.rivya_api.errors import api_error
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk
from tests.credits.test_recount import recount

pytestmark = pytest.mark.django_db(transaction=True)

amounts = st.decimals(min_value=0, max_value=20, places=2)
maybe = st.one_of(st.none(), amounts)
acts = st.one_of(
    st.tuples(st.just("ask"), amounts, maybe),
    st.tuples(st.just("claim"), amounts, maybe),
    st.tuples(st.just("answer"), amounts, maybe),
    st.tuples(st.just("stop"), amounts, maybe),
    st.tuples(st.just("break"), amounts, maybe),
    st.tuples(st.just("fail"), amounts, maybe),
    st.tuples(st.just("refuse"), amounts, maybe),
    st.tuples(st.just("told"), amounts, maybe),
    st.tuples(st.just("untold"), amounts, maybe),
    st.tuples(st.just("nothing"), amounts, maybe),
)


def completion(reserved: Decimal, final: Decimal | None) -> Completion:
    charge = {} if final is None else {"reserved": str(reserved), "final": str(final)}
    body = {"id": "x", "message": {"id": uuid4().hex, "content": "Yes"}, "credits": charge}
    return Completion.from_json(body)


def message(reserved: Decimal, final: Decimal) -> ChatMessage:
    charge = {"reserved": str(reserved), "final": str(final)}
    return ChatMessage.from_json({"id": uuid4().hex, "content": "Yes", "credits": charge})


class History:
    """One member's turns, to which drawn acts happen as the engine would bring them about."""

    def __init__(self, talk: Talk, member: Membership) -> None:
        self.talk, self.member = talk, member
        self.turn: Turn | None = None

    def play(self, act: str, reserved: Decimal, final: Decimal | None) -> None:
        if act == "ask":
            self.ask()
        elif self.turn is not None:
            with transaction.atomic():
                turn = locks.lock_with_conversation(self.turn.public_id)
                self.end(turn, act, reserved, final)

    def ask(self) -> None:
        if self.turn is not None and Turn.objects.get(pk=self.turn.pk).is_open:
            return
        try:
            self.turn = self.talk.begin(self.member)
        except ledger.NotEnoughCredits:
            return

    def end(self, turn: Turn, act: str, reserved: Decimal, final: Decimal | None) -> None:
        if act == "claim" and turn.status == Status.PENDING:
            lifecycle.move(turn, Status.STREAMING, cause="worker")
        elif turn.status == Status.STREAMING:
            self.end_open(turn, act, completion(reserved, final))
        elif turn.status in CLOSED_STATUSES and not turn.is_settled:
            self.settle(turn, act, message(reserved, final or Decimal(0)))

    def end_open(self, turn: Turn, act: str, told: Completion) -> None:
        if act == "answer":
            endings.answered(turn, told, text="Yes", cause="worker")
        elif act == "stop":
            endings.stopped(turn, text="Y", cause="person")
        elif act == "break":
            endings.interrupted(turn, text="Y", cause="worker", code="stream_broken")
        elif act == "fail":
            error = api_error(code="internal_error", status=200, message="")
            endings.failed_in_stream(turn, error, text="Y")
        elif act == "refuse":
            endings.close_unpaid(turn, Status.FAILED, cause="worker", code="x")

    def settle(self, turn: Turn, act: str, told: ChatMessage) -> None:
        if act == "told":
            endings.told_by_session(turn, told)
        elif act == "untold":
            endings.cost_untold(turn, told if turn.status != Status.FAILED else None)
        elif act == "nothing":
            endings.no_answer_found(turn, has_question=True)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(acts, max_size=25))
def test_spent_and_held_are_the_ledgers_sums(
    talk: Talk, researcher: Membership, steps: list[tuple[str, Decimal, Decimal | None]]
) -> None:
    history = History(talk, researcher)
    for step in steps:
        history.play(*step)
    account = CreditAccount.objects.get(workspace=researcher.workspace)
    turns = list(Turn.objects.filter(member=researcher))
    spent = sum((turn.final_credits for turn in turns if turn.is_settled), Decimal(0))
    entries = LedgerEntry.objects.filter(reference__startswith="turn:")
    assert sum((entry.spent for entry in entries), Decimal(0)) == spent
    balance = ledger.balance_of(account)
    assert (balance.available, balance.held) == (account.available, account.held)
    still_held = [turn for turn in turns if not turn.is_settled]
    assert all(ledger.is_held(turn.reference) for turn in still_held)
    assert account.held == 0 or still_held
    use = caps.use_of(researcher)
    open_price = sum((turn.estimated_credits for turn in still_held), Decimal(0))
    assert use.used == spent + open_price
    assert "Everything is as the ledger says." in recount("--check")
