"""A question is asked once, answered, and settled by what Rivya says it cost."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rivya_app.chat import feed
from rivya_app.chat.models import Status, Turn
from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk


def held(turn: Turn) -> Decimal:
    return CreditAccount.objects.get(workspace=turn.workspace).held


def test_it_answers_a_question_and_settles_what_it_cost(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    assert turn.status == Status.PENDING
    assert held(turn) == turn.estimated_credits == Decimal(3)
    talk.answer(turn)
    assert turn.status == Status.ANSWERED
    assert turn.answer
    assert turn.final_credits is not None
    assert turn.is_settled
    assert held(turn) == 0
    assert turn.conversation.session_id
    assert not ledger.is_held(turn.reference)
    kinds = [entry.kind for entry in feed.read_after(turn.public_id, "")]
    assert kinds[0] == feed.ASKED
    assert kinds[-1] == feed.END
    texts = [e.data for e in feed.read_after(turn.public_id, "") if e.kind == feed.TEXT]
    assert "".join(texts) == turn.answer


@pytest.mark.parametrize("is_first", [True, False])
def test_it_reads_all_that_sending_needs_in_one_query(
    talk: Talk, researcher: Membership, is_first: bool
) -> None:
    """Somebody waits: each further one is a tenth of the time to the first word."""
    turn = talk.begin(researcher)
    if not is_first:
        turn = talk.ask(talk.answer(turn).conversation)
    with CaptureQueriesContext(connection) as asked:
        talk.answer(turn)
    kinds = [query["sql"].partition(" ")[0] for query in asked.captured_queries]
    wanted = [kind for kind in kinds if kind in ("SELECT", "UPDATE", "INSERT")]
    assert wanted[:3] == ["SELECT", "UPDATE", "INSERT"]


def test_it_goes_on_in_the_same_session(talk: Talk, researcher: Membership) -> None:
    first = talk.answer(talk.begin(researcher))
    second = talk.answer(talk.ask(first.conversation))
    assert second.status == Status.ANSWERED
    session_id = second.conversation.session_id
    assert session_id
    assert "session_id" not in first.body
    assert session_id in second.body
    asked = {call["idempotency_key"] for call in talk.asked_rivya()}
    assert asked == {str(first.idempotency_key), str(second.idempotency_key)}


def test_it_keeps_what_came_of_a_broken_stream_and_asks_the_session(
    talk: Talk, researcher: Membership
) -> None:
    turn = talk.answer(talk.begin(researcher, "Tell me about mugs [[sse_break]]"))
    assert turn.status == Status.INTERRUPTED
    assert turn.answer
    part = turn.answer
    talk.settle(turn)
    assert turn.status == Status.ANSWERED
    assert turn.answer.startswith(part.strip())
    assert len(talk.asked_rivya()) == 1
