"""Briefs that wait for credits or room start by themselves, once, for whoever asked."""

import threading

import pytest
from django.urls import reverse

from rivya_app.briefs import actions, waiting
from rivya_app.briefs.models import Brief
from rivya_app.credits import limit_actions, wallet
from rivya_app.credits.limit_actions import WantedLimit
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.gateway.access import workflow_for
from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation
from rivya_app.notices.models import Notice
from tests.campaigns.making import changed, made
from tests.credits.account import limit
from tests.shop import typed
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
State = Brief.State


def set_wallet(shop, credits_left):
    shop.rivya.set_credits(credits_left)
    wallet.read(shop.workspace, cause="test")


def limited(shop, amount, **fields) -> Limit:
    return limit(CreditAccount.objects.get(workspace=shop.workspace), amount, **fields)


def raised(owner, row, amount):
    wanted = WantedLimit(row.period, amount, row.is_hard, tuple(row.thresholds))
    limit_actions.change_limit(member=owner, public_id=row.public_id, wanted=wanted)


def state_of(brief):
    brief.refresh_from_db()
    return brief.state


@pytest.fixture
def poor(shop, seller):
    """A brief that waits for one credit."""
    set_wallet(shop, 0)
    brief = shop.submit(seller)
    assert brief.state == State.NEEDS_CREDITS
    return brief


def test_it_starts_once_credits_are_there_and_not_before(shop, poor, seller):
    assert waiting.sweep() == 0
    set_wallet(shop, 5)
    assert waiting.sweep() == 1
    assert waiting.sweep() == 0
    assert state_of(poor) == State.STARTED
    assert shop.job(poor).requested_by == seller
    assert Generation.objects.count() == 1


def test_it_starts_once_a_limit_has_room(shop, seller, owner):
    row = limited(shop, 1, scope="member", member=seller)
    first, second = shop.submit(seller), shop.submit(seller)
    assert (first.state, second.state) == (State.STARTED, State.NEEDS_BUDGET)
    assert waiting.sweep() == 0
    raised(owner, row, 2)
    assert waiting.sweep() == 1
    assert state_of(second) == State.STARTED


def test_it_starts_once_a_campaigns_budget_has_room(shop, seller, manager):
    campaign = made(manager, budget=1)
    brief = shop.submit(seller, campaign=campaign, draft_count=2)
    assert waiting.sweep() == 0
    changed(manager, campaign, budget=2)
    assert waiting.sweep() == 1
    assert (state_of(brief), Generation.objects.count()) == (State.STARTED, 2)


def test_who_waits_longest_comes_first(shop, poor, seller):
    later = shop.submit(seller)
    set_wallet(shop, 1)
    assert waiting.sweep() == 1
    assert (state_of(poor), state_of(later)) == (State.STARTED, State.NEEDS_CREDITS)


def test_one_that_needs_more_keeps_nobody_behind_it(shop, seller):
    set_wallet(shop, 0)
    large, small = shop.submit(seller, draft_count=4), shop.submit(seller)
    set_wallet(shop, 2)
    assert waiting.sweep() == 1
    assert (state_of(large), state_of(small)) == (State.NEEDS_CREDITS, State.STARTED)


def test_ones_trouble_stops_nobody(shop, poor, seller, monkeypatch):
    other = shop.submit(seller)
    set_wallet(shop, 5)
    start = actions.start_what_waits

    def fail_for_one(brief, member):
        if brief.pk == poor.pk:
            raise RuntimeError("something broke")
        return start(brief, member)

    monkeypatch.setattr(actions, "start_what_waits", fail_for_one)
    assert waiting.sweep() == 1
    assert (state_of(poor), state_of(other)) == (State.NEEDS_CREDITS, State.STARTED)


def test_a_batch_that_waits_for_a_limit_hides_nobody_behind_it(shop, seller, manager, monkeypatch):
    monkeypatch.setattr(waiting, "BATCH", 2)
    set_wallet(shop, 0)
    stuck = [shop.submit(seller) for _number in range(4)]
    free = shop.submit(manager)
    limited(shop, 0, scope="member", member=seller)
    set_wallet(shop, 50)
    assert waiting.sweep() == 1
    assert state_of(free) == State.STARTED
    assert {state_of(one) for one in stuck} == {State.NEEDS_CREDITS}


# --- Not by itself --------------------------------------------------------------------------------


def hold_back():
    Workflow.objects.update(at_low_credits=Workflow.AtLowCredits.HOLD_BACK)


def test_what_its_workflow_holds_back_waits_for_a_press(shop, poor, seller, client_of):
    hold_back()
    set_wallet(shop, 5)
    assert waiting.sweep() == 0
    text = client_of(seller).get(f"/briefs/{poor.public_id}/").content.decode()
    assert "starts by itself" not in text
    assert "Press “Try again”" in text
    actions.resume(member=seller, public_id=poor.public_id)
    assert state_of(poor) == State.STARTED


def test_room_in_a_limit_is_not_what_a_workflow_holds_back_for(shop, seller, owner):
    row = limited(shop, 0)
    brief = shop.submit(seller)
    hold_back()
    raised(owner, row, 5)
    assert waiting.sweep() == 1
    assert state_of(brief) == State.STARTED


def test_a_price_that_rose_asks_for_a_press(shop, poor, seller, client_of):
    Brief.objects.update(needed_credits="0.50")
    set_wallet(shop, 5)
    assert waiting.sweep() == 0
    text = client_of(seller).get(f"/briefs/{poor.public_id}/").content.decode()
    assert "it was 0.50 credits and is 1 credit now" in text
    actions.resume(member=seller, public_id=poor.public_id)
    assert state_of(poor) == State.STARTED


def test_a_price_that_fell_starts(shop, poor):
    Brief.objects.update(needed_credits=3)
    set_wallet(shop, 5)
    assert waiting.sweep() == 1


def test_the_brief_of_somebody_who_left_waits_for_its_heir(shop, poor, seller, manager):
    seller.is_active = False
    seller.save()
    set_wallet(shop, 5)
    assert waiting.sweep() == 0
    Brief.objects.update(handed_to=manager)
    assert waiting.sweep() == 1
    assert shop.job(poor).requested_by == manager


def test_somebody_who_may_not_ask_any_more_starts_nothing(shop, poor, seller):
    seller.roles = ["support"]
    seller.save()
    set_wallet(shop, 5)
    assert waiting.sweep() == 0


def test_a_brief_that_waits_for_a_yes_is_left_alone(shop, poor):
    Brief.objects.update(state=State.NEEDS_YES)
    set_wallet(shop, 5)
    assert waiting.sweep() == 0


# --- Never twice ----------------------------------------------------------------------------------


def press_or_sweep(brief, seller):
    def act(number):
        if number % 2:
            return actions._resume(seller, brief.public_id)
        return waiting.sweep()

    return at_once(6, act)


def test_the_sweep_and_a_press_make_one_set_of_jobs(shop, seller):
    set_wallet(shop, 0)
    brief = shop.submit(seller, draft_count=2)
    set_wallet(shop, 50)
    press_or_sweep(brief, seller)
    assert state_of(brief) == State.STARTED
    assert Generation.objects.count() == 2


def test_without_the_briefs_lock_they_would_collide(shop, seller, monkeypatch):
    set_wallet(shop, 0)
    brief = shop.submit(seller, draft_count=2)
    set_wallet(shop, 50)
    gate, tried = threading.Barrier(4), []
    start = actions._start

    def start_together(*args, **more):
        gate.wait(timeout=10)
        tried.append(args)
        return start(*args, **more)

    def unlocked(_member, public_id, *, lock=False):
        rows = Brief.objects.select_related("workspace", "campaign", "created_by__user")
        return rows.get(public_id=public_id)

    monkeypatch.setattr(actions.access, "brief", unlocked)
    monkeypatch.setattr(actions, "_start", start_together)
    results = at_once(4, lambda _number: actions._resume(seller, brief.public_id))
    assert len(tried) == 4  # all of them were about to start it; only unique rows stood behind
    assert any(isinstance(one, Exception) for one in results)


# --- What is said ---------------------------------------------------------------------------------


def test_the_card_names_whose_limit_and_who_can_raise_it(shop, seller, owner, client_of):
    row = limited(shop, 3, scope="member", member=seller)
    brief = shop.submit(seller, draft_count=4)
    text = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Not enough left: your own monthly limit" in text
    assert "Vikram Owner can raise it and has been told." in text
    assert "It starts by itself as soon as there is enough" in text
    change = reverse("credits:change-limit", args=[row.public_id])
    assert change not in text
    text = client_of(owner).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Not enough left: the monthly limit of Asha Seller" in text
    assert change in text
    assert [one.member for one in Notice.objects.filter(kind="over_budget")] == [owner]
    assert "limit of “Asha Seller”" in Notice.objects.get(kind="over_budget").sentence


def test_of_several_the_tightest_is_named_once(shop, seller, owner, client_of):
    limited(shop, 3)
    limited(shop, 2, scope="key", api_key=shop.key)
    brief = shop.submit(seller, draft_count=4)
    text = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert text.count("Not enough left:") == 1
    assert "the monthly limit of the key production-image-workflow" in text


def test_once_there_is_room_the_card_says_that_it_starts(shop, seller, owner, client_of):
    row = limited(shop, 0)
    brief = shop.submit(seller)
    raised(owner, row, 9)
    text = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "There is room again" in text
    assert "It starts by itself in a moment." in text
    live = f"/briefs/{brief.public_id}/live/"
    assert live in text  # it asks by itself whether it has started
    waiting.sweep()
    assert "Draft 1" in client_of(seller).get(f"{live}?v=0-").content.decode()


def test_the_price_says_what_can_be_spent_and_warns_before_the_press(shop, seller, client_of):
    limited(shop, 3, scope="member", member=seller)
    browser = client_of(seller)
    page = browser.post("/briefs/new/price/", typed(draft_count="2"))
    text = page.content.decode()
    assert "You can still spend" in text
    assert page.context["price"].can_spend == 3
    assert "Not enough left" not in text
    text = browser.post("/briefs/new/price/", typed(draft_count="4")).content.decode()
    assert "Not enough left: your own monthly limit, 3 credits" in text


def test_the_key_of_the_workflow_that_pays_counts(shop, seller, client_of):
    flow = workflow_for(shop.workspace, "image")
    limited(shop, 2, scope="key", api_key=flow.api_key)
    page = client_of(seller).post("/briefs/new/price/", typed(draft_count="1"))
    assert page.context["price"].can_spend == 2


def test_the_card_follows_what_is_missing_now(shop, poor, seller, owner, client_of):
    """Refused for credits, then held up by a limit; and the other way round."""
    browser, place = client_of(seller), f"/briefs/{poor.public_id}/"
    row = limited(shop, 0)
    set_wallet(shop, 5)
    text = browser.get(place).content.decode()
    assert "Not enough left: the monthly limit of the whole workspace" in text
    assert "There are enough credits again" not in text
    raised(owner, row, 9)
    set_wallet(shop, 0)
    text = browser.get(place).content.decode()
    assert "Not enough credits for this brief" in text
    Brief.objects.update(state=State.NEEDS_BUDGET)
    assert "Not enough credits for this brief" in browser.get(place).content.decode()
