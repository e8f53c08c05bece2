"""Beginning a conversation: workflow, model, what it is about, and every refusal at the form."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from rivya_app.chat import abouts
from rivya_app.chat.abouts import About
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.gateway.models import Workflow
from rivya_app.library import uses
from rivya_app.workspaces.models import Membership
from tests.chat.test_composer import REFUSALS, busy
from tests.library.conftest import picture

MODEL = "gpt-5-2-chat"


@pytest.fixture
def browser(client_of: Any, researcher: Membership) -> Any:
    return client_of(researcher)


@pytest.fixture
def url() -> str:
    return reverse("chat:new-conversation")


def typed(text: str = "How do I sell a mug?", **fields: Any) -> dict[str, Any]:
    return {"form_token": str(uuid4()), "question": text, "model_id": MODEL, **fields}


def test_one_form_pressed_twice_begins_one(talk: Any, browser: Any, url: str) -> None:
    fields = typed()
    places = {browser.post(url, fields).url for _press in range(2)}
    conversation = Conversation.objects.get()
    assert places == {reverse("chat:show-conversation", args=[conversation.public_id])}
    assert conversation.turns.count() == 1
    assert conversation.title == "How do I sell a mug?"


def test_it_lists_models_with_their_price_and_why_not(talk: Any, browser: Any, url: str) -> None:
    talk.rivya.set(model_states="gpt-5-codex-chat=coming_soon")
    from rivya_app.gateway import catalogue

    catalogue.refresh()
    page = browser.get(url).content.decode()
    assert "GPT-5.2" in page
    assert "from 3 credits" in page
    assert "Not open for the API yet." in page
    assert "Nano Banana" not in page  # it makes pictures


def test_a_media_model_is_not_asked(talk: Any, browser: Any, url: str) -> None:
    answer = browser.post(url, typed(model_id="z-image"))
    assert answer.status_code == 422
    assert not Turn.objects.exists()
    assert "How do I sell a mug?" in answer.content.decode()


def test_a_model_that_went_away_names_the_nearest(talk: Any, browser: Any, url: str) -> None:
    Workflow.objects.filter(pk=talk.workflow.pk).update(allowed_model_ids=["gpt-5-codex-chat"])
    answer = browser.post(url, typed())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Turn.objects.exists()
    assert "GPT-5.2 cannot be used" in page
    assert "The nearest is GPT-5 Codex" in page


@pytest.mark.parametrize(("bring_about", "words"), [row for row in REFUSALS if row[0] is not busy])
def test_a_refusal_keeps_everything(
    talk: Any, researcher: Any, browser: Any, url: str, bring_about: Any, words: str
) -> None:
    assert talk.workflow
    bring_about(talk, researcher)
    fields = typed("Kept & whole", context="Facts that stay")
    answer = browser.post(url, fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Kept &amp; whole" in page
    assert "Facts that stay" in page
    assert fields["form_token"] in page
    assert not Conversation.objects.exists()


def test_it_is_about_what_a_room_above_tells(
    talk: Any, researcher: Any, browser: Any, url: str, monkeypatch: Any
) -> None:
    file = talk.shop.upload(researcher, picture(60, 40))
    told = About("Blue mug", "/jobs/1/", "Product: blue mug", (file,))
    monkeypatch.setitem(
        abouts._rooms, "thing", lambda _member, ref: told if ref == "thing:1" else None
    )
    page = browser.get(url, {"about": "thing:1"}).content.decode()
    assert "Product: blue mug</textarea>" in page
    assert "Blue mug</a>" in page
    assert str(file.public_id) in page
    assert browser.get(url, {"about": "thing:2"}).status_code == 404
    browser.post(
        url,
        typed(about="thing:1", context="Product: red mug", references=str(file.public_id)),
    )
    turn = Turn.objects.get()
    assert (turn.context, turn.conversation.about) == ("Product: red mug", "thing:1")
    assert uses.files_of(turn.reference) == [file]


def test_it_goes_on_from_an_earlier_one_with_a_summary(
    talk: Any, researcher: Any, browser: Any, url: str
) -> None:
    earlier = talk.answer(talk.begin(researcher, "Tell me of mugs")).conversation
    page = browser.get(url, {"continues": str(earlier.public_id)}).content.decode()
    assert "A summary of the earlier conversation." in page
    assert "Tell me of mugs" in page
    browser.post(url, typed(continues=str(earlier.public_id), context="We spoke of mugs"))
    later = Conversation.objects.exclude(pk=earlier.pk).get()
    assert later.continues == earlier
    shown = browser.get(reverse("chat:show-conversation", args=[later.public_id]))
    assert "Goes on from:" in shown.content.decode()


def test_the_question_that_rivya_refused_goes_along(
    talk: Any, researcher: Any, browser: Any, url: str
) -> None:
    sent = talk.shop.upload(researcher, picture(300, 200))
    earlier = talk.answer(talk.begin(researcher, "Tell me of mugs")).conversation
    query = {"continues": str(earlier.public_id)}
    assert not browser.get(url, query).context["form"]["question"].value()  # it has its answer
    talk.rivya.fault("error", on=["chat.stream"], code="not_found", status=404)
    refused = talk.ask(earlier, "And of plates?", files=[sent])
    for _round in range(4):
        talk.shop.send_references()
        talk.answer(refused)
    assert refused.status == Status.FAILED
    form = browser.get(url, query).context["form"]
    assert form["question"].value() == "And of plates?"
    assert [file.pk for file in form.references.chosen] == [sent.pk]
    assert "And of plates?" not in form["context"].value()


def test_nobody_goes_on_from_anothers_conversation(
    talk: Any, seller: Any, browser: Any, url: str
) -> None:
    theirs = talk.begin(seller, "A private matter").conversation
    assert browser.get(url, {"continues": str(theirs.public_id)}).status_code == 404
    browser.post(url, typed(continues=str(theirs.public_id)))
    assert Conversation.objects.exclude(pk=theirs.pk).get().continues is None


def test_workflows_are_offered_where_there_are_several(talk: Any, browser: Any, url: str) -> None:
    main = talk.workflow
    other = Workflow.objects.create(
        workspace=main.workspace,
        moment=main.moment,
        is_main=False,
        name="Deep research",
        api_key=main.api_key,
        default_model_id="gemini-2-5-flash-chat",
    )
    page = browser.get(url, {"workflow": str(other.public_id)}).content.decode()
    assert "Deep research" in page
    assert 'value="gemini-2-5-flash-chat" checked' in page
    browser.post(url, typed(workflow=str(other.public_id), model_id="gemini-2-5-flash-chat"))
    assert Conversation.objects.get().workflow == other


def test_a_script_is_told_what_follows_a_model(talk: Any, browser: Any, url: str) -> None:
    fields = typed("", model_id="gemini-2-5-flash-chat", refresh="1")
    answer = browser.post(url, fields, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert "about 1 credit" in page
    assert 'name="is_searching"' in page


def test_odd_addresses_are_no_fault(talk: Any, browser: Any, url: str) -> None:
    for query in (
        {"workflow": "x"},
        {"model_id": "\x00"},
        {"file": "none"},
        {"question": "Hi <b>"},
    ):
        assert browser.get(url, query).status_code == 200
    for query in ({"continues": "x"}, {"about": "nothing:1"}):
        assert browser.get(url, query).status_code == 404
