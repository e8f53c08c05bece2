"""What a question was refused for at the door, as one card. Nothing was written or sent then."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.chat import actions, attachments, caps
from rivya_app.chat.forms import QuestionForm
from rivya_app.chat.models import Turn
from rivya_app.core.buttons import Action
from rivya_app.core.text import credit_words
from rivya_app.credits import ledger, limit_access, limit_words
from rivya_app.credits.limits import Bound
from rivya_app.credits.models import Limit
from rivya_app.gateway import refusal_words
from rivya_app.gateway.refusals import FailureCard, Reader, refusal_card
from rivya_app.gateway.rivya_pages import TOP_UP, rivya_page
from rivya_app.library import uses
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Membership, Role


@dataclass(frozen=True, slots=True)
class Short:
    """Too little of something. `rows` are its numbers, `who` says who can change that."""

    title: str
    rows: tuple[tuple[str, str], ...]
    who: str = ""
    action: Action | None = None
    is_outside: bool = False  # the action leads to Rivya


@dataclass(frozen=True, slots=True)
class Refusal:
    """One of the two is set."""

    card: FailureCard | None = None
    short: Short | None = None


def attempt(form: QuestionForm, act: Callable[[], Turn]) -> Turn | Refusal:
    """Do it, or say why not; what concerns a field is put beside it, and the refusal is empty."""
    try:
        return act()
    except (ledger.NotEnoughCredits, ledger.OverLimit, caps.OverOwnCap) as short:
        return Refusal(short=_short_of(form.member, short))
    except actions.NoKey:
        return _card(form, "no_key")
    except actions.ConversationClosed:
        return _card(form, "chat_session_conflict")
    except (actions.ModelRefused, actions.StillAnswering) as refused:
        form.add_error(None, _about_the_question(refused))
    except (uses.FileGone, attachments.Unfit) as wrong:
        for problem in _about_the_files(wrong):
            form.references.add_error(None, problem)
    return Refusal()


def _about_the_question(refused: Exception) -> str:
    if isinstance(refused, actions.ModelRefused):
        return refused.why or str(refusal_words.WORDS["model_gone"].happened)
    return _("The question before is not answered yet. Wait for it, or stop it.")


def _about_the_files(wrong: Exception) -> list[str]:
    if isinstance(wrong, attachments.Unfit):
        return wrong.problems
    return [_("A file you chose is not here. Choose another.")]


def _short_of(reader: Membership, short: Exception) -> Short:
    if isinstance(short, ledger.NotEnoughCredits):
        return _too_few_credits(reader, short)
    if isinstance(short, ledger.OverLimit):
        return _over_limit(reader, short)
    return _over_own_cap(cast(caps.OverOwnCap, short))


def _card(form: QuestionForm, code: str) -> Refusal:
    return Refusal(refusal_card(refusal_words.WORDS[code], Reader(form.member)))


def _too_few_credits(reader: Membership, short: ledger.NotEnoughCredits) -> Short:
    is_owner = reader.has_role(Role.OWNER)
    names = ", ".join(str(owner) for owner in owners_of(reader.workspace))
    who = _("You can add credits on Rivya.")
    if not is_owner:
        who = _("These people can add credits: %(names)s.") % {"names": names}
    return Short(
        title=_("Not enough credits for this question"),
        rows=(
            (_("It needs"), credit_words(short.needed)),
            (_("There are"), credit_words(short.available)),
        ),
        who=who,
        action=Action(_("Add credits on Rivya"), rivya_page(TOP_UP)) if is_owner else None,
        is_outside=True,
    )


def _over_limit(reader: Membership, over: ledger.OverLimit) -> Short:
    whose = limit_words.whose(over.bound, reader)
    names = ", ".join(str(owner) for owner in owners_of(reader.workspace))
    may_change = over.bound.limit_id is not None and reader.has_role(*limit_access.MAY_CHANGE)
    who = _("You can raise it.")
    if not may_change:
        who = _("These people can raise it: %(names)s.") % {"names": names}
    return Short(
        title=_("Not enough left: %(whose)s") % {"whose": whose},
        rows=(
            (_("It needs"), credit_words(over.needed)),
            (_("Left"), credit_words(max(Decimal(0), over.left))),
            (_("Limit"), credit_words(over.bound.amount)),
        ),
        who=who,
        action=_change_limit(over.bound) if may_change else None,
    )


def _change_limit(bound: Bound) -> Action:
    limit = Limit.objects.get(pk=bound.limit_id or 0)
    return Action(_("Change the limit"), reverse("credits:change-limit", args=[limit.public_id]))


def _over_own_cap(over: caps.OverOwnCap) -> Short:
    return Short(
        title=_("Your own cap for this month does not cover it"),
        rows=(
            (_("It needs"), credit_words(over.needed)),
            (_("Left"), credit_words(max(Decimal(0), over.left))),
            (_("Your cap"), credit_words(over.amount)),
        ),
        who=_("You set it yourself, and you can change it at any time."),
        action=Action(_("Change your cap"), reverse("chat:own-cap")),
    )
