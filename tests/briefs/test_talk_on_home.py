"""What of the assistant stands on each role's first page."""

from tests.chat.talk import Talk

CARD = 'id="talks-home-title"'


def home(client_of, member) -> str:
    return client_of(member).get("/").content.decode()


def test_a_researcher_finds_the_latest_conversations_first(talk: Talk, client_of, researcher):
    assert "Ask the first question" in home(client_of, researcher)
    turn = talk.answer(talk.begin(researcher, "How do I pack a mug?"))
    page = home(client_of, researcher)
    assert "How do I pack a mug?" in page
    assert f"/assistant/{turn.conversation.public_id}/" in page
    assert page.index(CARD) < page.index("Recent results")
    assert "/assistant/new/" in page


def test_an_open_one_says_so(talk: Talk, client_of, researcher):
    talk.begin(researcher)
    assert "Queued" in home(client_of, researcher)


def test_others_see_it_only_while_something_waits(talk: Talk, client_of, seller, owner, support):
    turn = talk.begin(seller, "Words for a lamp")
    assert "Words for a lamp" in home(client_of, seller)
    for other in (owner, support):
        assert CARD not in home(client_of, other)
        assert "Words for a lamp" not in home(client_of, other)
    talk.answer(turn)
    assert CARD not in home(client_of, seller)


def test_it_costs_the_same_however_many_there_are(
    talk: Talk, client_of, researcher, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = client_of(researcher)
    talk.answer(talk.begin(researcher))
    browser.get("/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/")
    for _more in range(3):
        talk.answer(talk.begin(researcher))
    with django_assert_num_queries(len(one)):
        browser.get("/")
