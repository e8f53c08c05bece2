"""Approving several drafts at once: confirmed by name, decided one by one, never twice."""

from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.credits.models import CreditAccount
from rivya_app.gateway.models import CatalogueModel
from rivya_app.reviews import actions
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.workspaces.models import Campaign
from tests.cast import make_member
from tests.reviewing import asked, decided, results_of

REQUIRED = ["product", "claims", "rights", "artefacts"]
ADDRESS = "/reviews/approve/"


@pytest.fixture
def three(shop, seller):
    brief = shop.submit(seller, draft_count=3)
    shop.finish(brief)
    return actions.request_review(
        member=seller, file_ids=[file.public_id for file in results_of(brief)]
    )


def ids(reviews):
    return [str(review.public_id) for review in reviews]


def confirmed(reviews, **changes):
    """What the page of confirmation posts."""
    shown = {f"shown_{review.public_id}": review.sha256 for review in reviews}
    return {"review": ids(reviews), "tick": REQUIRED, **shown, **changes}


def with_videos(page):
    """The fields of the offered videos, as they stand on the page."""
    fields = {"with_video": "1"}
    for line in page.context["video"].lines.values():
        fields[f"price_{line.review.public_id}"] = str(line.price)
        fields[f"model_{line.review.public_id}"] = line.offer.model.model_id
    return fields


def states(reviews):
    found = Review.objects.in_bulk([review.pk for review in reviews])
    return [found[review.pk].state for review in reviews]


def test_the_list_offers_ticks_to_those_who_decide(three, client_of, manager, seller):
    page = client_of(manager).get(reverse("reviews:queue")).content.decode()
    assert all(f'name="review" value="{public_id}"' in page for public_id in ids(three))
    assert 'name="review"' not in client_of(seller).get(reverse("reviews:queue")).content.decode()


def test_the_confirmation_names_every_draft_and_the_whole_checklist(three, client_of, manager):
    page = client_of(manager).get(ADDRESS, {"review": ids(three)})
    text = page.content.decode()
    assert "Approve these 3 drafts?" in text
    for review in three:
        assert f'name="shown_{review.public_id}" value="{review.sha256}"' in text
    assert all(f'name="tick" value="{code}"' in text for code in [*REQUIRED, "brand", "channel"])
    assert Decision.objects.count() == 0


def test_each_is_decided_with_the_ticks_and_the_bytes_that_were_shown(three, client_of, manager):
    answer = client_of(manager).post(ADDRESS, confirmed(three, tick=[*REQUIRED, "brand"]))
    assert "3 drafts approved" in answer.content.decode()
    assert states(three) == ["approved"] * 3
    decision = Decision.objects.filter(review=three[1]).get()
    assert (decision.member, decision.sha256) == (manager, three[1].sha256)
    ticked = [item["code"] for item in decision.checklist if item["is_ticked"]]
    assert ticked == [*REQUIRED, "brand"]
    assert VideoConcept.objects.count() == 0


def test_sent_again_it_decides_nothing_twice(three, client_of, manager):
    client = client_of(manager)
    for _press in range(2):
        answer = client.post(ADDRESS, confirmed(three))
        assert "3 drafts approved" in answer.content.decode()
    assert Decision.objects.count() == 3


def test_without_the_required_ticks_nothing_is_decided(three, client_of, manager):
    answer = client_of(manager).post(ADDRESS, confirmed(three, tick=["product", "brand"]))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Tick what an approval needs: Nothing is claimed that is not true;" in text
    assert 'value="brand" checked' in text
    assert Decision.objects.count() == 0


def test_one_that_cannot_be_approved_holds_up_no_other(shop, three, client_of, manager, owner):
    gone, changed, _fine = three
    decided(owner, gone, "rejected")
    default_storage.delete(changed.file.storage_name)
    text = client_of(manager).post(ADDRESS, confirmed(three)).content.decode()
    assert "1 draft approved" in text
    assert "2 not" in text
    assert "Someone already did this: Vikram Owner rejected it" in text
    assert "The stored file is not the one that was sent for review" in text
    assert states(three) == ["rejected", "pending", "approved"]


def test_a_stale_list_cannot_decide_again(three, client_of, manager, owner):
    decided(owner, three[0], "rejected")
    page = client_of(manager).get(ADDRESS, {"review": ids(three)}).content.decode()
    assert "Approve these 2 drafts?" in page
    assert "Someone already did this: Vikram Owner rejected it" in page
    client_of(manager).post(ADDRESS, confirmed(three))
    assert Decision.objects.filter(review=three[0]).count() == 1


def test_bytes_that_were_not_on_the_page_are_not_approved(three, client_of, manager):
    wrong = {f"shown_{three[0].public_id}": "0" * 64}
    client_of(manager).post(ADDRESS, confirmed(three, **wrong))
    assert states(three) == ["pending", "approved", "approved"]


def test_ones_own_work_is_left_out_and_said(shop, client_of, manager, three):
    own = asked(shop, manager)
    page = client_of(manager).get(ADDRESS, {"review": ids([own, *three])}).content.decode()
    assert "Approve these 3 drafts?" in page
    assert "You made this draft yourself." in page
    client_of(manager).post(ADDRESS, confirmed([own, *three]))
    assert states([own]) == ["pending"]


def test_reviews_of_others_are_invisible(
    shop, three, client_of, seller, manager, stranger, workspace
):
    campaign = Campaign.objects.create(workspace=workspace, name="Diwali")
    campaign.deciders.add(make_member(workspace, "manager", name="Named", email="n@team.example"))
    hidden = asked(shop, seller, campaign=campaign, product="Secret lamp")
    for member, reviews in ((manager, [hidden]), (stranger, three)):
        client = client_of(member)
        page = client.get(ADDRESS, {"review": ids(reviews)}).content.decode()
        assert "Nothing to approve" in page
        assert "Secret lamp" not in page
        answer = client.post(ADDRESS, confirmed(reviews)).content.decode()
        assert "0 drafts approved" in answer
        assert "Secret lamp" not in answer
    assert Decision.objects.count() == 0


def test_ticks_of_two_lists_are_one_list_and_count_for_each(
    shop, three, client_of, seller, manager, workspace
):
    campaign = Campaign.objects.create(
        workspace=workspace,
        name="Diwali",
        checklist=[
            {"code": "brand", "is_required": True},
            {"code": "own-1", "text": "The lamp is lit", "is_required": True},
        ],
    )
    inside = asked(shop, seller, campaign=campaign)
    chosen = [*three, inside]
    client = client_of(manager)
    assert client.post(ADDRESS, confirmed(chosen)).status_code == 422
    ticks = [*REQUIRED, "brand", "own-1:The lamp is lit"]
    client.post(ADDRESS, confirmed(chosen, tick=ticks))
    assert states(chosen) == ["approved"] * 4
    kept = Decision.objects.get(review=inside).checklist
    assert {item["code"] for item in kept if item["is_ticked"]} == {"brand", "own-1"}


def test_with_videos_the_page_names_the_sum_and_what_is_left(
    shop, three, client_of, seller, manager, workspace
):
    campaign = Campaign.objects.create(workspace=workspace, name="Diwali", budget=1000)
    inside = asked(shop, seller, campaign=campaign)
    chosen = [*three, inside]
    client = client_of(manager)
    page = client.get(ADDRESS, {"review": ids(chosen)})
    video = page.context["video"]
    available = CreditAccount.objects.get(workspace=workspace).available
    assert (video.count, video.is_wanted) == (4, False)
    assert video.balance == available
    assert video.after == available - video.total
    (budget,) = video.budgets
    price = video.lines[inside.pk].price
    assert budget.after == 1000 - inside.generation.final_credits - price
    assert "4 stills" in page.content.decode()

    client.post(ADDRESS, confirmed(chosen, **with_videos(page)))
    assert VideoConcept.objects.count() == 4
    assert CreditAccount.objects.get(workspace=workspace).available == video.after


def test_a_price_that_moved_leaves_that_draft_undecided(three, client_of, manager):
    client = client_of(manager)
    page = client.get(ADDRESS, {"review": ids(three)})
    fields = confirmed(three, **with_videos(page))
    fields[f"price_{three[0].public_id}"] = "1"
    answer = client.post(ADDRESS, fields).content.decode()
    assert "Nothing was decided; look at the new price." in answer
    assert states(three) == ["pending", "approved", "approved"]
    assert VideoConcept.objects.count() == 2


def test_a_model_that_went_away_leaves_the_draft_undecided(three, client_of, manager):
    client = client_of(manager)
    page = client.get(ADDRESS, {"review": ids(three[:1])})
    fields = confirmed(three[:1], **with_videos(page))
    CatalogueModel.objects.filter(category="video").update(gone_at=clock.now())
    client.post(ADDRESS, fields)
    assert states(three[:1]) == ["pending"]


def test_videos_that_do_not_fit_wait_and_the_page_says_so_before(
    shop, three, client_of, manager, workspace
):
    client = client_of(manager)
    page = client.get(ADDRESS, {"review": ids(three)})
    assert not page.context["video"].is_short

    shop.rivya.set_credits(1)
    wallet.read(workspace, cause="test")
    wallet.read(workspace, cause="test")
    page = client.get(ADDRESS, {"review": ids(three)})
    assert page.context["video"].is_short
    assert "That is more than there is." in page.content.decode()
    client.post(ADDRESS, confirmed(three, **with_videos(page)))
    assert states(three) == ["approved"] * 3
    assert set(VideoConcept.objects.values_list("state", flat=True)) == {"needs_credits"}
    assert CreditAccount.objects.get(workspace=workspace).held == Decimal(0)
