"""What the assistant is told of a brief, a job or a file, and the way back."""

import pytest
from django.utils import translation

from rivya_app.briefs import access, pages
from rivya_app.chat import abouts, actions
from rivya_app.chat.actions import Question, WantedConversation
from rivya_app.library.models import StoredFile
from tests import reviewing
from tests.chat.talk import MODEL
from tests.library.files import put


@pytest.fixture
def brief(shop, seller):
    made = shop.submit(seller)
    shop.finish(made)
    return made


def told(member, reference):
    about = abouts.told(member, reference)
    assert about is not None
    return about


def test_it_tells_of_a_job_with_its_brief_and_its_picture(shop, brief, researcher):
    job = shop.job(brief)
    about = told(researcher, job.reference)
    assert about.title == "Hand-thrown blue mug, Draft 1"
    assert about.url == f"/jobs/{job.public_id}/"
    assert [file.source for file in about.files] == [job.reference]
    for fact in ("Hand-thrown blue mug", "holds 300 ml", "Marketplace listing", "Clean studio"):
        assert fact in about.facts
    assert "Text for the model: A blue mug on a wooden table" in about.facts
    assert "Z-Image" in about.facts


def test_it_tells_of_a_brief_with_the_newest_picture_of_each_draft(shop, seller, researcher):
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    about = told(researcher, brief.reference)
    assert (about.title, about.url) == (brief.product, f"/briefs/{brief.public_id}/")
    assert len(about.files) == 2


def test_it_tells_what_was_decided(shop, seller, manager, researcher):
    review = reviewing.asked(shop, seller)
    reviewing.decided(manager, review, "changes_wanted", note="Less shadow, please")
    facts = told(researcher, review.brief.reference).facts
    assert "What was decided:" in facts
    assert "Less shadow, please" in facts


def test_it_tells_of_a_file_and_attaches_only_a_picture(shop, seller, researcher, client_of):
    picture, film = put(seller), put(seller, side=80)
    StoredFile.objects.filter(pk=film.pk).update(kind="video")
    about = told(researcher, f"file:{picture.public_id}")
    assert about.files == [picture]
    assert client_of(researcher).get(about.url).status_code == 200
    assert picture.name in about.facts
    assert list(told(researcher, f"file:{film.public_id}").files) == []


def test_it_keeps_to_a_bounded_length(shop, seller, researcher):
    long = "नीला मग " * 1000
    brief = shop.submit(seller, points=long[:2000], prompt=long[:900])
    assert len(told(researcher, brief.reference).facts) <= 2000
    assert "Text for the model" in told(researcher, brief.reference).facts


def test_it_speaks_the_language_of_the_reader(shop, brief, researcher):
    with translation.override("hi"):
        assert "मार्केटप्लेस" in told(researcher, brief.reference).facts


@pytest.mark.parametrize("reference", ["brief:nonsense", "generation:", "file:\0", "moon:1", ""])
def test_it_tells_nothing_of_what_is_not_there(shop, researcher, reference):
    assert abouts.told(researcher, reference) is None


def test_it_tells_a_stranger_nothing(shop, brief, stranger, seller):
    job = shop.job(brief)
    file = StoredFile.objects.get(source=job.reference)
    for reference in (brief.reference, job.reference, f"file:{file.public_id}"):
        assert abouts.told(stranger, reference) is None


# --- From a brief's page to its conversations -------------------------------------------------


def talk_about(talk, member, reference, title):
    wanted = WantedConversation(talk.workflow, MODEL, title=title, about=reference)
    return actions.begin(member=member, wanted=wanted, question=Question("Why?")).conversation


def test_it_names_conversations_about_a_brief_to_those_who_may_read_them(
    talk, shop, brief, seller, researcher, client_of
):
    mine = talk_about(talk, researcher, shop.job(brief).reference, "Warmer light")
    shared = talk_about(talk, researcher, brief.reference, "Another ground")
    actions.share(member=researcher, conversation_id=shared.public_id, is_shared=True)
    url = f"/briefs/{brief.public_id}/"
    own = client_of(researcher).get(url).content.decode()
    assert "Warmer light" in own
    assert "Another ground" in own
    other = client_of(seller).get(url).content.decode()
    assert "Another ground" in other
    assert "Warmer light" not in other
    assert str(mine.public_id) not in other


def test_it_asks_once_for_conversations_however_many_there_are(
    talk, shop, brief, researcher, client_of, django_assert_max_num_queries
):
    for number in range(5):
        talk_about(talk, researcher, brief.reference, f"Talk {number}")
    drafts = access.drafts_of(brief)
    with django_assert_max_num_queries(1):
        rows = pages.talked_about(researcher, brief, drafts)
    assert [row.title for row in rows] == ["Talk 4", "Talk 3", "Talk 2"]
