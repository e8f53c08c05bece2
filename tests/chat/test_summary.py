"""What a new conversation starts with: bounded, plain, the newest first to survive."""

import pytest
from django.utils import translation

from rivya_app.chat.models import Turn
from rivya_app.chat.summary import LONGEST, shortened, summary_of
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk


def grown(talk: Talk, member: Membership, *said: tuple[str, str]) -> Turn:
    """A conversation with these questions and answers; its last turn."""
    turn = None
    for question, answer in said:
        begun = talk.ask(turn.conversation, question) if turn else talk.begin(member, question)
        turn = talk.answer(begun)
        Turn.objects.filter(pk=turn.pk).update(answer=answer)
    assert turn is not None
    return turn


def test_it_tells_questions_and_answers_in_their_order(talk: Talk, researcher: Membership) -> None:
    turn = grown(talk, researcher, ("A mug?", "Say it is blue."), ("In Hindi?", "नीला मग।"))
    assert summary_of(turn.conversation) == (
        "This goes on from an earlier conversation, “A mug?”. In short:\n\n"
        "Question: A mug?\nAnswer: Say it is blue.\n\n"
        "Question: In Hindi?\nAnswer: नीला मग।"
    )


def test_it_keeps_the_newest_where_there_is_no_room_for_all(
    talk: Talk, researcher: Membership
) -> None:
    said = [(f"Question number {n}?", f"Sentence {n}. " * 200) for n in range(6)]
    told = summary_of(grown(talk, researcher, *said).conversation)
    assert len(told) <= LONGEST
    assert "Question number 5?" in told
    assert "Question: Question number 0?" not in told
    assert told.index("(Earlier questions are left out.)") < told.index("Question number 5?")


def test_it_leaves_out_what_came_to_nothing_or_was_asked_again(
    talk: Talk, researcher: Membership
) -> None:
    first = talk.answer(talk.begin(researcher, "Frist try?"))
    second = talk.answer(talk.ask(first.conversation, "Second try?", again_of=first))
    failed = talk.answer(talk.ask(second.conversation, "No words [[fail]]"))
    Turn.objects.filter(pk=failed.pk).update(answer="")
    told = summary_of(first.conversation).partition("In short:")[2]
    assert "Second try?" in told
    assert "Frist try?" not in told
    assert "No words" not in told


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("Short.", 20, "Short."),
        ("One sentence. Another one that is long.", 24, "One sentence. …"),
        ("पहला वाक्य। दूसरा वाक्य जो लंबा है।", 20, "पहला वाक्य। …"),
        ("Version 1.5 of a thing that is long", 20, "Version 1.5 of a …"),
        ("x" * 50, 20, "x" * 18 + " …"),
        ("First line\nand another line here", 20, "First line …"),
    ],
)
def test_it_shortens_at_the_end_of_a_sentence(text: str, most: int, short: str) -> None:
    assert shortened(text, most) == short
    assert len(shortened(text, most)) <= most


def test_it_is_bounded_whatever_was_said(talk: Talk, researcher: Membership) -> None:
    turn = grown(talk, researcher, *[("क" * 5000, "```\n" + "<b>" * 9000)] * 4)
    turn.conversation.title = "t" * 200
    for language in ("en", "hi"):
        with translation.override(language):
            assert len(summary_of(turn.conversation)) <= LONGEST
