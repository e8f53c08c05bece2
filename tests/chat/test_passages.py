"""What a search shows of a conversation: where the words stand, and the way there."""

import re

import pytest

from rivya_app.chat import actions
from rivya_app.chat.models import Turn
from rivya_app.chat.paths import path_of, path_of_turn
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk
from tests.chat.test_listing import INDEX, Browsers, answered, page


def said(told: str) -> str:
    found = re.search(r'<p class="talk-said soft" dir="auto">(.*?)</p>', told)
    assert found
    return found[1]


def title_link(told: str) -> str:
    found = re.search(r'<a class="talk-title" href="([^"]*)"', told)
    assert found
    return found[1]


@pytest.fixture
def early(talk: Talk, researcher: Membership) -> Turn:
    """The first answer of a conversation that went on."""
    glaze = "- The **zirconium** glaze is *white*."
    text = f"{'Some words come first. ' * 40}\n\n{glaze}\n\n{'More words. ' * 80}"
    turn = answered(talk, researcher, "How do I glaze it?", text)
    for _more in range(2):
        talk.answer(talk.ask(turn.conversation, "And then?"))
    return turn


def test_it_shows_the_words_where_they_stand_and_leads_there(
    early: Turn, researcher: Membership, client_of: Browsers
) -> None:
    told = page(client_of(researcher), f"{INDEX}?q=zircon+glaze")
    assert "The <mark>zirconium</mark> <mark>glaze</mark> is white." in said(told)
    assert len(said(told)) < 400
    assert title_link(told) == path_of_turn(early)


def test_it_leads_to_the_newest_turn_that_has_them(
    early: Turn, talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    later = talk.answer(talk.ask(early.conversation, "Is zirconium safe?"))
    told = page(client_of(researcher), f"{INDEX}?q=zirconium")
    assert "Is <mark>zirconium</mark> safe?" in said(told)
    assert title_link(told) == path_of_turn(later)


def test_it_finds_words_of_another_script(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    answered(talk, researcher, "नमस्ते", "मिट्टी के बर्तन सुंदर हैं।")
    told = page(client_of(researcher), f"{INDEX}?q=बर्तन")
    assert "मिट्टी के <mark>बर्तन</mark> सुंदर हैं" in said(told)


def test_it_leads_to_the_whole_where_the_title_alone_matches(
    early: Turn, researcher: Membership, client_of: Browsers
) -> None:
    actions.rename(
        member=researcher, conversation_id=early.conversation.public_id, title="Kiln log"
    )
    told = page(client_of(researcher), f"{INDEX}?q=kiln")
    assert "<mark>" not in told
    assert title_link(told) == path_of(early.conversation)


def test_hostile_words_are_shown_as_words(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    answered(
        talk,
        researcher,
        "<script>alert(1)</script>",
        "\ue000\ue000Look: <img src=x onerror=alert(1)> zirconium </mark>\ue001 <b>&amp; " * 3,
    )
    told = said(page(client_of(researcher), f"{INDEX}?q=zirconium"))
    assert "<mark>zirconium</mark>" in told
    assert set(re.findall(r"<[^>]*>", told)) == {"<mark>", "</mark>"}
    assert told.count("<mark>") == told.count("</mark>")
    assert "onerror=alert(1)&gt;" in told
