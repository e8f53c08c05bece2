"""An answer that came long after it was asked for is told of, once, and not to who saw it."""

from datetime import timedelta

import pytest
from django.utils import translation

from rivya_app.chat import telling
from rivya_app.chat.models import Turn
from rivya_app.core import clock
from rivya_app.notices.models import Notice
from tests.chat.talk import Talk


def long_ago(turn: Turn) -> Turn:
    Turn.objects.filter(pk=turn.pk).update(created_at=clock.now() - timedelta(minutes=5))
    turn.refresh_from_db()
    return turn


def told(member) -> list[str]:
    rows = Notice.objects.filter(member=member, kind__startswith="answer_", read_at=None)
    return [notice.sentence for notice in rows]


def test_a_quick_answer_is_not_told_of(talk: Talk, researcher):
    talk.answer(talk.begin(researcher))
    assert told(researcher) == []


def test_a_late_answer_is_told_once_with_a_way_to_it(talk: Talk, researcher, owner):
    turn = long_ago(talk.begin(researcher, "Words for a mug"))
    talk.answer(turn)
    talk.answer(turn)
    assert told(researcher) == ["The assistant has answered in “Words for a mug”."]
    notice = Notice.objects.get(member=researcher, kind="answer_ready")
    assert notice.link == f"/assistant/{turn.conversation.public_id}/?turn=1#turn-1"
    assert told(owner) == []


def test_a_late_failure_is_told_as_one(talk: Talk, researcher):
    turn = long_ago(talk.begin(researcher, "Mugs [[sse_error]]"))
    talk.settle(talk.answer(turn))
    assert told(researcher) == ["The assistant could not answer in “Mugs [[sse_error]]”. See why."]


def test_what_broke_off_is_told_when_its_end_is_known(talk: Talk, researcher):
    turn = long_ago(talk.begin(researcher, "Mugs [[sse_break]]"))
    talk.answer(turn)
    assert (turn.status, told(researcher)) == ("interrupted", [])
    talk.settle(turn)
    assert told(researcher) == ["The assistant has answered in “Mugs [[sse_break]]”."]


@pytest.mark.parametrize("code", ["owner_refused", "owner_silent"])
def test_the_owners_no_is_told_by_the_gate_alone(talk: Talk, researcher, code):
    from django.db import transaction

    from rivya_app.chat import endings
    from rivya_app.chat.models import Status

    turn = long_ago(talk.begin(researcher))
    with transaction.atomic():
        endings.close_unpaid(turn, Status.FAILED, cause="person", code=code)
    assert told(researcher) == []


def test_stopping_it_is_no_news(talk: Talk, researcher):
    from rivya_app.chat import actions

    turn = long_ago(talk.begin(researcher))
    actions.stop(member=researcher, turn_id=turn.public_id)
    assert told(researcher) == []


def test_who_sees_the_end_has_read_it(talk: Talk, researcher, owner):
    turn = talk.answer(long_ago(talk.begin(researcher)))
    telling.seen(owner, [turn])
    assert len(told(researcher)) == 1
    telling.seen(researcher, [turn])
    assert told(researcher) == []


def test_looking_at_quick_answers_asks_nothing(talk: Talk, researcher, django_assert_num_queries):
    turn = talk.answer(talk.begin(researcher))
    with django_assert_num_queries(0):
        telling.seen(researcher, [turn])


def test_nobody_hears_of_it_in_the_place_of_one_who_left(talk: Talk, researcher, owner):
    turn = talk.answer(long_ago(talk.begin(researcher, "Private words [[sse_break]]")))
    type(researcher).objects.filter(pk=researcher.pk).update(is_active=False, heir=owner)
    talk.settle(turn)
    assert turn.status == "answered"
    assert not Notice.objects.filter(kind__startswith="answer_").exists()


def test_it_speaks_hindi(talk: Talk, researcher):
    talk.answer(long_ago(talk.begin(researcher, "Words for a mug")))
    with translation.override("hi"):
        assert "Words for a mug" in told(researcher)[0]
        assert "The assistant" not in told(researcher)[0]


def test_opening_its_page_reads_it(talk: Talk, researcher, owner, client_of):
    turn = talk.answer(long_ago(talk.begin(researcher)))
    turn.conversation.is_shared = True
    turn.conversation.save()
    page = f"/assistant/{turn.conversation.public_id}/"
    client_of(owner).get(page)
    assert len(told(researcher)) == 1
    client_of(researcher).get(page)
    assert told(researcher) == []


def test_its_own_part_of_a_page_reads_it_too(talk: Talk, researcher, client_of):
    turn = talk.answer(long_ago(talk.begin(researcher)))
    client_of(researcher).get(f"/assistant/turns/{turn.public_id}/")
    assert told(researcher) == []
