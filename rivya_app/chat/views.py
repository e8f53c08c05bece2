"""The conversation pages. Parse, one call, render."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from rivya_app.chat import access, actions, pages, telling, tickets, turn_cards
from rivya_app.chat.forms import NewConversationForm, QuestionForm
from rivya_app.chat.models import Turn
from rivya_app.chat.paths import path_of, path_of_turn
from rivya_app.chat.refused import Refusal, attempt
from rivya_app.core.guard import members
from rivya_app.core.htmx import fragment, nothing_new
from rivya_app.gateway.chat_models import chat_model_of
from rivya_app.library import uses
from rivya_app.workspaces.requests import MemberRequest

chatters = members(*access.MAY_CHAT)


@chatters
def new(request: MemberRequest) -> HttpResponse:
    """The form of a new conversation, and its sending. A refusal keeps what was typed."""
    form, refusal = _new_form(request), None
    if request.method == "POST" and not _is_refresh(request) and form.is_valid():
        begin = partial(
            actions.begin, member=request.member, wanted=form.wanted(), question=form.asked()
        )
        done = attempt(form, begin)
        if isinstance(done, Turn):
            return redirect(path_of(done.conversation))
        refusal = done
    is_wrong = request.method == "POST" and not _is_refresh(request)
    if form.is_bound and not is_wrong:
        form.stay_silent()
    page = pages.new_page(request.member, form, refusal)
    if _is_live(request) and not is_wrong:
        return fragment(request, "chat/new.html", "follows", page)
    return render(request, "chat/new.html", page, status=422 if is_wrong else 200)


def _new_form(request: MemberRequest) -> NewConversationForm:
    if request.method == "POST":
        return NewConversationForm(request.POST, request.FILES, member=request.member)
    return NewConversationForm(
        member=request.member, initial=pages.new_start(request.member, request.GET)
    )


def _is_refresh(request: MemberRequest) -> bool:
    """Buttons that only show the form anew."""
    return "refresh" in request.POST


def _is_live(request: MemberRequest) -> bool:
    """Whether a page's script asks, which swaps parts by their ids."""
    return "HX-Request" in request.headers


@members()
@require_safe
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One conversation; to a script that knows it, only what is new in it."""
    conversation = access.readable_conversation(request.member, public_id)
    if _is_live(request) and request.GET.get("state") == pages.state_of(conversation):
        return nothing_new()
    page = pages.show_page(request.member, conversation, asked=request.GET)
    telling.seen(request.member, [card.turn for card in page["cards"]])
    if not _is_live(request):
        return _with_ticket(request, page, render(request, "chat/show.html", page))
    known = dict(zip(request.GET.getlist("id"), request.GET.getlist("v"), strict=False))
    page["cards"] = turn_cards.changed_since(page["cards"], known)
    if not page["cards"]:
        return nothing_new()
    return _with_ticket(request, page, fragment(request, "chat/show.html", "news", page))


@chatters
@require_POST
def ask(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One more question. A refusal keeps what was typed."""
    conversation = access.own_conversation(request.member, public_id)
    model = chat_model_of(conversation.workflow, conversation.model_id)
    form = QuestionForm(request.POST, request.FILES, member=request.member, model=model)
    if _is_refresh(request):
        form.stay_silent()
        return _refused(request, public_id, form, None, status=200)
    if not form.is_valid():
        return _refused(request, public_id, form, None)
    question = form.asked(_turn_again(request, public_id, form))
    act = partial(actions.ask, member=request.member, conversation_id=public_id, question=question)
    return _after(request, public_id, form, attempt(form, act))


def _turn_again(request: MemberRequest, public_id: UUID, form: QuestionForm) -> Turn | None:
    """The turn whose question is asked again, of this very conversation. Raises Http404."""
    wanted = form.cleaned_data.get("again_of")
    if not wanted:
        return None
    turn = access.own_turn(request.member, wanted)
    return turn if str(turn.conversation.public_id) == str(public_id) else None


def _after(
    request: MemberRequest, public_id: UUID, form: QuestionForm, done: Turn | Refusal
) -> HttpResponse:
    if not isinstance(done, Turn):
        return _refused(request, public_id, form, done)
    if not _is_live(request):
        return redirect(path_of_turn(done))
    page = pages.turn_page(request.member, done)
    return _with_ticket(request, page, fragment(request, "chat/show.html", "news", page))


def _turn_answer(request: MemberRequest, turn: Turn) -> HttpResponse:
    page = pages.turn_page(request.member, turn)
    return _with_ticket(request, page, fragment(request, "chat/show.html", "turn", page))


def _with_ticket(
    request: MemberRequest, page: dict[str, Any], response: HttpResponse
) -> HttpResponse:
    """Let the page listen at once to the answer it shows being written."""
    if page["open_card"]:
        tickets.give(response, request.member, page["open_card"].turn)
    return response


def _refused(
    request: MemberRequest,
    public_id: UUID,
    form: QuestionForm,
    refusal: Refusal | None,
    *,
    status: int = 422,
) -> HttpResponse:
    conversation = access.readable_conversation(request.member, public_id)
    page = pages.show_page(request.member, conversation, form=form, refusal=refusal)
    if _is_live(request):
        return fragment(request, "chat/show.html", "refused", page, status=status)
    return render(request, "chat/show.html", page, status=status)


@chatters
@require_POST
def ask_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The same question as a new turn with its own price; the form's token makes it one."""
    turn = access.own_turn(request.member, public_id)
    conversation = turn.conversation
    files = [file for file in uses.files_of(turn.reference) if file.is_stored]
    typed = request.POST.copy()
    start = pages.start_again(turn, files)
    typed.setlist("references", start.pop("references"))
    for name, value in start.items():
        typed[name] = "" if value is False else str(value)
    model = chat_model_of(turn.workflow, turn.model_id)
    form = QuestionForm(typed, member=request.member, model=model)
    if not form.is_valid():
        return _refused(request, conversation.public_id, form, None)
    act = partial(
        actions.ask,
        member=request.member,
        conversation_id=conversation.public_id,
        question=form.asked(turn),
    )
    return _after(request, conversation.public_id, form, attempt(form, act))


@members()
@require_safe
def show_turn(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One turn as it is now, for a page that shows it; 204 where it shows it so already."""
    page = pages.turn_page(request.member, access.readable_turn(request.member, public_id))
    card = page["card"]
    if card is None:  # it was asked again meanwhile, and stands folded in the newer one
        return nothing_new()
    if request.GET.get("v") == card.version:
        return nothing_new()
    telling.seen(request.member, [card.turn])
    return _with_ticket(request, page, fragment(request, "chat/show.html", "turn", page))


@chatters
@require_POST
def stop_turn(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """End an answer; pressed again, or too late, it changes nothing."""
    turn = actions.stop(member=request.member, turn_id=public_id)
    if not _is_live(request):
        return redirect(path_of_turn(turn))
    return _turn_answer(request, access.readable_turn(request.member, public_id))
