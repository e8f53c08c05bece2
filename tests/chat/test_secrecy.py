"""Of a question and its answer nothing is found but in its rows and its feed; of a key nothing."""

import logging

import pytest
from django.core import serializers

from rivya_app.chat import actions
from rivya_app.chat.feed import Entry
from rivya_app.chat.models import Conversation, Turn, TurnEvent
from rivya_app.chat.teller import Saved, Teller
from rivya_app.core.redaction import RedactionFilter
from rivya_app.library.models import RemoteCopy
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import AuditEntry, Membership
from tests.chat.books import to_the_end
from tests.chat.talk import Talk
from tests.library.test_strip import photo

WORD = "Zanzibarquestion"
# What the stand-in answers holds the first words of the question, so one search finds both.


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(RedactionFilter())
    return caplog


FAULTS = ["", "sse_break", "sse_error", "cut_after", "no_credits", "malformed", "rate_limited"]


@pytest.mark.parametrize("fault", FAULTS)
def test_it_leaves_no_word_and_no_secret_where_neither_belongs(
    talk: Talk,
    researcher: Membership,
    everything_logged: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    picture = talk.shop.upload(researcher, photo())
    if fault:
        talk.rivya.fault(fault, times=2, on=["chat.stream"])
    turn = talk.begin(researcher, f"{WORD} about mugs", files=[picture])
    talk.answer(turn)
    talk.shop.send_references()
    to_the_end(talk, turn)
    assert "chat/completions/stream" in everything_logged.text  # the search itself works
    events = serializers.serialize("json", TurnEvent.objects.all())
    others = [*Notice.objects.values(), *AuditEntry.objects.values()]
    teller = Teller(turn)
    said = [
        everything_logged.text,
        events,
        str(others),
        *map(repr, (turn, turn.conversation, teller, *TurnEvent.objects.all())),
        *map(str, (turn, turn.conversation)),
        repr([actions.Question(WORD, context=WORD), Saved(WORD, ""), Entry("text", WORD)]),
    ]
    link = RemoteCopy.objects.get().remote_url.reveal()
    secret = talk.shop.key.secret.reveal()
    for text in said:
        assert WORD not in text
        assert secret[12:-4] not in text
        assert link not in text
    assert WORD in Turn.objects.get().question


def test_a_fault_of_ours_says_no_word_of_the_answer(
    talk: Talk,
    researcher: Membership,
    everything_logged: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A renderer that fails leaves the answer whole; anything else ends it as interrupted."""

    def fail(text: str) -> tuple[str, str]:
        raise RuntimeError(f"broken by {text}")

    monkeypatch.setattr("rivya_app.chat.rendering.settled_blocks", fail)
    turn = talk.answer(talk.begin(researcher, f"{WORD} about mugs"))
    assert turn.status == "answered"
    assert WORD in turn.answer
    assert WORD not in everything_logged.text
    monkeypatch.setattr(Teller, "hear", lambda _self, event: fail(repr(event)))
    broken = talk.answer(talk.begin(researcher, f"{WORD} about mugs"))
    assert broken.status == "interrupted"
    assert WORD not in everything_logged.text


def test_the_admin_has_no_page_of_them() -> None:
    from django.contrib import admin

    registered = set(admin.site._registry)
    assert not registered & {Conversation, Turn, TurnEvent}


def test_a_title_of_a_private_conversation_is_in_no_page_of_others(
    talk: Talk, researcher: Membership, owner: Membership, client_of
) -> None:
    talk.answer(talk.begin(researcher, f"{WORD} about mugs"))
    browser = client_of(owner)
    for path in ("/", "/credits/", "/desk/", "/assistant/", "/notices/"):
        page = browser.get(path, follow=True)
        assert page.status_code in (200, 403, 404)
        assert WORD not in page.content.decode()
