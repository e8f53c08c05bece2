"""A question and the owner's gate: what an answer of the owner brings about."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from rivya_app.chat import actions, caps, endings, feed, lifecycle, price
from rivya_app.chat.models import Status, Turn
from rivya_app.core import clock
from rivya_app.credits import gate, ledger
from rivya_app.credits.gate import About
from rivya_app.credits.models import Ask
from rivya_app.gateway.chat_models import chat_model_of

REFUSED, SILENT = "owner_refused", "owner_silent"


@transaction.atomic(durable=True)
def carry_out(asked: Ask) -> None:
    """Ask what a yes was given to; a no, or no answer, ends the turn without cost. Once."""
    turn = _turn_of(asked, lock=True)
    if not gate.take_up(asked) or turn.status != Status.WAITING:
        return
    if asked.state != Ask.State.GRANTED:
        code = REFUSED if asked.state == Ask.State.REFUSED else SILENT
        endings.close_unpaid(turn, Status.FAILED, cause="person", code=code)
        return
    try:
        with transaction.atomic():
            actions.hold(turn)
    except (ledger.NotEnoughCredits, ledger.OverLimit, caps.OverOwnCap) as short:
        endings.close_unpaid(turn, Status.FAILED, cause="person", code=_code_of(short))
        return
    turn.next_check_at = clock.now()
    lifecycle.move(turn, Status.PENDING, cause="person", kind="granted", member=asked.answered_by)
    actions.publish(turn)
    transaction.on_commit(lambda: feed.write([(turn.public_id, feed.state(""))]), robust=True)


def _code_of(short: Exception) -> str:
    if isinstance(short, ledger.NotEnoughCredits):
        return "insufficient_credits"
    return "over_own_cap" if isinstance(short, caps.OverOwnCap) else "over_limit"


def price_now(asked: Ask) -> Decimal | None:
    """As it stands today; None where it no longer waits or its model cannot be asked."""
    turn = _turn_of(asked)
    model = chat_model_of(turn.workflow, turn.model_id)
    if turn.status != Status.WAITING or model is None:
        return None
    return price.expected(turn.workspace, model).hold


def about(asked: Ask) -> About:
    """What is not private of it; the model stands beside it anyway. What is asked, the owner does
    not read."""
    turn = _turn_of(asked)
    rows = [(_("Workflow"), str(turn.workflow))]
    if turn.attachment_count:
        rows.append((_("Pictures"), str(turn.attachment_count)))
    if turn.is_searching:
        rows.append((_("Looks on the web"), _("Yes")))
    words = _("What is asked is private to who asks, and not shown here.")
    return About((), (*rows, (_("The question"), words)), waits_for_credits=False)


def _turn_of(asked: Ask, *, lock: bool = False) -> Turn:
    rows = Turn.objects.select_related(
        "conversation", "workspace", "workflow__workspace", "api_key", "member__user"
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.get(public_id=asked.reference.partition(":")[2])
