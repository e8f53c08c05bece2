"""What the demo must show once its story is played."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.db.models import Sum

from rivya_app.briefs.models import Brief
from rivya_app.chat.models import Conversation, Turn
from rivya_app.core import clock
from rivya_app.credits import budgets, cockpit, expiries, limits
from rivya_app.credits.books import books_of
from rivya_app.credits.models import (
    Ask,
    CreditAccount,
    Difference,
    LedgerEntry,
    Limit,
    WalletSnapshot,
)
from rivya_app.demo import purse
from rivya_app.demo.packages import HANDINGS, Packed
from rivya_app.demo.talks import TALKS
from rivya_app.desk.models import Handled, Note
from rivya_app.generations.models import Generation
from rivya_app.handoff import gate
from rivya_app.handoff.models import Override, Package, PackedFile, ShareLink
from rivya_app.library import uses
from rivya_app.notices.models import Notice
from rivya_app.reviews.models import Decision, Pin, Review, VideoConcept
from rivya_app.workspaces.models import Campaign


def every_end_of_a_review_is_there() -> None:
    states = Counter(Review.objects.values_list("state", flat=True))
    assert set(states) == set(Review.State)
    assert set(Decision.objects.values_list("kind", flat=True)) == set(Decision.Kind)
    assert Decision.objects.exclude(pins=[]).exists()
    assert Pin.objects.exists()
    assert all(Decision.objects.filter(kind="approved").values_list("checklist", flat=True))


def wanted_changes_were_answered() -> None:
    """By a second attempt that was approved."""
    approved = Review.objects.filter(state="approved")
    second = approved.filter(generation__draft__attempt=2).values_list("brief", flat=True)
    assert Review.objects.filter(state="changes_wanted", brief__in=list(second)).exists()


def the_queue_is_worth_opening() -> None:
    waiting = Review.objects.filter(state="pending")
    today = clock.now().date()
    assert 8 <= waiting.count() <= 12
    assert waiting.filter(due_on=today).exists()
    assert waiting.filter(due_on__lt=today).exists()
    assert waiting.filter(media_kind="video").count() == 1
    with_photo = [row for row in waiting if uses.files_of(row.brief.reference)]
    assert with_photo


def films_came_from_approvals() -> None:
    """One approved, one to be decided on, one that waits for the owner's yes."""
    films = VideoConcept.objects.order_by("created_at")
    assert [film.state for film in films] == ["started", "started", "needs_budget"]
    made = [film.generation.reviews.get().state for film in films if film.generation]
    assert made == ["approved", "pending"]


def the_desk_is_in_use() -> None:
    """A failure that support dealt with, with a note, and others that wait."""
    handled = Handled.objects.get()
    assert Note.objects.get().reference == handled.reference
    assert Generation.objects.filter(status="failed").count() > 1


def credits_add_up() -> None:
    account = CreditAccount.objects.get()
    rows = LedgerEntry.objects.filter(account=account)
    assert rows.aggregate(sum=Sum("amount"))["sum"] == account.available
    for film in VideoConcept.objects.filter(state="started"):
        assert film.generation
        assert film.generation.final_credits == film.price
        paid = rows.filter(reference=film.ledger_reference)
        assert paid.aggregate(sum=Sum("amount"))["sum"] == -film.price
    waits = VideoConcept.objects.get(state="needs_budget")
    assert not rows.filter(reference=waits.ledger_reference).exists()


def budgets_are_kept() -> None:
    left = {campaign.name: budgets.left_of(campaign) for campaign in Campaign.objects.all()}
    assert all(one is not None and one > 0 for one in left.values())
    nearly_used, film = left["Everyday kitchen"], VideoConcept.objects.get(state="needs_budget")
    assert nearly_used is not None
    assert nearly_used < film.price


def limits_are_set() -> None:
    """One that only warns, used in part, and a seller's that refuses."""
    warns, refuses = Limit.objects.order_by("is_hard")
    assert (warns.scope, warns.is_hard, refuses.scope) == ("workspace", False, "member")
    states = limits.states_of(warns.account, [warns, refuses])
    assert all(state.left > 0 for state in states)


def packages_are_ready_to_leave() -> None:
    """All of them; one with a failed check that somebody answered for."""
    packages = Package.objects.all()
    assert packages.count() == len([one for one in HANDINGS if isinstance(one, Packed)])
    assert all(gate.may_leave(package) for package in packages)
    assert Override.objects.exists()
    assert not PackedFile.objects.filter(preset="square", has_ai_tag=False).exists()
    link = ShareLink.objects.get()
    assert (link.view_count, link.download_count) == (3, 1)


def old_news_is_read() -> None:
    """What is older than two days; and something is left to read."""
    unread = Notice.objects.filter(read_at=None)
    assert unread.filter(kind=Notice.Kind.REVIEW_ASKED).exists()
    oldest = unread.order_by("created_at")[0]
    assert (clock.now() - oldest.created_at).days < 3


def an_owner_is_asked_first() -> None:
    """One question was answered, one waits; neither spent anything."""
    asks = Ask.objects.filter(reference__startswith="brief:").order_by("asked_at")
    assert list(asks.values_list("state", flat=True)) == ["refused", "pending"]
    assert asks[0].note
    waiting = Brief.objects.filter(state="needs_yes")
    assert {brief.reference for brief in waiting} == {ask.reference for ask in asks}
    assert not Generation.objects.filter(draft__brief__in=waiting).exists()


def the_balance_is_explained() -> None:
    """All but one small difference, which nobody has named; and the books close."""
    account = CreditAccount.objects.get()
    named = {row.amount: row for row in account.differences.all()}
    assert account.differences.count() == len(named) == 6
    assert named[Decimal(purse.STUDIO)].kind == Difference.Kind.OUTSIDE
    assert named[Decimal(purse.STUDIO)].named_by
    assert named[Decimal(purse.TOP_UP)].kind == Difference.Kind.TOP_UP
    kinds = Counter(row.kind for row in named.values())
    assert kinds == {"first_reading": 1, "outside": 1, "top_up": 2, "unknown": 1, "expired": 1}
    assert books_of(account).gap == 0


def there_is_room_to_keep_working() -> None:
    """For a time that can be told; a pack has ended and a plan will."""
    account = CreditAccount.objects.get()
    room = cockpit.room_of(account.workspace)
    assert not room.standing.is_low
    assert room.days_left
    shown = expiries.outlooks(account, account.expiries.all(), room.pace)
    assert [(one.expiry.kind, one.is_over) for one in shown] == [("pack", True), ("plan", False)]
    assert WalletSnapshot.objects.count() > 20


def the_assistant_was_asked() -> None:
    """In two languages, with a picture, shared once; one answer was found again after it broke off,
    one became a brief, one waits for the owner. Every cost is known."""
    turns = Turn.objects.all()
    assert Conversation.objects.count() == len(TALKS)
    assert turns.count() == sum(len(talk.questions) for talk in TALKS)
    waiting = turns.get(status="waiting")
    assert waiting.conversation.title == TALKS[-1].title
    assert set(turns.exclude(pk=waiting.pk).values_list("status", flat=True)) == {"answered"}
    assert not turns.filter(settled_at=None).exclude(pk=waiting.pk).exists()
    assert turns.filter(attachment_count=1).exists()
    assert turns.filter(answer__contains="के लिए").exists()
    assert turns.filter(events__kind="recovered").exists()
    assert Conversation.objects.get(is_shared=True).member.has_role("manager")
    brief = Brief.objects.get(from_turn__isnull=False)
    assert brief.from_turn
    assert brief.from_turn.member == brief.created_by
    assert all(
        turn.finished_at - turn.created_at < timedelta(minutes=1)
        for turn in turns
        if turn.finished_at
    )


ALL = (
    the_balance_is_explained,
    there_is_room_to_keep_working,
    every_end_of_a_review_is_there,
    wanted_changes_were_answered,
    the_queue_is_worth_opening,
    films_came_from_approvals,
    the_desk_is_in_use,
    credits_add_up,
    budgets_are_kept,
    limits_are_set,
    packages_are_ready_to_leave,
    old_news_is_read,
    an_owner_is_asked_first,
    the_assistant_was_asked,
)
