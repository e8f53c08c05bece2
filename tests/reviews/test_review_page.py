"""The page of one review: what it shows, what it refuses, and what a press leads to."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.briefs import actions as briefs
from rivya_app.core import clock
from rivya_app.reviews import actions, checklist
from rivya_app.reviews.models import Decision, VideoConcept
from rivya_app.workspaces.models import Campaign
from tests.reviewing import asked, results_of

REQUIRED = [item.code for item in checklist.USUAL if item.is_required]
FILM = Decimal(55)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(
        workspace=workspace, name="Diwali", video_model_id="kling-2-6", budget=200
    )


@pytest.fixture
def review(shop, seller, campaign):
    return asked(shop, seller, campaign=campaign)


@pytest.fixture
def desk(client_of, manager):
    return client_of(manager)


def address(review, name="show-review", *more):
    return reverse(f"reviews:{name}", args=[review.public_id, *more])


def page(desk, review, query="", status=200):
    answer = desk.get(address(review) + query)
    assert answer.status_code == status
    return answer


def press(desk, review, kind="approved", **fields):
    """The form as the page sends it, with every required item ticked and no video."""
    typed = {"kind": kind, "sha256": review.sha256, "note": "", "ticked": REQUIRED}
    return desk.post(address(review, "decide"), {**typed, **fields})


def with_video(**fields):
    typed = {
        "video_offered": "1",
        "with_video": "on",
        "model_id": "kling-2-6",
        "controls_of": "kling-2-6",
        "param_duration": "5",
        "param_sound": "false",
        "param_aspect_ratio": "1:1",
        "prompt": "The mug turns slowly",
        "price_seen": str(FILM),
    }
    return {**typed, **fields}


def test_it_shows_the_draft_its_brief_and_the_three_buttons(review, desk, seller):
    html = page(desk, review).content.decode()
    for words in ("Hand-thrown blue mug", "holds 300 ml", "Draft 1", str(seller), "Diwali"):
        assert words in html
    assert f'data-full="{review.file.url}"' in html
    assert html.count('data-decide="') == 3
    assert "A blue mug on a wooden table" in html
    assert review.sha256[:12] in html
    assert html.count("data-required") == len(REQUIRED)


def test_it_asks_the_database_as_often_for_one_attempt_as_for_many(shop, review, desk, seller):
    asked(shop, seller, product="Green lamp")
    page(desk, review)
    with CaptureQueriesContext(connection) as few:
        page(desk, review)
    brief = review.brief
    for number in (2, 3):
        briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=number)
        shop.finish(brief)
        asked(shop, seller, brief=brief)
    asked(shop, seller, campaign=review.campaign)
    with CaptureQueriesContext(connection) as many:
        page(desk, review)
    assert len(many) == len(few)


def test_it_lays_references_attempts_and_drafts_beside_it(shop, review, desk, seller):
    brief = review.brief
    briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2)
    shop.finish(brief)
    second = results_of(brief)[1]
    html = page(desk, review, f"?with={second.public_id}&mode=wipe").content.decode()
    assert html.count("data-pane ") == 2
    assert 'data-mode="wipe"' in html
    assert "Attempt 2" in html
    assert (
        page(desk, review, "?with=no-such&with=" + str(uuid4()))
        .content.decode()
        .count("data-pane ")
        == 1
    )


def test_an_approval_leads_to_the_next_one_and_offers_to_take_it_back(shop, review, desk, seller):
    after = asked(shop, seller, product="Green lamp")
    answer = press(desk, review)
    assert answer.status_code == 302
    assert answer.url == address(after)
    html = page(desk, after).content.decode()
    assert "data-undo" in html
    decision = Decision.objects.get()
    assert (decision.kind, decision.role, decision.sha256) == ("approved", "manager", review.sha256)
    assert [item["is_ticked"] for item in decision.checklist].count(True) == len(REQUIRED)
    back = desk.post(address(review, "take-back"), {"decision": decision.public_id})
    assert back.url == address(review)
    assert "data-undo" not in page(desk, review).content.decode()
    later = desk.post(address(review, "take-back"), {"decision": uuid4()})
    assert later.status_code == 302  # it is taken back


def test_the_last_one_leads_to_the_list_and_the_filters_stay(shop, review, desk, seller):
    answer = desk.post(
        address(review, "decide") + "?kind=image",
        {"kind": "approved", "sha256": review.sha256, "ticked": REQUIRED},
    )
    assert answer.url == f"{reverse('reviews:queue')}?kind=image"
    assert "data-undo" in desk.get(answer.url).content.decode()


def test_a_refusal_keeps_everything_and_says_what_is_missing(review, desk):
    answer = press(desk, review, ticked=REQUIRED[1:], note="Nice light", **with_video(prompt="P"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count("is-open") == 1
    assert ">Nice light</textarea>" in html
    assert ">P</textarea>" in html
    assert html.count("data-required checked") == len(REQUIRED) - 1
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("kind", ["changes_wanted", "rejected"])
def test_changes_and_rejections_need_words(review, desk, kind):
    answer = press(desk, review, kind, note="  ", ticked=[])
    assert answer.status_code == 422
    assert 'id="id_note" rows="3" aria-describedby="note-help id_note_error" aria-invalid' in (
        answer.content.decode()
    )
    assert press(desk, review, kind, note="हैंडल बड़ा करें।", ticked=[]).status_code == 302
    assert Decision.objects.get().note == "हैंडल बड़ा करें।"


def test_other_bytes_than_were_shown_are_refused(review, desk):
    answer = press(desk, review, sha256="0" * 64)
    assert answer.status_code == 422
    assert "not the one that was sent for review" in answer.content.decode()


def test_a_double_click_and_a_form_sent_again_are_one_decision(shop, review, desk):
    first, second = (press(desk, review, **with_video()) for _press in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert Decision.objects.count() == VideoConcept.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "words"), [("rejected", "rejected it"), ("approved", "approved it")]
)
def test_who_comes_second_is_told_who_was_first(review, desk, client_of, owner, kind, words):
    press(client_of(owner), review, kind, note="Mine.")
    answer = press(desk, review, note="I like it")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"Vikram Owner {words}" in html
    assert ">I like it</textarea>" in html
    assert "data-decide" not in html
    other = "changes_wanted"  # than before, by the same person
    assert press(client_of(owner), review, other, note="No").status_code == 422
    assert Decision.objects.count() == 1


def test_a_video_is_ordered_with_the_approval_at_the_price_shown(review, desk):
    html = page(desk, review).content.decode()
    assert 'id="id_with_video" checked' in html.replace(' name="with_video"', "")
    assert 'name="price_seen" id="id_price_seen" value="55.00"' in html
    assert press(desk, review, **with_video()).status_code == 302
    concept = VideoConcept.objects.get()
    assert (concept.model_id, concept.prompt, concept.price) == (
        "kling-2-6", "The mug turns slowly", FILM,
    )  # fmt: skip
    assert concept.params["aspect_ratio"] == "1:1"
    html = page(desk, review).content.decode()
    assert "starts once the decision is final" in html


def test_without_the_switch_no_video_is_ordered_and_none_is_judged(review, desk):
    fields = with_video(prompt="", price_seen="nonsense", model_id="gone")
    del fields["with_video"]
    assert press(desk, review, **fields).status_code == 302
    assert VideoConcept.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"price_seen": "54.00"}, "costs 55 credits now"),
        ({"price_seen": ""}, "This field is required."),
        ({"model_id": "z-image"}, "cannot make a video from this picture"),
        ({"prompt": "x" * 1001}, "reads at most 1000"),
        ({"prompt": " "}, "Say what should happen"),
    ],
)
def test_a_video_that_does_not_fit_decides_nothing(review, desk, changed, words):
    answer = press(desk, review, **with_video(**changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Decision.objects.count() == 0
    assert press(desk, review, "rejected", note="No.", **with_video(**changed)).status_code == 302


def test_the_form_comes_again_with_another_price_and_is_not_judged(review, desk):
    fields = with_video(model_id="kling-3-0", prompt="Mine")
    answer = press(desk, review, "", refresh="1", **fields)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="90.00"' in html
    assert ">Mine</textarea>" in html
    assert "errorlist" not in html
    part = desk.post(address(review, "video-price"), fields)
    assert part.status_code == 200
    assert 'value="90.00"' in part.content.decode()
    assert 'id="video-controls"' in part.content.decode()  # those of the other model
    same = desk.post(address(review, "video-price"), with_video())
    assert 'id="video-controls"' not in same.content.decode()


def test_who_made_it_is_shown_no_approve_and_refused_it(shop, manager, desk):
    own = asked(shop, manager, product="My bowl")
    html = page(desk, own).content.decode()
    assert 'data-decide="approved"' not in html
    assert 'data-decide="rejected"' in html
    answer = press(desk, own)
    assert answer.status_code == 422
    assert "Somebody else has to approve it" in answer.content.decode()


def test_the_seller_looks_and_does_not_decide(review, client_of, seller, support):
    for member in (seller, support):
        html = page(client_of(member), review).content.decode()
        assert "data-decide" not in html
        assert 'id="verdict"' not in html
        assert press(client_of(member), review).status_code == 403
    assert "Withdraw it" in page(client_of(seller), review).content.decode()


def test_strangers_and_other_campaigns_deciders_find_nothing(
    review, client_of, stranger, desk, owner
):
    assert press(client_of(stranger), review).status_code == 404
    review.campaign.deciders.set([owner])
    assert press(desk, review).status_code == 404
    assert page(desk, review, status=404)


def test_a_reversal_needs_a_reason_and_opens_it_again(review, desk, client_of, owner):
    press(desk, review, "rejected", note="No.")
    answer = desk.post(address(review, "reverse"), {"reason": " "})
    assert answer.status_code == 422
    assert '<details class="card fold" id="reverse" open>' in answer.content.decode()
    assert desk.post(address(review, "reverse"), {"reason": "It is ours."}).status_code == 302
    html = page(desk, review).content.decode()
    assert "It is ours." in html
    assert 'data-decide="approved"' in html
    assert desk.post(address(review, "reverse"), {"reason": "Again"}).status_code == 422


def test_it_is_too_late_once_the_window_is_over(review, desk):
    press(desk, review)
    decision = Decision.objects.get()
    with clock.at(clock.now() + timedelta(seconds=11)):
        assert "data-undo" not in page(desk, review).content.decode()
        answer = desk.post(address(review, "take-back"), {"decision": decision.public_id})
    assert answer.status_code == 422
    assert "too late" in answer.content.decode()


def test_only_who_decided_is_offered_to_take_it_back(review, desk, client_of, owner):
    press(desk, review)
    assert "data-undo" in page(desk, review).content.decode()
    assert "data-undo" not in page(client_of(owner), review).content.decode()


def test_a_withdrawn_one_cannot_be_decided(review, desk, seller):
    actions.withdraw(member=seller, public_id=review.public_id)
    answer = press(desk, review, note="Late")
    assert answer.status_code == 422
    assert "withdrawn meanwhile" in answer.content.decode()


def test_earlier_rounds_are_told_with_person_role_and_checksum(shop, review, desk, seller):
    press(desk, review, "changes_wanted", note="Larger, please.")
    briefs.new_attempt(member=seller, public_id=review.brief.public_id, position=1, attempt=2)
    shop.finish(review.brief)
    second = results_of(review.brief)[1]
    again = actions.request_review(member=seller, file_ids=[second.public_id])[0]
    html = page(desk, again).content.decode()
    assert "Larger, please." in html
    assert "Meera Manager, Campaign manager" in html
    assert review.sha256[:12] in html
