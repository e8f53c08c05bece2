"""What reviews add to a brief's chain, to where it stands, and to the page of a job."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rivya_app.briefs import standing
from rivya_app.briefs.standing import Fact, Person, stand
from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.generations.origins import origins_of
from rivya_app.reviews import actions, concepts, pins, steps
from rivya_app.reviews import standing as reviews_standing
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.reviews.pins import Place
from rivya_app.workspaces.models import Campaign
from tests.reviewing import after_undo, asked, decided, results_of, video_order

EITHER = "Waits for a decision by Vikram Owner or Meera Manager"
READY_TO_GO = "Approved, ready to be handed over"
MEERA, ASHA = Person(1, "Meera"), Person(2, "Asha")


def told(brief) -> list[str]:
    return [step.words for step in sorted(steps.of_brief(brief), key=lambda step: step.at)]


def where(brief, member) -> standing.Standing:
    return stand(reviews_standing.of_briefs([brief])[brief.pk], member.pk)


@pytest.fixture
def review(shop, seller):
    return asked(shop, seller)


def pinned(manager, review, note="Remove the shadow"):
    pins.put(
        member=manager,
        public_id=review.public_id,
        sha256=review.sha256,
        place=Place(Decimal(90), Decimal(90)),
        note=note,
    )


def test_a_decision_is_told_with_its_note_and_pins(review, manager):
    pinned(manager, review)
    decided(manager, review, "changes_wanted", note="Make the handle larger")
    sent, decision = sorted(steps.of_brief(review.brief), key=lambda step: step.at)
    assert sent.by == "Asha Seller"
    assert decision.words == "Draft 1: changes wanted, 1 pin"
    assert (decision.by, decision.note) == ("Meera Manager", "Make the handle larger")
    assert decision.lines == ("lower right: Remove the shadow",)


def test_every_decision_stays_in_the_chain(review, manager):
    decided(manager, review, "rejected")
    actions.reverse_decision(member=manager, public_id=review.public_id, reason="Too strict")
    first = decided(manager, review)
    actions.take_back(member=manager, public_id=review.public_id, decision_id=first.public_id)
    decided(manager, review, "changes_wanted")
    assert told(review.brief) == [
        "Draft 1: sent for review",
        "Draft 1: rejected",
        "Draft 1: decision reversed",
        "Draft 1: approved",
        "Draft 1: decision taken back",
        "Draft 1: changes wanted",
    ]


def test_a_withdrawn_review_is_told(review, seller):
    actions.withdraw(member=seller, public_id=review.public_id)
    assert told(review.brief)[-1] == "Draft 1: taken out of review"


def test_a_film_that_waits_is_told_with_its_reason(shop, review, manager):
    shop.rivya.set_credits(2)
    wallet.read(shop.workspace, cause="test")
    decided(manager, review, video=video_order(review))
    assert told(review.brief)[-2:] == ["Video ordered", "The video waits for credits"]
    assert where(review.brief, manager).words == "Approved; the video waits for credits"


def test_the_owners_yes_is_told(shop, seller, manager, owner, workspace):
    campaign = Campaign.objects.create(workspace=workspace, name="Diwali", budget=Decimal(10))
    review = asked(shop, seller, campaign=campaign)
    decision = decided(manager, review, video=video_order(review))
    concept = VideoConcept.objects.get(decision=decision)
    assert where(review.brief, manager).code == standing.VIDEO_BUDGET
    actions.let_video_through(member=owner, public_id=concept.public_id)
    assert "The video may go beyond the campaign’s budget" in told(review.brief)
    assert [step.by for step in steps.of_brief(review.brief)][-2] == "Vikram Owner"


def test_a_job_names_the_decision_that_led_to_it(shop, review, manager, seller, owner):
    decision = decided(manager, review, video=video_order(review))
    concept = after_undo(VideoConcept.objects.get(decision=decision))
    (origin,) = origins_of(seller, concept.generation)
    assert (origin.words, origin.by) == ("Ordered with the approval of its still", "Meera Manager")
    assert origin.url == f"/reviews/{review.public_id}/"
    assert origins_of(seller, review.generation) == []


def test_a_job_names_the_notes_it_answers_with_a_link_for_those_who_may(
    shop, review, manager, seller, workspace, client_of
):
    from tests.cast import make_member

    decision = decided(manager, review, "changes_wanted", note="Larger")
    code = f"{decision.public_id}:note"
    fields = {
        "attempt": "2",
        "like": "1",
        "model_id": "z-image",
        "controls_of": "z-image",
        "prompt": "A mug",
        "param_aspect_ratio": "1:1",
        f"take:{code}": "on",
        f"words:{code}": "Larger",
    }
    client_of(seller).post(f"/briefs/{review.brief.public_id}/drafts/1/attempts/", fields)
    job = shop.job(review.brief)
    page = client_of(seller).get(f"/jobs/{job.public_id}/").content.decode()
    assert "Why it was made" in page
    assert "Larger → in the text" in page
    assert f"/reviews/{review.public_id}/" in page
    other = make_member(workspace, "seller", name="Ravi Other", email="ravi@team.example")
    page = client_of(other).get(f"/jobs/{job.public_id}/").content.decode()
    assert "Why it was made" in page
    assert f"/reviews/{review.public_id}/" not in page


# Where a brief stands.


def fact(code, *people, minutes=0, count=1) -> Fact:
    return Fact(code, clock.now() - timedelta(minutes=minutes), people, count)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([fact(standing.DECIDING, MEERA)], "Waits for Meera’s decision"),
        ([fact(standing.DECIDING, MEERA, ASHA)], "Waits for a decision by Meera or Asha"),
        ([fact(standing.DECIDING, *[MEERA] * 3)], "Waits for a decision"),
        ([fact(standing.DECIDING, Person(9, "Me"), MEERA)], "Waits for your decision"),
        ([fact(standing.CHANGES, ASHA)], "Changes wanted: Asha’s turn"),
        ([fact(standing.CHANGES, Person(9, "Me"))], "Changes wanted: your turn"),
        ([fact(standing.READY, Person(9, "Me"), count=2)], "2 drafts are ready: your turn"),
        ([fact(standing.MAKING, count=1)], "1 draft is being made"),
        ([fact(standing.HANDED_OVER)], "Handed over"),
        ([fact(standing.READY), fact(standing.VIDEO_MAKING)], "Approved; the video is being made"),
        ([fact(standing.APPROVED, minutes=5), fact(standing.HANDED_OVER)], "Handed over"),
        ([fact(standing.REJECTED, minutes=5), fact(standing.APPROVED)], READY_TO_GO),
        ([fact(standing.APPROVED), fact(standing.HANDED_OVER, minutes=5)], READY_TO_GO),
        ([fact(standing.DECIDING, MEERA), fact(standing.APPROVED)], "Waits for Meera’s decision"),
    ],
)  # fmt: skip
def test_it_says_in_one_line_where_a_brief_stands(facts, words):
    assert stand(facts, 9).words == words


def test_nothing_is_said_of_which_nothing_is_known():
    assert stand([], 9) is None


def test_every_fact_has_its_words():
    codes = [
        *standing.PRESSING,
        "changes",
        "approved",
        "rejected",
        "handed_over",
        "ready",
        "failed",
    ]
    for code in codes:
        assert stand([fact(code, ASHA)], 9).words
        assert stand([fact(code, ASHA)], 9).word


def test_it_waits_for_those_who_decide(shop, review, seller, manager, owner, workspace):
    assert where(review.brief, manager).words == "Waits for your decision"
    assert where(review.brief, seller).words == EITHER
    campaign = Campaign.objects.create(workspace=workspace, name="Diwali")
    campaign.deciders.add(manager)
    named = asked(shop, seller, campaign=campaign)
    assert where(named.brief, seller).words == "Waits for Meera Manager’s decision"


def test_an_answered_wish_no_longer_asks_for_a_turn(shop, review, seller, manager, client_of):
    decided(manager, review, "changes_wanted")
    address = f"/briefs/{review.brief.public_id}/"
    assert "Changes wanted: your turn" in client_of(seller).get(address).content.decode()
    assert "Changes wanted: Asha Seller’s turn" in client_of(manager).get(address).content.decode()
    client_of(seller).post(f"{address}drafts/1/attempts/", {"attempt": "2"})
    assert "1 draft is being made" in client_of(seller).get(address).content.decode()
    shop.finish(review.brief)
    assert "A draft is ready: your turn" in client_of(seller).get(address).content.decode()


def test_an_earlier_attempt_that_was_sent_waits_for_its_decision_all_the_same(
    shop, review, seller, manager, client_of
):
    address = f"/briefs/{review.brief.public_id}/"
    client_of(seller).post(f"{address}drafts/1/attempts/", {"attempt": "2"})
    shop.finish(review.brief)
    assert EITHER in client_of(seller).get(address).content.decode()
    actions.withdraw(member=seller, public_id=review.public_id)
    assert "A draft is ready: your turn" in client_of(seller).get(address).content.decode()


def test_the_way_of_a_film_is_said_on_page_and_card(shop, review, seller, manager, client_of):
    def said():
        page = client_of(seller).get(f"/briefs/{review.brief.public_id}/").context["standing"]
        card = client_of(seller).get("/briefs/").context["page"].object_list[0]
        return page.words, card.word

    assert said() == (EITHER, "Waiting for a decision")
    decision = decided(manager, review, video=video_order(review))
    assert said() == ("Approved; the video starts in a moment", "Video starts soon")
    after_undo(VideoConcept.objects.get(decision=decision))
    assert said() == ("Approved; the video is being made", "Video being made")
    shop.finish(review.brief)
    concepts.sweep()
    assert said()[1] == "Waiting for a decision"
    decided(manager, Review.objects.get(media_kind="video"))
    assert said() == ("Approved, ready to be handed over", "Approved")


def test_the_page_waits_for_a_film_that_starts_soon_and_then_shows_its_card(
    shop, review, seller, manager, client_of
):
    address = f"/briefs/{review.brief.public_id}/"
    decision = decided(manager, review, video=video_order(review))
    live = client_of(seller).get(address).context["live"]
    assert client_of(seller).get(live.url, {"v": live.version}).status_code == 204
    concept = after_undo(VideoConcept.objects.get(decision=decision))
    answer = client_of(seller).get(live.url, {"v": live.version}).content.decode()
    assert 'id="drafts"' in answer
    assert f'id="job-{concept.generation.public_id}"' in answer
    now = client_of(seller).get(address).context["live"]
    shop.finish(review.brief)
    answer = client_of(seller).get(now.url, {"v": now.version}).content.decode()
    assert 'id="drafts"' not in answer


def test_it_asks_as_often_for_many_briefs_as_for_one(
    shop, seller, manager, django_assert_max_num_queries
):
    shop.rivya.fault("instant")
    briefs = []
    for _number in range(3):
        brief = shop.submit(seller, draft_count=2)
        shop.finish(brief)
        for file in results_of(brief):
            actions.request_review(member=seller, file_ids=[file.public_id])
        briefs.append(brief)
    for some in (briefs[:1], briefs):
        with django_assert_max_num_queries(4):
            reviews_standing.of_briefs(some)
