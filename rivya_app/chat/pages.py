"""What the conversation pages show, gathered for their templates. Only reads."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from rivya_app.chat import abouts, access, price, shown
from rivya_app.chat.forms import NewConversationForm, QuestionForm, continued
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.chat.paths import ASKED_TURN
from rivya_app.chat.price import TurnPrice
from rivya_app.chat.refused import Refusal
from rivya_app.chat.shown import Part
from rivya_app.chat.summary import summary_of
from rivya_app.chat.turn_cards import TurnCard, cards_of
from rivya_app.core.text import credit_number
from rivya_app.credits import gate_rules, wallet
from rivya_app.gateway import access as gateway
from rivya_app.gateway.chat_models import ChatModel, chat_model_of
from rivya_app.gateway.refusals import Reader
from rivya_app.library import uses
from rivya_app.workspaces.models import Membership

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Quote:
    """What the next question costs and leaves, in credits; `needs_yes`: an owner is asked first."""

    price: TurnPrice
    available: Decimal
    needs_yes: bool

    @property
    def after(self) -> Decimal:
        return self.available - self.price.hold

    @property
    def is_enough(self) -> bool:
        return self.after >= 0

    @property
    def words(self) -> str:
        """ "about 3 credits, 240 left after" """
        return _("%(price)s, %(left)s left after") % {
            "price": self.price.range_words,
            "left": credit_number(max(ZERO, self.after)),
        }


def quote(member: Membership, model: ChatModel | None) -> Quote | None:
    """None where no model is chosen."""
    if model is None:
        return None
    expected = price.expected(member.workspace, model)
    rule = gate_rules.stands_in_the_way(member, expected.hold, None, (model.model_id,))
    return Quote(expected, wallet.standing(member.workspace).available, rule is not None)


# --- One conversation -----------------------------------------------------------------------------


def show_page(
    member: Membership,
    conversation: Conversation,
    *,
    form: QuestionForm | None = None,
    refusal: Refusal | None = None,
    asked: QueryDict | None = None,
    part: Part | None = None,
) -> dict[str, Any]:
    """The conversation with the turns of a part of it (unless said otherwise, its end or what was
    `asked` for) and, for its own member, the composer."""
    asked = asked or QueryDict()
    part = part or shown.part_of(conversation, asked.get(ASKED_TURN, ""))
    is_own = conversation.member_id == member.pk
    model = chat_model_of(conversation.workflow, conversation.model_id)
    quoted = quote(member, model) if is_own else None
    cards = cards_of(
        access.turns_of(conversation).filter(pk__in=part.keys),
        Reader(member),
        again_price=quoted.price.range_words if quoted else "",
    )
    may_go_on = not conversation.closed_code and model is not None and model.card.is_choosable
    if is_own and may_go_on and form is None:
        form = QuestionForm(member=member, model=model, initial=_start_of(cards, asked))
    return {
        "conversation": conversation,
        "is_own": is_own,
        "model": model,
        "model_name": model.name if model else conversation.model_id,
        "cards": cards,
        "part": part,
        "most": shown.MOST,
        "open_card": _open_of(cards),
        "costs": costs_of(conversation),
        "state": state_of(conversation),
        "form": form if is_own and may_go_on else None,
        "quote": quoted,
        "refusal": refusal,
        "ended": None if may_go_on or not is_own else _why_ended(conversation, model),
        "about": SimpleLazyObject(lambda: abouts.told(member, conversation.about)),
        "before": _if_readable(member, conversation.continues),
        "after": _continued_by(member, conversation),
    }


def _open_of(cards: list[TurnCard]) -> TurnCard | None:
    return cards[-1] if cards and cards[-1].is_open else None


def _start_of(cards: list[TurnCard], asked: QueryDict) -> dict[str, Any]:
    """An empty composer, or the last question to be edited."""
    last = cards[-1] if cards else None
    if last is None or last.is_open or str(last.turn.public_id) != asked.get("edit", ""):
        effort = last.turn.effort if last else ""
        return {"effort": effort, "is_searching": bool(last and last.turn.is_searching)}
    return start_again(last.turn, last.files)


def start_again(turn: Turn, files: Any) -> dict[str, Any]:
    """What a question starts from that is a turn's own once more."""
    return {
        "question": turn.question,
        "context": turn.context,
        "effort": turn.effort,
        "is_searching": turn.is_searching,
        "again_of": turn.public_id,
        "references": [str(file.public_id) for file in files],
    }


@dataclass(frozen=True, slots=True)
class Costs:
    """Of all turns of a conversation, in credits."""

    spent: Decimal
    held: Decimal


def costs_of(conversation: Conversation) -> Costs:
    """In one query."""
    unsettled = Q(settled_at=None) & ~Q(status=Status.WAITING)
    sums = conversation.turns.aggregate(
        spent=Sum("final_credits", filter=Q(settled_at__isnull=False)),
        held=Sum(Coalesce(F("reserved_credits"), F("estimated_credits")), filter=unsettled),
    )
    return Costs(sums["spent"] or ZERO, sums["held"] or ZERO)


def state_of(conversation: Conversation) -> str:
    """Changes when a turn is added or changes its state; what is being written counts for nothing.
    One small query, for pages that ask again and again."""
    found = conversation.turns.aggregate(newest=Max("changed_at"), count=Count("pk"))
    newest = found["newest"].timestamp() if found["newest"] else 0
    return f"{found['count']}.{newest}.{conversation.closed_code}"


@dataclass(frozen=True, slots=True)
class Ended:
    """Why nothing more can be asked in a conversation, and the way on."""

    title: str
    words: str
    url: str


def _why_ended(conversation: Conversation, model: ChatModel | None) -> Ended:
    url = f"{reverse('chat:new-conversation')}?continues={conversation.public_id}"
    if conversation.closed_code:
        return Ended(
            _("This conversation cannot go on"),
            _("Rivya does not continue it. Everything that was said stays here to be read."),
            url,
        )
    why = model.card.why_not if model else _("It is not on Rivya's list.")
    near = gateway.nearest_of(conversation.workflow, conversation.model_id)
    return Ended(
        _("%(model)s cannot be asked now")
        % {"model": model.name if model else conversation.model_id},
        f"{why} " + _("A conversation stays with its model, so another one needs a new one."),
        f"{url}&model_id={near.model_id}" if near else url,
    )


def _continued_by(member: Membership, conversation: Conversation) -> Conversation | None:
    later = access.readable_conversations(member).filter(continues=conversation)
    return later.order_by("-id").first()


def _if_readable(member: Membership, other: Conversation | None) -> Conversation | None:
    return other if other is not None and access.may_read(member, other) else None


def turn_page(member: Membership, turn: Turn) -> dict[str, Any]:
    """One turn of a page, with what follows from it elsewhere on the page."""
    conversation = access.readable_conversation(member, turn.conversation.public_id)
    page = show_page(member, conversation, part=shown.end_of(conversation, turn))
    wanted = (card for card in page["cards"] if card.turn.pk == turn.pk)
    return {**page, "card": next(wanted, None)}


# --- A new conversation ---------------------------------------------------------------------------


def new_start(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What the form starts from: what it is about, what it goes on from, files and a question.

    Raises Http404 for what is not there or not the member's to see.
    """
    start: dict[str, Any] = {
        "workflow": asked.get("workflow", ""),
        "model_id": asked.get("model_id", ""),
        "question": asked.get("question", ""),
        "references": asked.getlist("file"),
    }
    if reference := asked.get("about", ""):
        start |= _about_start(member, reference, start["references"])
    if named := asked.get("continues", ""):
        start |= _continued_start(member, named)
    return start


def _about_start(member: Membership, reference: str, files: list[str]) -> dict[str, Any]:
    told = abouts.told(member, reference)
    if told is None:
        raise Http404
    ids = [str(file.public_id) for file in told.files]
    return {"about": reference[:80], "context": told.facts, "references": files or ids}


def _continued_start(member: Membership, named: str) -> dict[str, Any]:
    earlier = continued(member, named)
    if earlier is None:
        raise Http404
    return {
        "continues": str(earlier.public_id),
        "context": summary_of(earlier),
        "about": earlier.about,
        "workflow": str(earlier.workflow.public_id),
        **_refused_question(earlier),
    }


def _refused_question(earlier: Conversation) -> dict[str, Any]:
    """The last question and its pictures where it came to nothing: it need not be typed again."""
    last = earlier.turns.order_by("-number").first()
    if last is None or last.status != Status.FAILED or last.answer:
        return {}
    files = [file for file in uses.files_of(last.reference) if file.is_stored]
    return {
        "question": last.question,
        "references": [str(file.public_id) for file in files],
    }


def new_page(
    member: Membership, form: NewConversationForm, refusal: Refusal | None = None
) -> dict[str, Any]:
    """A new conversation, typed or not yet."""
    reference = str(form["about"].value() or "")
    return {
        "form": form,
        "models": form.models,
        "model": form.model,
        "lost": _lost(form),
        "quote": quote(member, form.model),
        "refusal": refusal,
        "about": abouts.told(member, reference) if reference else None,
        "before": form.continued,
        "has_context": bool(form["context"].value() or reference or form.continued),
    }


def _lost(form: NewConversationForm) -> dict[str, Any] | None:
    """A model that was wanted and cannot be asked, with the nearest that can."""
    wanted, model = form.wanted_model_id, form.model
    if not wanted or (model and model.card.is_choosable):
        return None
    return {
        "name": model.name if model else wanted,
        "why": model.card.why_not if model else _("It is not on Rivya's list."),
        "nearest": gateway.nearest_of(form.flow, wanted),
    }
