"""A place in a workspace offered by e-mail, and everything its link may and may not do."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.core.models import Letter
from rivya_app.core.redaction import redact
from rivya_app.workspaces import invitations, team
from rivya_app.workspaces.models import AuditEntry, Invitation, Membership, User
from tests.cast import PASSWORD, make_member
from tests.workspaces.inviting import EMAIL, invited, link_of

pytestmark = pytest.mark.django_db
HERE = "/invitations/"
TYPED = {"name": "Nila Sen", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


@pytest.fixture
def visitor():
    return Client()


def opened(browser, invitation):
    """The link of the letter, followed to where no token is."""
    answer = browser.get(link_of(invitation))
    assert (answer.status_code, answer.url) == (302, HERE)
    return browser.get(HERE)


def is_closed(answer):
    return answer.status_code == 404 and "Nothing opens here" in answer.content.decode()


# --- Offering -------------------------------------------------------------------------------------


def typed(**more):
    return {"email": EMAIL, "roles": ["seller", "manager"], "language": "hi", **more}


def test_an_owner_invites_by_letter_in_the_readers_language(client_of, owner):
    answer = client_of(owner).post(reverse("team:invite"), typed(name="Nila"))
    assert (answer.status_code, answer.url) == (302, reverse("team:index"))
    row = Invitation.objects.get()
    assert (row.email, row.roles, row.invited_by) == (EMAIL, ["seller", "manager"], owner)
    letter = Letter.objects.get()
    assert letter.to == EMAIL
    assert link_of(row) in letter.text.reveal()
    assert link_of(row) in letter.html.reveal()
    assert "विक्रेता" in letter.text.reveal()
    assert 'lang="hi"' in letter.html.reveal()


def test_nobody_but_an_owner_invites(client_of, manager, seller, support):
    for person in (manager, seller, support):
        assert client_of(person).post(reverse("team:invite"), typed()).status_code == 403
        with pytest.raises(invitations.PermissionDenied):
            invited(person)
    assert not Invitation.objects.exists()


def test_the_link_stands_in_the_letter_and_nowhere_else(client_of, owner, caplog):
    row = invited(owner)
    token = link_of(row).split("/")[2]
    assert token not in str(vars(row))
    assert token not in repr(list(AuditEntry.objects.values()))
    page = client_of(owner).get(reverse("team:index")).content.decode()
    assert row.email in page
    assert token not in page
    assert token not in redact(f'"GET /invitations/{token}/ HTTP/1.1" 200')
    assert token not in caplog.text


@pytest.mark.parametrize(
    "change", [{"email": "no address"}, {"roles": []}, {"roles": ["emperor"]}, {"language": "xx"}]
)
def test_what_is_typed_wrong_is_kept_and_said(client_of, owner, change):
    answer = client_of(owner).post(reverse("team:invite"), typed(**change))
    assert answer.status_code == 422
    assert "Please look at this again" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_it_invites_nobody_twice_and_nobody_who_is_in(client_of, owner, seller):
    invited(owner)
    browser = client_of(owner)
    again = browser.post(reverse("team:invite"), typed(email=EMAIL.upper()))
    assert (again.status_code, again.context["form"].errors["email"]) != (302, [])
    member = browser.post(reverse("team:invite"), typed(email=seller.user.email.upper()))
    assert "in the team already" in member.content.decode()
    assert Invitation.objects.count() == 1


def test_one_that_is_over_gives_way_to_a_new_one(owner):
    with clock.at(clock.now() - timedelta(days=8)):
        old = invited(owner)
    new = invited(owner)
    old.refresh_from_db()
    assert old.revoked_at
    assert new.revoked_at is None


def test_sent_again_it_has_a_new_link_and_the_old_one_ends(client_of, owner, visitor):
    with clock.at(clock.now() - timedelta(days=8)):
        row = invited(owner)
        first = link_of(row)
    assert is_closed(visitor.get(first))
    client_of(owner).post(reverse("team:send-again", args=[row.public_id]))
    row.refresh_from_db()
    assert row.sent_count == 2
    assert link_of(row) != first
    assert is_closed(visitor.get(first))
    assert opened(visitor, row).status_code == 200


def test_a_letter_is_not_sent_again_at_once_nor_for_ever(client_of, owner):
    row, browser = invited(owner), client_of(owner)
    address = reverse("team:send-again", args=[row.public_id])
    page = browser.post(address, follow=True).content.decode()
    assert "Wait five minutes" in page
    for minutes in range(10, 130, 10):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            browser.post(address)
    row.refresh_from_db()
    assert row.sent_count == Letter.objects.count() == invitations.MOST_SENT


def test_a_revoked_one_opens_nothing(client_of, owner, visitor):
    row = invited(owner)
    path = link_of(row)
    assert opened(visitor, row).status_code == 200
    client_of(owner).post(reverse("team:revoke", args=[row.public_id]))
    assert is_closed(visitor.get(path))
    assert is_closed(visitor.get(HERE))
    assert is_closed(visitor.post(HERE, TYPED))
    assert not User.objects.filter(email=EMAIL).exists()
    again = client_of(owner).post(reverse("team:send-again", args=[row.public_id]))
    assert again.status_code == 404


def test_another_houses_owner_reaches_no_invitation_of_ours(client_of, owner, stranger):
    row = invited(owner)
    for name in ("team:send-again", "team:revoke"):
        assert client_of(stranger).post(reverse(name, args=[row.public_id])).status_code == 404


# --- Taking ---------------------------------------------------------------------------------------


def test_a_person_without_an_account_chooses_a_password_and_is_in(owner, visitor, workspace):
    row = invited(owner, EMAIL, "seller", "support", language="hi")
    page = opened(visitor, row)
    assert workspace.name in page.content.decode()
    assert str(owner) in page.content.decode()
    answer = visitor.post(HERE, TYPED)
    assert (answer.status_code, answer.url) == (302, reverse("home"))
    user = get_user(visitor)
    assert (user.email, user.name, user.language) == (EMAIL, "Nila Sen", "hi")
    assert user.check_password(PASSWORD)
    member = Membership.objects.get(user=user)
    assert (member.workspace, member.roles) == (workspace, ["seller", "support"])
    row.refresh_from_db()
    assert row.accepted_by == member
    assert visitor.get(reverse("home")).status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password2": "another long pass phrase"}, "differ"),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "nila@new.exampl", "password2": "nila@new.exampl"}, "too similar"),
        ({"name": ""}, "required"),
    ],
)
def test_a_weak_password_lets_nobody_in(owner, visitor, change, said):
    row = invited(owner)
    opened(visitor, row)
    answer = visitor.post(HERE, {**TYPED, **change})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not get_user(visitor).is_authenticated
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_person_with_an_account_signs_in_and_joins_with_one_press(owner, stranger, visitor):
    row = invited(owner, stranger.user.email.upper())
    page = opened(visitor, row).content.decode()
    assert "has an account already" in page
    assert "password1" not in page
    login = re.search(r'href="(/accounts/login/\?next=[^"]+)"', page)[1]
    assert "invitations" in login
    assert link_of(row) not in login
    answer = visitor.post(
        reverse("account_login"),
        {"login": stranger.user.email, "password": PASSWORD, "next": HERE},
    )
    assert answer.url == HERE
    assert "Join Asha Crafts" in visitor.get(HERE).content.decode()
    visitor.post(HERE)
    member = Membership.objects.get(user=stranger.user, workspace=owner.workspace)
    assert member.is_active
    assert visitor.get(reverse("home")).wsgi_request.member == member


def test_an_account_is_not_taken_over_by_a_link(owner, stranger, visitor):
    """Whoever holds the link of a known address still has to sign in."""
    row = invited(owner, stranger.user.email)
    opened(visitor, row)
    answer = visitor.post(HERE, TYPED)
    assert answer.status_code == 200
    stranger.user.refresh_from_db()
    assert stranger.user.check_password(PASSWORD)
    assert stranger.user.name == "Sana Stranger"
    assert not get_user(visitor).is_authenticated


def test_somebody_else_is_told_so_and_may_switch(client_of, owner, stranger):
    row, browser = invited(owner), client_of(stranger)
    page = opened(browser, row).content.decode()
    assert f"You are signed in as {stranger.user.email}" in page
    browser.post(HERE)
    assert not Membership.objects.filter(user=stranger.user, workspace=owner.workspace).exists()
    answer = browser.post(reverse("invitation-switch"))
    assert answer.url == HERE
    assert not get_user(browser).is_authenticated
    assert browser.post(HERE, TYPED).status_code == 302
    assert get_user(browser).email == EMAIL


def test_it_is_used_once(owner, visitor):
    row = invited(owner)
    path = link_of(row)
    opened(visitor, row)
    second = Client()
    opened(second, row)
    assert visitor.post(HERE, TYPED).status_code == 302
    assert is_closed(second.post(HERE, {**TYPED, "name": "Somebody Else"}))
    assert is_closed(second.get(path))
    assert User.objects.get(email=EMAIL).name == "Nila Sen"


def test_what_does_not_open_says_the_same_whatever_it_was(client_of, owner, visitor):
    with clock.at(clock.now() - timedelta(days=8)):
        over = link_of(invited(owner, "over@new.example"))
    gone = invited(owner, "gone@new.example")
    invitations.revoke(member=owner, public_id=gone.public_id)
    pages = [
        visitor.get(path)
        for path in (over, link_of(gone), f"{HERE}{'x' * 43}/", f"{HERE}short/", HERE)
    ]
    assert all(map(is_closed, pages))
    said = {
        re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", p.content.decode())
        for p in pages
    }
    assert len(said) == 1


def test_its_pages_are_kept_by_nobody(owner, visitor):
    row = invited(owner)
    first = visitor.get(link_of(row))
    assert first.headers["Referrer-Policy"] == "no-referrer"
    for answer in (first, visitor.get(HERE), visitor.get(f"{HERE}never-was/")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]


def test_the_page_speaks_the_language_of_the_letter(owner, visitor):
    row = invited(owner, language="hi")
    assert 'lang="hi"' in opened(visitor, row).content.decode()


def test_somebody_who_left_finds_their_history_again(owner, seller, visitor, client_of):
    team.remove(member=owner, public_id=seller.public_id, heir_id=owner.public_id)
    row = invited(owner, seller.user.email, "manager")
    browser = Client()
    browser.force_login(User.objects.get(pk=seller.user_id))
    opened(browser, row)
    browser.post(HERE)
    seller.refresh_from_db()
    assert (seller.is_active, seller.ended_at, seller.heir) == (True, None, None)
    assert seller.roles == ["manager"]
    assert Membership.objects.filter(user=seller.user).count() == 1


def test_a_person_who_was_switched_off_gets_no_new_password(owner, visitor):
    User.objects.create_user(EMAIL, None, name="Nila", is_active=False)
    row = invited(owner)
    opened(visitor, row)
    assert is_closed(visitor.post(HERE, TYPED))


def test_a_person_in_two_houses_keeps_both(owner, stranger, client_of):
    mine = make_member(owner.workspace, "seller", email="both@team.example")
    browser = client_of(mine)
    opened(browser, invited(stranger, mine.user.email))
    browser.post(HERE)
    assert Membership.objects.filter(user=mine.user, is_active=True).count() == 2


def test_every_act_is_noted(owner, visitor):
    row = invited(owner)
    opened(visitor, row)
    visitor.post(HERE, TYPED)
    acts = list(AuditEntry.objects.order_by("id").values_list("act", "by", "subject"))
    assert acts == [
        ("team.invited", "Vikram Owner", EMAIL),
        ("team.joined", "Nila Sen", "Nila Sen"),
        ("sign_in.done", "Nila Sen", "Nila Sen"),
    ]
