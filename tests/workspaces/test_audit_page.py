"""What was noted: sign-ins by the library's word, and the page and table of everything."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.workspaces import audit, audit_page, team_words
from rivya_app.workspaces.models import AuditEntry, Membership
from tests.cast import PASSWORD
from tests.workspaces.test_second_step import after_password, code_of

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


def acts(workspace):
    return list(workspace.audit_entries.order_by("id").values_list("act", flat=True))


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password}, **more)


# --- Sign-ins -------------------------------------------------------------------------------------


def test_a_sign_in_is_noted_with_the_address(client, seller, workspace):
    sign_in(client, seller.user.email, REMOTE_ADDR="203.0.113.7")
    entry = AuditEntry.objects.get()
    assert (entry.workspace, entry.act, entry.user) == (workspace, "sign_in.done", seller.user)
    assert entry.address == "203.0.113.7"


def test_the_address_is_the_proxys_word_only_behind_one(client, seller, settings):
    sign_in(client, seller.user.email, headers={"X-Forwarded-For": "198.51.100.9"})
    assert AuditEntry.objects.get().address == "127.0.0.1"


def test_it_is_noted_in_every_workspace_of_the_person_and_no_other(
    client, seller, stranger, workspace
):
    twin = Membership.objects.create(
        workspace=stranger.workspace, user=seller.user, roles=["seller"]
    )
    sign_in(client, seller.user.email)
    assert acts(workspace) == acts(stranger.workspace) == ["sign_in.done"]
    twin.is_active = False
    twin.save()
    client.logout()
    sign_in(client, seller.user.email)
    assert acts(stranger.workspace) == ["sign_in.done"]


def test_a_failed_sign_in_of_a_member_is_noted_without_a_name(client, seller, workspace):
    sign_in(client, seller.user.email.upper(), "not the pass phrase")
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.by, entry.user) == ("sign_in.failed", "", None)
    assert entry.subject == "Asha Seller"


def test_an_unknown_address_leaves_nothing_behind(client, seller):
    for number in range(3):
        sign_in(client, f"nobody-{number}@team.example")
    sign_in(client, "' or 1=1")
    assert not AuditEntry.objects.exists()


def test_guessing_is_noted_no_oftener_than_it_is_let(client, seller, workspace):
    for _try in range(12):
        sign_in(client, seller.user.email, "not the pass phrase")
    assert len(acts(workspace)) == 5


def test_no_password_is_noted(client, seller):
    sign_in(client, seller.user.email, "not the pass phrase")
    assert "pass phrase" not in repr(list(AuditEntry.objects.values()))


def test_passwords_and_second_steps_are_noted(client_of, seller, workspace):
    browser = client_of(seller)
    new = "another long one"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    browser.post(reverse("account_change_password"), fields)
    assert acts(workspace) == ["sign_in.password_changed"]


@pytest.mark.django_db(transaction=True)
def test_second_steps_are_noted_once_each(client_of, seller, workspace):
    browser = after_password(client_of(seller))
    page = browser.get(reverse("mfa_activate_totp"))
    browser.post(reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)})
    browser.post(reverse("mfa_generate_recovery_codes"))
    browser.post(reverse("mfa_deactivate_totp"))
    assert acts(workspace) == [
        "sign_in.step_added",
        "sign_in.codes_renewed",
        "sign_in.step_removed",
    ]


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def noted(owner, seller, stranger, workspace):
    """Three entries here, a day apart, and one elsewhere."""
    start = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    rows = (
        (owner, "team.invited", "=cmd()", {"roles": "seller, support"}),
        (seller, "sign_in.done", "Asha Seller", {}),
        (owner, "settings.changed", "", {"requires_two_steps": True, "odd_fact": ["a", "b"]}),
    )
    for number, (member, act, subject, facts) in enumerate(rows):
        with clock.at(start + timedelta(days=number)):
            audit.note(workspace, act, member=member, subject=subject, facts=facts)
    audit.note(stranger.workspace, "team.left", member=stranger, subject="Elsewhere only")
    return workspace


def lines(browser, **asked):
    answer = browser.get(reverse("team:audit"), asked)
    assert answer.status_code == 200
    return [line.act for line in answer.context["lines"]]


def test_owner_and_support_see_everything_of_theirs(client_of, noted, owner, support):
    for person in (owner, support):
        found = ["settings.changed", "sign_in.done", "team.invited"]
        assert lines(client_of(person)) == found
    page = client_of(owner).get(reverse("team:audit")).content.decode()
    for words in ("Seller, Support", "yes", "odd fact", "a → b", "Invited somebody"):
        assert words in page
    assert "Elsewhere only" not in page


@pytest.mark.parametrize("name", ["team:audit", "team:audit-csv"])
def test_others_see_nothing_of_it(client_of, noted, seller, manager, researcher, name):
    for person in (seller, manager, researcher):
        assert client_of(person).get(reverse(name)).status_code == 403


def test_it_is_filtered_by_act_person_and_days(client_of, noted, owner, seller, stranger):
    browser = client_of(owner)
    assert lines(browser, act="sign_in.done") == ["sign_in.done"]
    assert lines(browser, person=str(seller.public_id)) == ["sign_in.done"]
    assert lines(browser, since="2026-11-11", until="2026-11-11") == ["sign_in.done"]
    assert lines(browser, since="2026-11-12") == ["settings.changed"]
    assert lines(browser, person=str(stranger.public_id)) == []
    for odd in ({"act": "x"}, {"person": "x"}, {"since": "2026-13-99"}, {"until": "9999-12-31"}):
        assert len(lines(browser, **odd)) == 3


def test_days_are_the_readers(client_of, noted, owner):
    owner.user.time_zone = "Pacific/Kiritimati"  # 14 hours ahead: noon is the next day
    owner.user.save()
    assert lines(client_of(owner), since="2026-11-13") == ["settings.changed"]


def test_it_pages_on(client_of, noted, owner, workspace):
    for _number in range(60):
        audit.note(workspace, "sign_in.done", member=owner)
    browser = client_of(owner)
    first = browser.get(reverse("team:audit"), {"act": "sign_in.done"})
    assert len(first.context["lines"]) == audit_page.PAGE_SIZE
    assert "?act=sign_in.done&amp;page=2" in first.content.decode()
    second = browser.get(reverse("team:audit"), {"act": "sign_in.done", "page": "2"})
    assert len(second.context["lines"]) == 11


def test_the_table_holds_the_same_and_no_formula(client_of, noted, owner):
    answer = client_of(owner).get(reverse("team:audit-csv"), {"person": str(owner.public_id)})
    assert answer.streaming
    text = answer.getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["act"] for row in rows] == ["settings.changed", "team.invited"]
    assert rows[1]["subject"] == "'=cmd()"
    assert rows[1]["facts"] == "Roles: Seller, Support"
    assert rows[1]["time"] == "2026-11-10T12:00:00+00:00"


def test_every_act_of_ours_has_words():
    assert set(team_words.ACTS) <= set(audit.acts())
