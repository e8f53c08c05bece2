"""An answer of the assistant becomes a brief: what is taken from it, and the way back."""

import pytest

from rivya_app.briefs import prompts
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.talk_reading import parts_in
from rivya_app.chat import actions, outcomes
from rivya_app.chat.models import Conversation, Turn
from rivya_app.credits import wallet
from rivya_app.generations.models import Generation
from tests.shop import typed

NEW = "/briefs/new/"
ENGLISH = """Here is a listing you can use.

## Listing title
Hand-thrown blue mug

**Key points:**
- glazed **stoneware**, holds 300 ml
- safe in the dishwasher

**Audience:** tea drinkers
**Platform:** Amazon marketplace
**Style** – lifestyle

### Image prompt
```
A blue stoneware mug on a wooden table, soft daylight
```

Tell me if you want another one.
"""
HINDI = """### शीर्षक
हाथ से बना नीला मग

### मुख्य विशेषताएँ
1. पत्थर जैसी मज़बूत मिट्टी
2. 300 मिली

**किसके लिए:** चाय पीने वाले
**भाषा:** हिन्दी

**प्रॉम्प्ट:**
> लकड़ी की मेज़ पर नीला मग, सुबह की रोशनी
"""


def answered(talk, member, answer, question="How do I sell a mug?"):
    turn = talk.answer(talk.begin(member, question))
    Turn.objects.filter(pk=turn.pk).update(answer=answer)
    turn.refresh_from_db()
    return turn


def opened(browser, turn, **more):
    return browser.get(NEW, {"from_turn": str(turn.public_id), **more})


def shown(page):
    form = page.context["form"]
    names = ("product", "points", "audience", "channel", "style", "language", "prompt")
    return {name: form[name].value() for name in names}


def test_it_fills_the_form_from_an_answer_and_sends_nothing(talk, seller, client_of):
    turn = answered(talk, seller, ENGLISH)
    page = opened(client_of(seller), turn)
    assert shown(page) == {
        "product": "Hand-thrown blue mug",
        "points": "glazed stoneware, holds 300 ml\nsafe in the dishwasher",
        "audience": "tea drinkers",
        "channel": "marketplace",
        "style": "lifestyle",
        "language": "en",
        "prompt": "A blue stoneware mug on a wooden table, soft daylight",
    }
    text = page.content.decode()
    assert f"/assistant/{turn.conversation.public_id}/?turn=1#turn-1" in text
    assert "Not found in it: the language" in text
    assert not Brief.objects.exists()
    assert not Generation.objects.exists()


def test_it_reads_hindi_labels(talk, seller, client_of):
    page = opened(client_of(seller), answered(talk, seller, HINDI))
    found = shown(page)
    assert found["product"] == "हाथ से बना नीला मग"
    assert found["points"] == "पत्थर जैसी मज़बूत मिट्टी\n300 मिली"
    assert found["audience"] == "चाय पीने वाले"
    assert found["language"] == "hi"
    assert found["prompt"] == "लकड़ी की मेज़ पर नीला मग, सुबह की रोशनी"


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        ("Prompt: “A blue mug”", "A blue mug"),
        ("- **Prompt:** A blue mug", "A blue mug"),
        ("1. **Image prompt**\n\n   ```text\n   A blue mug\n   ```", "A blue mug"),
        ("Take this:\n\n> A blue mug on a wooden table", "A blue mug on a wooden table"),
        ("```\nA blue mug\n```\n\n### Prompt 2\nA red mug", "A red mug"),
        ("| Part | Text |\n|---|---|\n| Prompt | A blue mug |", "A blue mug"),
        ("Run this:\n\n```python\nprint('mug')\n```", ""),
        ("Use a blue mug.", ""),
        ("My prompt service: none", ""),
    ],
)
def test_it_finds_the_prompt_where_one_is_marked_and_no_other(answer, prompt):
    assert parts_in(answer).get("prompt", "") == prompt


def test_it_takes_a_channel_only_where_one_is_named():
    assert parts_in("Platform: Amazon and stories").get("channel") is None
    assert parts_in("Platform: Instagram story").get("channel") == "story"
    assert parts_in("I like Amazon.").get("channel") is None


def test_it_takes_a_list_for_the_points_where_none_is_named():
    assert parts_in("# Blue mug\n\n- one\n\n## Tips\n\n* a\n* b\n* c") == {
        "product": "Blue mug",
        "points": "a\nb\nc",
    }


def test_it_reads_the_question_where_the_answer_does_not_say_it(talk, seller, client_of):
    turn = answered(talk, seller, "- glazed\n- blue", "Product: Blue mug\nPrompt: none of yours")
    found = shown(opened(client_of(seller), turn))
    assert found["product"] == "Blue mug"
    assert found["prompt"] is None


def test_it_keeps_to_the_limits_of_the_form_and_says_so(talk, seller, client_of):
    words = "नीला मग " * 2500
    answer = f"**Title:** {words}\n\n**Points:** {words}\n\n**Prompt:** {words}"
    page = opened(client_of(seller), answered(talk, seller, answer), model_id="z-image")
    found = shown(page)
    assert len(found["product"]) <= 120
    assert len(found["points"]) <= 2000
    assert len(found["prompt"]) <= page.context["form"].model.prompt_limit
    said = "Shortened to fit: what you sell, the points, the text for the model."
    assert said in page.content.decode()


def test_it_shows_markup_of_an_answer_as_text(talk, seller, client_of):
    answer = "**Title:** <script>alert(1)</script> [mug](javascript:alert(1))\n\n‮Points‬"
    page = opened(client_of(seller), answered(talk, seller, answer))
    assert "<script>alert(1)" not in page.content.decode()
    assert shown(page)["product"].startswith("<script>")


def test_it_takes_the_whole_answer_as_a_prompt_where_that_is_wanted(talk, seller, client_of):
    turn = answered(talk, seller, "A **blue** mug.\n\nSoft daylight.")
    page = opened(client_of(seller), turn, **{"as": "prompt"})
    assert shown(page)["prompt"] == "A blue mug.\n\nSoft daylight."
    assert "the whole answer stands there" in page.content.decode()
    assert shown(opened(client_of(seller), turn))["prompt"] is None


# --- Who may ----------------------------------------------------------------------------------


def test_it_opens_nothing_of_a_conversation_that_is_not_theirs(talk, seller, manager, client_of):
    turn = answered(talk, seller, ENGLISH)
    assert opened(client_of(manager), turn).status_code == 404
    actions.share(member=seller, conversation_id=turn.conversation.public_id, is_shared=True)
    assert opened(client_of(manager), turn).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("researcher", 200), ("support", 403)])
def test_it_is_for_those_who_may_write_briefs(talk, request, client_of, name, status):
    member = request.getfixturevalue(name)
    turn = answered(talk, member, ENGLISH)
    assert opened(client_of(member), turn).status_code == status


@pytest.mark.parametrize("turn_id", ["nonsense", "\0", "7d2c9f0e-0000-4000-8000-000000000000"])
def test_it_knows_no_turn_of_a_wrong_number(shop, seller, client_of, turn_id):
    browser = client_of(seller)
    assert browser.get(NEW, {"from_turn": turn_id}).status_code == 404
    browser.post(NEW, typed(from_turn=turn_id))
    assert not Brief.objects.exclude(from_turn=None).exists()


# --- The way back -----------------------------------------------------------------------------


def made(talk, seller, client_of, answer=ENGLISH):
    turn = answered(talk, seller, answer)
    client_of(seller).post(NEW, typed(from_turn=str(turn.public_id)))
    return turn, Brief.objects.get()


def test_it_links_the_brief_and_the_answer_both_ways(talk, seller, client_of):
    turn, brief = made(talk, seller, client_of)
    place = f"/assistant/{turn.conversation.public_id}/?turn=1#turn-1"
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert page.count(place) == 2  # beside the brief, and in its chain
    assert turn.conversation.title in page
    (outcome,) = outcomes.of([turn])[turn.pk]
    assert (outcome.title, outcome.url) == (brief.product, f"/briefs/{brief.public_id}/")


def test_it_tells_whose_conversation_it_was_but_not_which(talk, seller, manager, client_of):
    turn, brief = made(talk, seller, client_of)
    for address in (f"/briefs/{brief.public_id}/", f"/briefs/{brief.public_id}/chain/"):
        page = client_of(manager).get(address).content.decode()
        assert f"conversation of {seller}" in page
        assert str(turn.conversation.public_id) not in page
        assert turn.conversation.title not in page
    table = client_of(manager).get(f"/briefs/{brief.public_id}/chain.csv").getvalue().decode()
    assert str(turn.conversation.public_id) not in table


def test_it_keeps_no_link_to_what_the_sender_may_not_read(talk, seller, manager, client_of):
    turn = answered(talk, manager, ENGLISH)
    client_of(seller).post(NEW, typed(from_turn=str(turn.public_id)))
    assert Brief.objects.get().from_turn is None


def test_it_leads_back_from_a_form_that_was_refused(talk, seller, client_of):
    turn = answered(talk, seller, ENGLISH)
    form = typed(from_turn=str(turn.public_id), product="")
    page = client_of(seller).post(NEW, form)
    assert page.status_code == 422
    assert f"/assistant/{turn.conversation.public_id}/?turn=1#turn-1" in page.content.decode()
    assert page.context["form"]["from_turn"].value() == str(turn.public_id)


def test_it_asks_once_a_room_for_what_became_of_any_number_of_answers(
    talk, seller, client_of, django_assert_num_queries
):
    turn, _brief = made(talk, seller, client_of)
    other = answered(talk, seller, HINDI)
    with django_assert_num_queries(2):  # briefs, and attempts
        found = outcomes.of([turn, other])
    assert list(found) == [turn.pk]


# --- A new attempt whose text is an answer's ----------------------------------------------------


@pytest.fixture
def tried(talk, shop, seller):
    """A finished brief, and an answer in a conversation about its picture."""
    brief = shop.submit(seller)
    job = shop.finish(brief)
    turn = answered(talk, seller, "**Prompt:** A mug in warm evening light")
    Conversation.objects.filter(pk=turn.conversation_id).update(about=job.reference)
    return brief, turn


def attempt_url(brief):
    return f"/briefs/{brief.public_id}/drafts/1/attempts/"


def start(browser, brief, turn, **fields):
    form = {
        "attempt": "2",
        "like": "1",
        "prompt_from": str(turn.public_id),
        "model_id": "z-image",
        "prompt": "A mug in warm evening light",
        "param_aspect_ratio": "1:1",
    }
    return browser.post(attempt_url(brief), {**form, **fields})


def test_it_offers_answers_about_the_brief_for_a_new_attempt(tried, seller, manager, client_of):
    brief, turn = tried
    page = client_of(seller).get(attempt_url(brief)).content.decode()
    assert f"prompt_from={turn.public_id}" in page
    assert str(turn.public_id) not in client_of(manager).get(attempt_url(brief)).content.decode()


def test_it_fills_a_new_attempt_with_the_prompt_of_an_answer(tried, seller, manager, client_of):
    brief, turn = tried
    asked = {"prompt_from": str(turn.public_id)}
    page = client_of(seller).get(attempt_url(brief), asked)
    assert page.context["form"]["prompt"].value() == "A mug in warm evening light"
    assert f"/assistant/{turn.conversation.public_id}/?turn=1#turn-1" in page.content.decode()
    other = client_of(manager).get(attempt_url(brief), asked)
    assert other.context["form"]["prompt"].value() == brief.prompt


def test_it_links_an_attempt_and_its_answer_both_ways(tried, seller, manager, client_of):
    brief, turn = tried
    assert start(client_of(seller), brief, turn).status_code == 302
    draft = Draft.objects.get(attempt=2)
    assert draft.from_turn == turn
    (outcome,) = outcomes.of([turn])[turn.pk]
    assert outcome.url == f"/jobs/{draft.generation.public_id}/"
    place = f"/assistant/{turn.conversation.public_id}/?turn=1#turn-1"
    assert place in client_of(seller).get(outcome.url).content.decode()
    other = client_of(manager).get(outcome.url).content.decode()
    assert "Its text began with an answer of the assistant" in other
    assert str(turn.conversation.public_id) not in other


def test_it_keeps_the_link_of_an_attempt_that_waits(tried, shop, seller, client_of):
    brief, turn = tried
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")
    start(client_of(seller), brief, turn)
    assert not Draft.objects.filter(attempt=2).exists()
    shop.rivya.set_credits(500)
    client_of(seller).post(f"/briefs/{brief.public_id}/resume/")
    assert Draft.objects.get(attempt=2).from_turn == turn


def test_it_keeps_no_link_of_an_attempt_to_what_the_sender_may_not_read(tried, manager, client_of):
    brief, turn = tried
    assert start(client_of(manager), brief, turn).status_code == 302
    assert Draft.objects.get(attempt=2).from_turn is None


def test_the_text_for_the_model_reads_well_where_an_answer_gave_sentences_and_no_name():
    points = "- Name the material.\n- रंग लिखें।\n- Show it in use;"
    text = prompts.suggest(
        product="", points=points, audience="", channel="shop", style="studio", language="en"
    )
    assert "Product picture of the product, for" in text
    assert "Show: Name the material; रंग लिखें; Show it in use. Clean" in text
