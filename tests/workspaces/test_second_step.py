"""A workspace that asks everybody for two-step sign-in, and its other settings."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from allauth.mfa.totp.internal import auth
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import ledger, usage
from rivya_app.workspaces import second_step, workspace_settings
from rivya_app.workspaces.models import AuditEntry, Membership, Workspace
from rivya_app.workspaces.workspace_settings import WantedSettings
from tests.cast import PASSWORD
from tests.credits.account import give

pytestmark = pytest.mark.django_db
ACTIVATE = "/accounts/2fa/totp/activate/"


@pytest.fixture
def strict(workspace):
    workspace.requires_two_steps = True
    workspace.save()
    return workspace


def with_step(member):
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(member.user, secret)
    return secret


def after_password(browser):
    """The library asks for it once more before anything about signing in changes."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def code_of(secret):
    return auth.format_hotp_value(
        auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time()))
    )


def test_nothing_of_the_workspace_opens_before_the_second_step(client_of, seller, strict):
    browser = client_of(seller)
    for path in (reverse("home"), reverse("briefs:index"), reverse("team:index")):
        answer = browser.get(path)
        assert (answer.status_code, answer.url) == (302, ACTIVATE)
    assert browser.post(reverse("notices:mark-all-read")).url == ACTIVATE
    assert "asks everybody" in browser.get(browser.get(ACTIVATE).url).content.decode()
    page = after_password(browser).get(ACTIVATE)
    assert page.status_code == 200
    assert "asks everybody for two-step sign-in" in page.content.decode()
    assert reverse("briefs:index") not in page.content.decode()  # not even the rail
    assert page.wsgi_request.member is None


def test_profile_and_sign_in_pages_stay_open(client_of, seller, strict):
    browser = client_of(seller)
    for name in ("workspaces:profile", "mfa_index", "account_change_password"):
        assert browser.get(reverse(name)).status_code == 200


def test_it_opens_without_asking_where_nobody_asks(client_of, seller):
    assert client_of(seller).get(reverse("home")).status_code == 200


def test_a_member_with_a_second_step_notices_nothing(client_of, seller, strict):
    with_step(seller)
    assert client_of(seller).get(reverse("home")).status_code == 200


def test_afterwards_it_leads_back(client_of, seller, strict):
    browser = client_of(seller)
    browser.get(f"{reverse('briefs:index')}?q=mug")
    browser.get(reverse("home-live"), headers={"HX-Request": "true"})  # not a place to go back to
    secret = after_password(browser).get(ACTIVATE).context["form"].secret
    answer = browser.post(ACTIVATE, {"code": code_of(secret)})
    page = browser.get(answer.url).content.decode()
    assert f'href="{reverse("briefs:index")}?q=mug"' in page
    assert browser.get(f"{reverse('briefs:index')}?q=mug").status_code == 200
    assert "Go on" not in browser.get(answer.url).content.decode()


def test_it_would_open_without_the_look_at_the_second_step(client_of, seller, strict, monkeypatch):
    monkeypatch.setattr(second_step, "is_missing", lambda _member: False)
    assert client_of(seller).get(reverse("home")).status_code == 200


def test_another_workspace_of_theirs_opens_all_the_same(client_of, seller, strict, stranger):
    Membership.objects.create(workspace=stranger.workspace, user=seller.user, roles=["seller"])
    browser = client_of(seller)
    assert browser.get(reverse("home")).status_code == 302
    page = after_password(browser).get(ACTIVATE).content.decode()
    assert str(stranger.workspace.public_id) in page
    browser.post(reverse("workspaces:switch"), {"workspace": str(stranger.workspace.public_id)})
    assert browser.get(reverse("home")).status_code == 200


# --- Settings -------------------------------------------------------------------------------------


def save(browser, **fields):
    values = {"name": "Asha Crafts", "time_zone": "UTC", **fields}
    return browser.post(reverse("team:settings"), values)


def test_an_owner_renames_the_workspace(client_of, owner, workspace):
    assert save(client_of(owner), name="Asha & Daughters").status_code == 302
    workspace.refresh_from_db()
    assert workspace.name == "Asha & Daughters"
    assert AuditEntry.objects.get(act="settings.changed").facts == {"name": "Asha & Daughters"}


def test_what_stays_leaves_no_trace(client_of, owner):
    save(client_of(owner))
    assert not AuditEntry.objects.filter(act="settings.changed").exists()


def test_nobody_else_changes_settings(client_of, manager, support, stranger, workspace):
    wanted = WantedSettings("Mine", "UTC", requires_two_steps=False)
    for person in (manager, support):
        assert save(client_of(person), name="Mine").status_code == 403
        with pytest.raises(workspace_settings.PermissionDenied):
            workspace_settings.change_settings(member=person, wanted=wanted)
    save(client_of(stranger), name="Mine")
    workspace.refresh_from_db()
    assert workspace.name == "Asha Crafts"


@pytest.mark.parametrize("fields", [{"name": ""}, {"time_zone": "Mars/Olympus"}])
def test_what_is_wrong_is_said(client_of, owner, fields):
    assert save(client_of(owner), **fields).status_code == 422


def test_the_owner_goes_first_with_the_second_step(client_of, owner, workspace):
    browser = client_of(owner)
    answer = save(browser, requires_two_steps="on")
    assert answer.status_code == 422
    assert "for yourself first" in answer.content.decode()
    with_step(owner)
    assert save(browser, requires_two_steps="on").status_code == 302
    assert Workspace.objects.get(pk=workspace.pk).requires_two_steps
    assert browser.get(reverse("home")).status_code == 200


def test_another_zone_counts_the_months_anew(client_of, owner, workspace, payer):
    give(workspace, 50)
    late = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)  # November already in India
    with clock.at(late), transaction.atomic():
        ledger.hold(workspace, Decimal(10), reference="generation:1", payer=payer)
        ledger.settle("generation:1", final=Decimal(7))
    account = workspace.credit_account
    subject = ("workspace", account.pk)
    assert usage.use_of(account, [subject], "2026-10")[subject].spent == 7
    save(client_of(owner), time_zone="Asia/Kolkata")
    assert usage.use_of(account, [subject], "2026-10")[subject].spent == 0
    assert usage.use_of(account, [subject], "2026-11")[subject].spent == 7
