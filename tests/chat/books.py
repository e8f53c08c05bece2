"""What must be true of the money of turns in the end, whatever happened on the way."""

from decimal import Decimal

from django.db.models import Sum

from rivya_app.chat.models import Turn
from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount, LedgerEntry
from tests.chat.talk import Talk

ENDS = ("settle", "release")


def assert_books_close(talk: Talk, *, is_wallet_told: bool = True) -> None:
    """Every turn is settled once, nothing stays held, and ledger, account and wallet agree."""
    turns = list(Turn.objects.all())
    for turn in turns:
        assert turn.is_settled, turn
        entries = LedgerEntry.objects.filter(reference=turn.reference)
        if entries.exists():
            assert entries.filter(kind__in=ENDS).count() == 1
            spent = entries.aggregate(sum=Sum("spent"))["sum"]
            assert spent == turn.final_credits
    account = CreditAccount.objects.get(workspace=talk.shop.workspace)
    counted = ledger.balance_of(account)
    assert account.held == counted.held == 0
    assert account.available == counted.available
    if is_wallet_told:
        wallet = talk.rivya.wallet()
        assert wallet["reserved"] == 0
        assert Decimal(str(wallet["credits"])) == account.available


def to_the_end(talk: Talk, turn: Turn, tries: int = 8) -> Turn:
    """Play the workers' part until the turn is settled, now and not when its times come."""
    for _try in range(tries):
        talk.answer(turn)
        if not turn.is_open:
            break
    assert not turn.is_open
    return talk.settle(turn, looks=200)
