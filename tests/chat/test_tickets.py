"""Who is given a ticket to a live stream, and what it opens."""

import time
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from rivya_app.chat import actions, feed, tickets
from rivya_app.chat.models import Turn
from rivya_app.core.redaction import redact
from rivya_app.workspaces import invitations, team
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk
from tests.workspaces.inviting import invited


def asked_by(member: Membership, turn: Turn) -> Any:
    browser = Client()
    browser.force_login(member.user)
    return browser.get(reverse("chat:stream-ticket", args=[turn.public_id]))


def test_it_gives_whoever_asked_a_ticket_to_that_stream_alone(
    talk: Talk, researcher: Membership
) -> None:
    turn = talk.begin(researcher)
    answer = asked_by(researcher, turn)
    assert answer.status_code == 204
    assert "no-store" in answer["Cache-Control"]
    cookie = answer.cookies["ticket"]
    assert cookie["path"] == f"/stream/turns/{turn.public_id}/"
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 60)
    ticket = tickets.read(cookie.value, str(turn.public_id))
    assert ticket is not None
    assert ticket.member_id == researcher.pk
    assert ticket.ends_at - time.time() < 61


@pytest.mark.parametrize("is_https", [True, False])
def test_it_is_sent_over_https_alone_where_the_site_is(
    talk: Talk, researcher: Membership, settings: Any, is_https: bool
) -> None:
    settings.SESSION_COOKIE_SECURE = is_https
    browser = Client()
    browser.force_login(researcher.user)
    address = reverse("chat:stream-ticket", args=[talk.begin(researcher).public_id])
    cookie = browser.get(address, secure=is_https).cookies["ticket"]
    assert bool(cookie["secure"]) is is_https


def test_it_gives_others_none_to_a_private_conversation(
    talk: Talk, researcher: Membership, owner: Membership, stranger: Membership
) -> None:
    turn = talk.begin(researcher)
    for other in (owner, stranger):
        answer = asked_by(other, turn)
        assert answer.status_code == 404
        assert "ticket" not in answer.cookies
    actions.share(member=researcher, conversation_id=turn.conversation.public_id, is_shared=True)
    assert asked_by(owner, turn).status_code == 204
    assert asked_by(stranger, turn).status_code == 404


def test_it_gives_none_to_who_was_signed_out(talk: Talk, researcher: Membership) -> None:
    turn = talk.begin(researcher)
    browser = Client()
    browser.force_login(researcher.user)
    team.end_sessions(researcher.user)
    answer = browser.get(reverse("chat:stream-ticket", args=[turn.public_id]))
    assert answer.status_code == 302
    assert "ticket" not in answer.cookies


def test_it_opens_no_other_turn_and_nothing_when_its_time_is_over() -> None:
    turn_id = str(uuid4())
    ticket = tickets.make(turn_id, 1)
    assert tickets.read(ticket, turn_id) is not None
    assert tickets.read(ticket, str(uuid4())) is None
    assert tickets.read(ticket[:-2], turn_id) is None
    assert tickets.read(tickets.make(turn_id, 1, life=-1), turn_id) is None
    assert tickets.read(signing.dumps([turn_id, 1, time.time() + 60]), turn_id) is None


def test_it_is_hidden_where_text_is_logged() -> None:
    ticket = tickets.make(uuid4(), 1)
    for text in (f"Cookie: sessionid=abcdef; ticket={ticket}", f"{{'ticket': '{ticket}'}}"):
        assert ticket not in redact(text)
        assert ticket.split(":")[0] not in redact(text)


@pytest.mark.django_db(transaction=True)
def test_leaving_closes_the_streams_of_who_leaves_until_they_are_back(
    owner: Membership, researcher: Membership
) -> None:
    heir = {"heir_id": owner.public_id}
    team.remove(member=owner, public_id=researcher.public_id, **heir)
    assert feed.connection().exists(feed.ended_name(researcher.pk))
    assert not feed.connection().exists(feed.ended_name(owner.pk))
    offer = invited(owner, email=researcher.user.email)
    invitations.accept(token_hash=offer.token_hash, user=researcher.user)
    assert not feed.connection().exists(feed.ended_name(researcher.pk))


def test_what_is_shared_no_more_closes_to_everybody_else(
    talk: Talk, researcher: Membership, seller: Membership
) -> None:
    turn = talk.begin(researcher)
    of_it = {"member": researcher, "conversation_id": turn.conversation.public_id}
    given = []
    for is_shared in (True, False, True):
        actions.share(**of_it, is_shared=is_shared)
        only = feed.connection().get(feed.private_name(turn.public_id))
        given.append((asked_by(seller, turn).status_code, int(only or 0)))
    assert given == [(204, 0), (404, researcher.pk), (204, 0)]
