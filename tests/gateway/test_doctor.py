"""The command that compares Rivya with what we built on."""

import pytest
from django.core.management import CommandError, call_command

from tests.gateway.conftest import AddKey
from tests.simulator_process import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_finds_that_the_stand_in_agrees(
    add_key: AddKey, capsys: pytest.CaptureFixture[str]
) -> None:
    key = add_key("the-purpose")
    call_command("rivya_doctor", key="the-purpose")
    said = capsys.readouterr().out
    assert "generations:create" in said
    assert "0 that we rely on differ" in said
    assert key.shown in said
    assert key.secret.reveal() not in said


def test_it_looks_at_what_is_public_without_a_key(
    stand_in: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rivya_doctor")
    assert "without a key" in capsys.readouterr().out


def test_it_ends_with_1_where_something_we_rely_on_differs(
    add_key: AddKey, stand_in: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    add_key("the-purpose")
    stand_in.change_key("the-purpose", scopes=["credits:read"])
    with pytest.raises(SystemExit) as ended:
        call_command("rivya_doctor", key="the-purpose")
    assert ended.value.code == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_it_says_when_there_is_no_such_key(db: None) -> None:
    with pytest.raises(CommandError, match="no key"):
        call_command("rivya_doctor", key="nothing")
