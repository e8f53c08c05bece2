"""The owner's gate: rules, asks, answers. What waits is a brief; the video has tests of its own."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import translation

from rivya_app.briefs import actions as briefs
from rivya_app.briefs import gating
from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.credits import gate, gate_access, gate_rules, gate_words
from rivya_app.credits.gate_rules import WantedRule
from rivya_app.credits.models import Ask, CreditAccount, GateRule, LedgerEntry
from rivya_app.generations.models import Generation
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import AuditEntry, Membership
from tests.campaigns.making import made
from tests.cast import make_member


def rule(owner: Membership, **conditions) -> GateRule:
    wanted = {
        "above": Decimal(3),
        "roles": [],
        "campaign": None,
        "model_ids": [],
        "valid_hours": 72,
    }
    return gate_rules.add_rule(member=owner, wanted=WantedRule(**{**wanted, **conditions}))


def asked(brief: Brief) -> Ask:
    return Ask.objects.filter(reference=brief.reference).latest("id")


def seen(ask: Ask) -> str:
    return gate.shown_as(ask, gate.price_now(ask))


def yes(owner: Membership, brief: Brief, **more) -> Ask:
    ask = asked(brief)
    return gate.answer(
        member=owner, public_id=ask.public_id, is_yes=True, **{"seen": seen(ask), **more}
    )


def no(owner: Membership, brief: Brief, note: str = "") -> Ask:
    return gate.answer(member=owner, public_id=asked(brief).public_id, is_yes=False, note=note)


def state_of(brief: Brief) -> str:
    return Brief.objects.get(pk=brief.pk).state


def held(shop) -> Decimal:
    return CreditAccount.objects.get(workspace=shop.workspace).held


# --- Rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "is_asked"),
    [
        ({"above": Decimal(4)}, False),
        ({"above": Decimal("3.99")}, True),
        ({"above": None}, True),
        ({"above": None, "roles": ["manager"]}, False),
        ({"above": None, "roles": ["manager", "seller"]}, True),
        ({"above": None, "model_ids": ["nano-banana"]}, False),
        ({"above": None, "model_ids": ["nano-banana", "z-image"]}, True),
        ({"above": Decimal(100), "model_ids": ["z-image"]}, False),
    ],
)
def test_every_condition_that_is_set_must_hold(shop, seller, owner, conditions, is_asked):
    rule(owner, **conditions)
    brief = shop.submit(seller, draft_count=4)
    assert (brief.state == "needs_yes") is is_asked
    assert Generation.objects.count() == (0 if is_asked else 4)


def test_a_rule_of_a_campaign_holds_in_it_alone(shop, seller, manager, owner):
    festive = made(manager, name="Festive")
    rule(owner, above=None, campaign=festive)
    assert shop.submit(seller, campaign=festive).state == "needs_yes"
    assert shop.submit(seller).state == "started"


def test_owners_are_never_asked(shop, owner):
    rule(owner, above=None)
    assert shop.submit(owner, draft_count=4).state == "started"
    assert not Ask.objects.exists()


def test_an_ended_rule_holds_nothing_and_both_are_in_the_record(shop, seller, owner):
    made_rule = rule(owner)
    assert rule(owner) == made_rule  # a double press
    gate_rules.end_rule(member=owner, public_id=made_rule.public_id)
    assert shop.submit(seller, draft_count=4).state == "started"
    acts = list(AuditEntry.objects.filter(act__startswith="gate.").values_list("act", flat=True))
    assert sorted(acts) == ["gate.rule_added", "gate.rule_ended"]


def test_only_owners_make_end_and_answer(shop, seller, manager, owner, stranger):
    kept = rule(owner)
    brief = shop.submit(seller, draft_count=4)
    for other in (seller, manager):
        with pytest.raises(PermissionDenied):
            rule(other)
        with pytest.raises(PermissionDenied):
            gate_rules.end_rule(member=other, public_id=kept.public_id)
        with pytest.raises(PermissionDenied):
            no(other, brief)
    with pytest.raises(Http404):
        no(stranger, brief)
    with pytest.raises(Http404):
        gate_rules.end_rule(member=stranger, public_id=kept.public_id)


def test_the_rule_in_words(shop, manager, owner):
    everything = rule(owner, above=None)
    whole = rule(
        owner,
        above=Decimal(30),
        roles=["seller"],
        campaign=made(manager, name="Diwali"),
        model_ids=["z-image"],
    )
    with translation.override("en"):
        assert gate_words.rule_words(everything) == "everything"
        assert gate_words.rule_words(whole).startswith("more than 30 credits · Seller · Diwali · ")


# --- Asking ---------------------------------------------------------------------------------------


def test_nothing_starts_and_nothing_is_held_until_the_yes(shop, seller, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    assert (brief.state, brief.waiting_positions, brief.needed_credits) == (
        "needs_yes",
        [1, 2, 3, 4],
        4,
    )
    ask = asked(brief)
    assert (ask.amount, ask.model_ids, ask.asked_by) == (4, ["z-image"], seller)
    assert ask.expires_at - ask.asked_at == timedelta(hours=72)
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.filter(kind="hold").exists()
    told = Notice.objects.get(kind="yes_asked")
    assert told.member == owner
    assert str(ask.public_id) in told.link
    assert "4 credits" in told.sentence


def test_after_the_yes_it_starts_by_itself_once(shop, seller, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    yes(owner, brief)
    assert state_of(brief) == "needs_yes"  # the answer alone starts nothing
    gate.carry_out_all()
    gate.carry_out_all()
    assert (state_of(brief), Generation.objects.count(), held(shop)) == ("started", 4, 4)
    assert all(job.requested_by == seller for job in Generation.objects.all())
    assert Notice.objects.filter(kind="yes_answered", member=seller).count() == 1
    assert AuditEntry.objects.filter(act="gate.granted").count() == 1


def test_a_worker_killed_between_answer_and_start_loses_nothing(
    shop, seller, owner, monkeypatch, caplog
):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    yes(owner, brief)
    start = briefs.start_what_waits

    def killed(*args):
        start(*args)
        raise RuntimeError("the worker is gone")

    monkeypatch.setattr(briefs, "start_what_waits", killed)
    gate.carry_out_all()
    assert "could not be carried out" in caplog.text
    assert (state_of(brief), Generation.objects.count(), held(shop)) == ("needs_yes", 0, 0)
    assert asked(brief).carried_out_at is None
    monkeypatch.setattr(briefs, "start_what_waits", start)
    gate.carry_out_all()
    assert (state_of(brief), Generation.objects.count()) == ("started", 4)


def test_the_no_is_told_with_its_note_and_can_be_asked_anew(shop, seller, owner, client_of):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    no(owner, brief, note="Two drafts are enough.")
    gate.carry_out_all()
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Vikram Owner said no" in page
    assert "Two drafts are enough." in page
    assert "Ask again" in page
    assert not Generation.objects.exists()
    for _press in range(2):
        client_of(seller).post(f"/briefs/{brief.public_id}/resume/")
    states = Ask.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["refused", "pending"]


def test_nobody_answers_in_time(shop, seller, owner, client_of):
    rule(owner, valid_hours=4)
    brief = shop.submit(seller, draft_count=4)
    with clock.at(clock.now() + timedelta(hours=3)):
        gate.carry_out_all()
    assert asked(brief).state == "pending"
    with clock.at(clock.now() + timedelta(hours=5)):
        with pytest.raises(gate.NotPending):
            yes(owner, brief)
        gate.carry_out_all()
        gate.carry_out_all()
    assert asked(brief).state == "expired"
    told = Notice.objects.get(kind="yes_answered")
    assert (told.member, told.facts["answer"]) == (seller, "expired")
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Nobody answered in time" in page
    briefs.resume(member=seller, public_id=brief.public_id)
    assert asked(brief).state == "pending"


def test_the_asker_takes_the_question_back_and_nobody_else_does(shop, seller, manager, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    ask = asked(brief)
    with pytest.raises(Http404):
        gate.withdraw(member=manager, public_id=ask.public_id)
    for _press in range(2):
        gate.withdraw(member=seller, public_id=ask.public_id)
    with pytest.raises(gate.NotPending):
        yes(owner, brief)
    gate.carry_out_all()
    assert (state_of(brief), Generation.objects.count()) == ("needs_yes", 0)


def test_after_an_answer_nothing_can_be_taken_back(shop, seller, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    ask = yes(owner, brief)
    with pytest.raises(gate.NotPending):
        gate.withdraw(member=seller, public_id=ask.public_id)


def test_a_double_press_finds_its_own_answer_and_another_is_told_who_was_first(
    shop, seller, owner, workspace
):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    assert yes(owner, brief) == yes(owner, brief)
    other = make_member(workspace, "owner", name="Second Owner", email="second@team.example")
    with pytest.raises(gate.NotPending) as refusal:
        no(other, brief)
    assert refusal.value.ask.answered_by == owner
    with pytest.raises(gate.NotPending):
        no(owner, brief)


# --- What the yes counts for ----------------------------------------------------------------------


def test_a_yes_still_counts_while_credits_are_too_few(shop, seller, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    CreditAccount.objects.update(available=1)
    yes(owner, brief)
    gate.carry_out_all()
    assert state_of(brief) == "needs_credits"
    CreditAccount.objects.update(available=100)
    shop.rivya.set_credits(100)
    briefs.resume(member=seller, public_id=brief.public_id)
    assert state_of(brief) == "started"
    assert Ask.objects.count() == 1


def test_a_yes_is_used_up_by_what_it_started(shop, seller, owner):
    rule(owner, above=Decimal(0))
    brief = shop.submit(seller)
    yes(owner, brief)
    gate.carry_out_all()
    shop.finish(brief)
    assert (
        briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2) is None
    )
    briefs.resume(member=seller, public_id=brief.public_id)
    states = Ask.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["granted", "pending"]
    assert Generation.objects.count() == 1
    gate.withdraw(member=seller, public_id=asked(brief).public_id)
    briefs.resume(member=seller, public_id=brief.public_id)  # the old yes does not come back
    assert (Generation.objects.count(), asked(brief).state) == (1, "pending")


def test_a_used_yes_does_not_come_back_by_another_way(shop, seller, owner):
    kept = rule(owner, above=Decimal(0))
    brief = shop.submit(seller)
    yes(owner, brief)
    gate.carry_out_all()
    shop.finish(brief)
    gate_rules.end_rule(member=owner, public_id=kept.public_id)
    CreditAccount.objects.update(available=0)
    briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2)
    assert state_of(brief) == "needs_credits"  # nobody was asked: no rule was there
    rule(owner, above=Decimal(0))
    briefs.resume(member=seller, public_id=brief.public_id)
    assert state_of(brief) == "needs_yes"
    states = Ask.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["granted", "pending"]


def test_a_price_that_rose_is_asked_anew_and_says_why(shop, seller, owner, client_of, monkeypatch):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    ask = asked(brief)
    yes(owner, brief)
    Ask.objects.update(amount=Decimal(3))  # as if each cost more since
    gate.carry_out_all()
    assert state_of(brief) == "needs_yes"
    assert (Ask.objects.count(), asked(brief).amount) == (2, 4)
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "There was a yes to 3 credits. It costs 4 credits now" in page
    page = client_of(owner).get(f"/credits/asks/{asked(brief).public_id}/").content.decode()
    assert "There was a yes to 3 credits" in page
    assert ask.pk != asked(brief).pk


def test_a_yes_to_one_model_is_none_to_another(shop, seller, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    yes(owner, brief)
    Ask.objects.update(model_ids=["nano-banana"])
    gate.carry_out_all()
    assert (state_of(brief), Generation.objects.count()) == ("needs_yes", 0)


def test_the_press_carries_the_price_that_was_shown(shop, seller, owner, client_of, monkeypatch):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    ask, browser = asked(brief), client_of(owner)
    url = f"/credits/asks/{ask.public_id}/answer/"
    shown = seen(ask)
    real = gating.price_of
    monkeypatch.setattr(gating, "price_of", lambda *args: real(*args) * 2)
    answer = browser.post(url, {"answer": "yes", "seen": shown})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "It has changed since you opened this page" in page
    assert "8 credits" in page
    assert asked(brief).state == "pending"
    browser.post(url, {"answer": "yes", "seen": answer.context["seen"]})
    assert (asked(brief).state, asked(brief).amount) == ("granted", 8)


def test_an_owner_who_starts_it_ends_the_question(shop, seller, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    briefs.resume(member=owner, public_id=brief.public_id)
    assert (state_of(brief), asked(brief).state) == ("started", "withdrawn")


def test_once_its_rule_ends_it_starts_by_a_press(shop, seller, owner):
    kept = rule(owner)
    brief = shop.submit(seller, draft_count=4)
    gate_rules.end_rule(member=owner, public_id=kept.public_id)
    briefs.resume(member=seller, public_id=brief.public_id)
    assert (state_of(brief), asked(brief).state) == ("started", "withdrawn")


def test_more_of_the_same_brief_is_one_question_about_all(shop, seller, owner):
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    rule(owner, above=Decimal(0))
    for position in (1, 2, 2):
        args = {"public_id": brief.public_id, "position": position, "attempt": 2}
        assert briefs.new_attempt(member=seller, **args) is None
    assert (Ask.objects.count(), asked(brief).amount) == (1, 2)
    assert Brief.objects.get(pk=brief.pk).needed_credits == 2
    assert Notice.objects.filter(kind="yes_asked").count() == 2  # for one, then for both
    yes(owner, brief)
    gate.carry_out_all()
    assert Generation.objects.count() == 4


def test_a_change_of_an_attempt_is_kept_and_made(shop, seller, owner, client_of):
    brief = shop.submit(seller)
    shop.finish(brief)
    rule(owner, above=Decimal(0))
    fields = {"attempt": "2", "model_id": "z-image", "prompt": "A red mug"}
    url = f"/briefs/{brief.public_id}/drafts/1/attempts/"
    page = (
        client_of(seller)
        .post(f"{url}price/", {**fields, "controls_of": "z-image"})
        .content.decode()
    )
    assert "It needs an owner’s yes" in page
    client_of(seller).post(url, {**fields, "controls_of": "z-image", "param_aspect_ratio": "1:1"})
    assert state_of(brief) == "needs_yes"
    yes(owner, brief)
    gate.carry_out_all()
    assert "A red mug" in shop.job(brief).body


def test_what_it_cannot_start_after_a_yes_waits_with_the_yes(shop, seller, owner, client_of):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    yes(owner, brief)
    Brief.objects.update(model_id="gone-model")
    gate.carry_out_all()
    assert state_of(brief) == "needs_yes"
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "The owner said yes, but it could not start" in page
    Brief.objects.update(model_id="z-image")
    client_of(seller).post(f"/briefs/{brief.public_id}/resume/")
    assert (state_of(brief), Ask.objects.count()) == ("started", 1)


# --- Pages ----------------------------------------------------------------------------------------


def test_the_owner_sees_what_who_and_why_and_says_yes_in_two_steps(shop, seller, owner, client_of):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    browser, link = client_of(owner), Notice.objects.get(kind="yes_asked").link
    page = browser.get(link)
    words = page.content.decode()
    for part in ("Hand-thrown blue mug", "Asha Seller", "more than 3 credits", "4 credits", "496"):
        assert part in words
    url = f"{link}answer/"
    answered = browser.post(url, {"answer": "yes", "seen": page.context["seen"]}, follow=True)
    assert "You said yes" in answered.content.decode()
    gate.carry_out_all()
    assert state_of(brief) == "started"
    again = browser.post(url, {"answer": "no"}, follow=True)
    assert "Vikram Owner said yes already." in again.content.decode()


def test_the_lists_say_where_it_stands(shop, seller, owner, client_of):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    assert "Waiting for the owner’s yes" in client_of(seller).get("/").content.decode()
    assert "Waiting for the owner’s yes" in client_of(seller).get("/briefs/").content.decode()
    found = client_of(seller).get("/briefs/?state=needs_yes").content.decode()
    assert brief.product in found
    page = client_of(owner).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Waits for your yes" in page
    assert "Waits for your yes" in client_of(owner).get("/").content.decode()
    assert gate_access.pending_count(owner) == 1
    assert gate_access.pending_count(seller) == 0
    no(owner, brief)
    assert "The owner said no" in client_of(seller).get("/briefs/").content.decode()
    assert gate_access.pending_count(owner) == 0
    chain = client_of(seller).get(f"/briefs/{brief.public_id}/chain/").content.decode()
    assert "The owners were asked: 4 credits" in chain
    assert "The owner said no" in chain


def test_the_price_says_it_before_the_press(shop, seller, owner, client_of):
    from tests.shop import typed

    rule(owner)
    url = "/briefs/new/price/"
    dear = client_of(seller).post(url, typed(draft_count="4")).content.decode()
    assert "It needs an owner’s yes (more than 3 credits)" in dear
    assert "needs an owner’s yes" not in client_of(seller).post(url, typed()).content.decode()
    mine = client_of(owner).post(url, typed(draft_count="4")).content.decode()
    assert "needs an owner’s yes" not in mine


def test_the_button_for_the_same_again_says_it_too(shop, seller, owner, client_of):
    brief = shop.submit(seller)
    shop.finish(brief)
    rule(owner, above=Decimal(0))
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Same again, 1 credit; asks the owner" in page
    page = client_of(owner).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "asks the owner" not in page


def test_nothing_starts_for_somebody_who_left_meanwhile(shop, seller, manager, owner):
    rule(owner)
    brief = shop.submit(seller, draft_count=4)
    yes(owner, brief)
    Membership.objects.filter(pk=seller.pk).update(is_active=False)
    gate.carry_out_all()
    assert (state_of(brief), Generation.objects.count()) == ("needs_yes", 0)
    briefs.resume(member=manager, public_id=brief.public_id)  # the yes is about the brief
    assert state_of(brief) == "started"


def test_a_rule_is_typed_and_ended(shop, owner, client_of):
    browser = client_of(owner)
    wrong = browser.post("/credits/gate/", {"above": "much", "valid_hours": "72"})
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.content.decode()
    fields = {"above": "30", "roles": ["seller"], "valid_hours": "24"}
    for _press in range(2):
        browser.post("/credits/gate/", fields)
    kept = GateRule.objects.get()
    assert (kept.above, kept.roles, kept.valid_hours) == (30, ["seller"], 24)
    assert "more than 30 credits · Seller" in browser.get("/credits/gate/").content.decode()
    browser.post(f"/credits/gate/{kept.public_id}/end/")
    assert "Rules that ended" in browser.get("/credits/gate/").content.decode()


def test_the_list_of_asks_has_what_waits_first(shop, seller, owner, client_of):
    rule(owner)
    first = shop.submit(seller, draft_count=4, product="First mug")
    shop.submit(seller, draft_count=4, product="Second mug")
    no(owner, Brief.objects.get(product="Second mug"), note="Not now")
    page = client_of(owner).get("/credits/asks/").content.decode()
    assert page.index("First mug") < page.index("Second mug")
    assert "Not now" in page
    page = client_of(owner).get("/credits/asks/?state=refused").content.decode()
    assert "First mug" not in page
    assert first.product
