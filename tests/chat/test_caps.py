"""A member's own cap: it refuses what goes beyond it, also when two are asked at once."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from rivya_app.chat import caps
from rivya_app.chat.models import Conversation, OwnCap, Turn
from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk
from tests.credits.account import limit

CAP = "/assistant/cap/"
Browsers = Callable[[Membership | None], Client]


def set_cap(member: Membership, amount: int) -> None:
    caps.set_cap(member=member, amount=Decimal(amount))


def test_it_refuses_what_goes_beyond_and_keeps_nothing(talk: Talk, researcher: Membership) -> None:
    set_cap(researcher, 5)
    talk.begin(researcher)  # 3 are held
    with pytest.raises(caps.OverOwnCap) as refused:
        talk.begin(researcher, "One more")
    assert (refused.value.needed, refused.value.used, refused.value.left) == (3, 3, 2)
    assert Turn.objects.count() == Conversation.objects.count() == 1
    assert CreditAccount.objects.get(workspace=researcher.workspace).held == 3


def test_it_lets_through_what_the_cap_can_carry_to_the_last_credit(
    talk: Talk, researcher: Membership
) -> None:
    set_cap(researcher, 6)
    talk.begin(researcher)
    talk.begin(researcher, "One more")
    with pytest.raises(caps.OverOwnCap):
        talk.begin(researcher, "And one more")


def test_it_counts_what_it_cost_once_that_is_known(talk: Talk, researcher: Membership) -> None:
    turn = talk.answer(talk.begin(researcher))
    assert turn.final_credits is not None
    assert caps.use_of(researcher).used == turn.final_credits


def test_it_bounds_nobody_else(talk: Talk, researcher: Membership, seller: Membership) -> None:
    set_cap(researcher, 0)
    talk.begin(seller)
    with pytest.raises(caps.OverOwnCap):
        talk.begin(researcher)


def ask_two_at_once(talk: Talk, member: Membership) -> list[object]:
    """What becomes of two conversations begun at the same moment."""
    ready = threading.Barrier(2)
    came: list[object] = []

    def ask(text: str) -> None:
        try:
            ready.wait(timeout=20)
            came.append(talk.begin(member, text))
        except Exception as error:  # noqa: BLE001  (judged below)
            came.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[text]) for text in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return came


def test_it_holds_when_two_are_asked_at_once(talk: Talk, researcher: Membership) -> None:
    set_cap(researcher, 5)
    came = ask_two_at_once(talk, researcher)
    assert sorted(type(one).__name__ for one in came) == ["OverOwnCap", "Turn"]
    assert Turn.objects.count() == 1


def test_it_is_the_lock_that_holds_it(
    talk: Talk, researcher: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the locks before it, both look before either wrote: what the test above guards."""
    from rivya_app.chat import actions

    set_cap(researcher, 5)
    both_looked = threading.Barrier(2)
    check = caps.check

    def check_unlocked(turn: Turn) -> None:
        check(turn)
        both_looked.wait(timeout=20)

    class Unlocked:
        """The members as they are, and no lock on them."""

        objects: Any = type(
            "Rows", (), {"select_for_update": staticmethod(lambda: Membership.objects)}
        )

    monkeypatch.setattr(actions, "Membership", Unlocked)
    monkeypatch.setattr(ledger, "hold", lambda *_args, **_fields: None)
    monkeypatch.setattr(caps, "check", check_unlocked)
    came = ask_two_at_once(talk, researcher)
    assert [type(one).__name__ for one in came] == ["Turn", "Turn"]


# --- The page -------------------------------------------------------------------------------------


def test_a_member_sets_changes_and_takes_away_a_cap(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    browser = client_of(researcher)
    assert "None is set" in browser.get(CAP).content.decode()
    assert browser.post(CAP, {"amount": "12.5"}).url == "/assistant/"
    assert caps.use_of(researcher).amount == Decimal("12.50")
    assert 'value="12.5"' in browser.get(CAP).content.decode()
    assert "0 of 12.50 credits used this month" in browser.get("/assistant/").content.decode()
    browser.post(CAP, {"amount": "20"})
    assert 'value="20"' in browser.get(CAP).content.decode()
    browser.post(CAP, {"amount": "20", "remove": "1"})
    assert caps.use_of(researcher).amount is None
    browser.post(CAP, {"amount": "0"})
    assert caps.use_of(researcher).amount == 0
    browser.post(CAP, {"amount": ""})
    assert not OwnCap.objects.exists()


@pytest.mark.parametrize("typed", ["-1", "much", "1.234", "99999999999999"])
def test_it_keeps_what_was_typed_wrong(
    talk: Talk, researcher: Membership, client_of: Browsers, typed: str
) -> None:
    answer = client_of(researcher).post(CAP, {"amount": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not OwnCap.objects.exists()


def test_it_says_what_is_over_and_which_limits_of_the_owner_count(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    talk.begin(researcher)
    set_cap(researcher, 1)
    account = CreditAccount.objects.get(workspace=researcher.workspace)
    limit(account, 40, scope="member", member=researcher)
    limit(account, 4000, is_hard=False)
    told = client_of(researcher).get(CAP).content.decode()
    assert "2 over it" in told
    assert "Your own monthly limit" in told
    assert "37" in told
    assert "4,000" not in told  # only warns
