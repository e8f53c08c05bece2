"""Every fault the stand-in can play on a chat call ends in a clear state with the right money."""

import threading
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.html import strip_tags

from rivya_app.chat import bodies
from rivya_app.chat.models import Status, Turn
from rivya_app.gateway import clients
from rivya_app.rivya_api.pool import Timeouts
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.shop import CREDITS
from tests.waiting import wait_for

A, F, I = Status.ANSWERED, Status.FAILED, Status.INTERRUPTED  # noqa: E741


SILENT = ("slow_accept", "slow_reply", "drip", "sse_stall")


@pytest.fixture(autouse=True)
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a fault is silence, it ends a call after a second and not after a minute. Elsewhere a
    busy machine may take its time."""
    case = getattr(request.node, "callspec", None) and request.node.callspec.params.get("case")
    if not (case and case.fault in SILENT):
        return
    quick = Timeouts(read=5, stream_silence=1, stream_total=20, chat_read=1, chat_total=10)
    monkeypatch.setattr(clients, "TIMEOUTS", quick)


@dataclass(frozen=True)
class Case:
    """A fault, and what must become of the turn: at once, and once its session was asked."""

    fault: str
    first: Status
    last: Status
    code: str = ""
    sends: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    times: int | None = 1
    is_free: bool = False
    has_part: bool = False  # some of the answer came before it went wrong

    def __str__(self) -> str:
        return " ".join([self.fault, *(f"{k}={v}" for k, v in self.options.items())])


# A verdict of Rivya's that nothing was taken.
REFUSED = [
    Case("reject", F, F, "validation_failed", is_free=True),
    Case("no_credits", F, F, "insufficient_credits", is_free=True),
    Case("error", F, F, "brand_new_code", is_free=True),
    Case(
        "error",
        F,
        F,
        "chat_model_not_supported",
        is_free=True,
        options={"code": "chat_model_not_supported"},
    ),
]
# Nothing was taken up yet: it waits and goes again under its own key.
NOT_NOW = [
    Case("rate_limited", Status.PENDING, A, "rate_limited", sends=2, options={"retry_after": 60}),
    Case("rate_limited", A, A, sends=2),
    Case("rate_limited", Status.PENDING, A, "rate_limited", sends=4, times=3),
    Case(
        "rate_limited",
        Status.PENDING,
        A,
        "rate_limited",
        sends=2,
        options={"retry_after": 60, "form": "date"},
    ),
    Case(
        "rate_limited",
        Status.PENDING,
        A,
        "rate_limited",
        sends=2,
        options={"retry_after": 60, "form": "reset"},
    ),
    Case("api_disabled", Status.PENDING, A, "public_api_disabled", sends=2),
]
# Nobody can say whether it arrived: never asked again, its session is.
UNKNOWN = [
    Case("server_error", I, I, "internal_error", is_free=True),
    Case("server_error", I, I, "http_500", is_free=True, options={"body": "html"}),
    Case("server_error", I, I, "http_500", is_free=True, options={"body": "empty"}),
    Case("server_error", A, A, sends=2, options={"status": 503}),  # a quick repeat, same key
    Case("server_error", A, A, sends=2, options={"status": 502, "body": "html"}),
    Case("cut_before", I, I, "no_answer", is_free=True),
    Case("cut_after", I, A, "no_answer"),
    Case("slow_accept", I, A, "no_answer", options={"seconds": 2}),
    Case("slow_reply", I, A, "no_answer", options={"seconds": 2}),
    Case("drip", I, A, "no_answer"),
]
BROKEN = [
    Case("sse_stall", I, A, "stream_silent", options={"seconds": 4}, has_part=True),
    Case("sse_break", I, A, "stream_broken", options={"after": 0}),
    Case("sse_break", I, A, "stream_broken", options={"after": 5}, has_part=True),
    Case("sse_no_totals", A, A, has_part=True),
    Case("sse_error", F, F, "internal_error", is_free=True, has_part=True),
    Case(
        "sse_error",
        F,
        F,
        "insufficient_credits",
        is_free=True,
        has_part=True,
        options={"code": "insufficient_credits"},
    ),
    Case("sse_torn", A, A),
    Case("sse_slow", A, A, options={"seconds": 0.02}),
    Case("cut_body", I, A, "stream_broken"),
    Case("malformed", A, A, options={"kind": "extra_fields"}),
]
ALL = [*REFUSED, *NOT_NOW, *UNKNOWN, *BROKEN]


def is_over_at_rivya(talk: Talk) -> bool:
    """Whether the stand-in has finished with every question that reached it."""
    wallet = talk.rivya.wallet()
    return wallet["reserved"] == 0 and (wallet["credits"] < CREDITS or not talk.asked_rivya())


def page_of(client_of: Any, member: Membership, turn: Turn) -> str:
    """What the conversation's page and the turn's own fragment say; both must say the same."""
    browser = client_of(member)
    addresses = [("chat:show-turn", turn), ("chat:show-conversation", turn.conversation)]
    pages = []
    for name, row in addresses:
        answer = browser.get(reverse(name, args=[row.public_id]))
        assert answer.status_code == 200
        pages.append(" ".join(unescape(strip_tags(answer.content.decode())).split()))
    fragment, page = pages
    assert turn.question in fragment
    assert fragment.split(turn.question)[1][:60] in page
    return fragment


def assert_page_tells(client_of: Any, member: Membership, turn: Turn) -> None:
    page = page_of(client_of, member, turn)
    first_words = turn.answer.replace("*", "").split()[:4]
    assert " ".join(first_words) in page
    for expected in expected_words(turn):
        assert expected in page
    assert not any(word in page for word in ("Traceback", "http_5", "no_answer", "None"))


def expected_words(turn: Turn) -> list[str]:
    """By the state alone, as a person is to read it."""
    if turn.status == Status.PENDING:
        return ["3 credits reserved", "No credits were taken so far."]
    if not turn.is_settled:
        state = [] if turn.status == Status.ANSWERED else ["cost is being asked of Rivya"]
        return [str(Status(turn.status).label), *state] if state else ["being asked of Rivya"]
    if turn.status == Status.ANSWERED:
        return [f"{turn.final_credits:.0f} credit"]
    if turn.status == Status.INTERRUPTED:
        return ["Broken off", "No credits were counted."]
    return [
        "Failed",
        "none were counted here" if turn.is_cost_guessed else "No credits were taken.",
    ]


def armed(talk: Talk, case: Case) -> None:
    if case.fault == "sse_stall":  # silent: no heartbeat either
        talk.rivya.set(sse_heartbeat_seconds=1000)
    talk.rivya.fault(
        case.fault, times=case.times, on=["chat.stream", "chat.complete"], **case.options
    )


@pytest.mark.parametrize("case", ALL, ids=str)
def test_it_ends_clearly_and_settles(
    talk: Talk, researcher: Membership, client_of: Any, case: Case
) -> None:
    armed(talk, case)
    turn = talk.answer(talk.begin(researcher))
    assert (turn.status, turn.error_code) == (case.first, case.code)
    assert bool(turn.answer) == (case.has_part or case.first == A)
    part = turn.answer
    assert_page_tells(client_of, researcher, turn)
    if (case.first, case.last) == (I, A):
        wait_for(lambda: is_over_at_rivya(talk), what="the end at Rivya")
    to_the_end(talk, turn)
    assert turn.status == case.last
    assert turn.answer.startswith(part)
    assert (turn.final_credits == 0) == case.is_free
    assert_page_tells(client_of, researcher, turn)
    assert_books_close(talk)
    keys = [call["idempotency_key"] for call in talk.asked_rivya()]
    assert keys == [str(turn.idempotency_key)] * case.sends


@pytest.mark.parametrize(
    "kind", ["html", "truncated", "empty", "wrong_types", "list", "not_utf8", "huge"]
)
@pytest.mark.parametrize("is_streamed", [True, False])
def test_it_takes_no_nonsense_for_an_answer(
    talk: Talk, researcher: Membership, kind: str, is_streamed: bool
) -> None:
    flow = talk.workflow
    flow.is_streamed = is_streamed
    flow.save()
    talk.rivya.fault("malformed", times=1, on=["chat.stream", "chat.complete"], kind=kind)
    turn = talk.answer(talk.begin(researcher))
    assert turn.status == Status.INTERRUPTED
    to_the_end(talk, turn)
    assert (turn.status, turn.error_code) == (Status.ANSWERED, "")
    assert turn.answer
    assert_books_close(talk)
    assert len(talk.asked_rivya()) == 1


@pytest.fixture(params=["named", "chat", "typed", "openai"])
def dialect(request: pytest.FixtureRequest, talk: Talk) -> str:
    talk.rivya.set(sse_dialect=request.param)
    return str(request.param)


@pytest.mark.parametrize("ending", ["lf", "crlf", "cr"])
@pytest.mark.parametrize("trouble", ["", "sse_torn", "sse_break", "sse_no_totals", "sse_error"])
def test_it_understands_every_dialect(
    talk: Talk, researcher: Membership, dialect: str, ending: str, trouble: str
) -> None:
    talk.rivya.set(sse_line_ending=ending)
    if trouble:
        talk.rivya.fault(trouble, times=1)
    turn = to_the_end(talk, talk.begin(researcher, "हिन्दी में मग कैसे बेचें?"))
    assert turn.status == (Status.FAILED if trouble == "sse_error" else Status.ANSWERED)
    assert turn.answer
    assert turn.conversation.session_id
    assert_books_close(talk)


@pytest.mark.parametrize("disconnect", ["settle", "release"])
def test_it_settles_a_broken_stream_as_rivya_did(
    talk: Talk, researcher: Membership, disconnect: str
) -> None:
    talk.rivya.set(stream_disconnect=disconnect)
    talk.rivya.fault("sse_break", times=1)
    turn = talk.answer(talk.begin(researcher))
    part = turn.answer
    to_the_end(talk, turn)
    is_paid = disconnect == "settle"
    assert turn.status == (Status.ANSWERED if is_paid else Status.INTERRUPTED)
    assert (turn.final_credits != 0) == is_paid
    assert turn.answer.startswith(part)
    assert turn.is_cost_guessed != is_paid  # the question is there, its cost is not told
    assert_books_close(talk)


# --- Without a stream -----------------------------------------------------------------------------


def whole(talk: Talk) -> None:
    flow = talk.workflow
    flow.is_streamed = False
    flow.save()


def paths(talk: Talk) -> list[str]:
    return [call["path"].rpartition("/chat/")[2] for call in talk.asked_rivya()]


def test_it_takes_the_whole_answer_where_the_workflow_wants_it(
    talk: Talk, researcher: Membership
) -> None:
    whole(talk)
    turn = talk.answer(talk.begin(researcher))
    assert (turn.status, turn.is_streamed) == (Status.ANSWERED, False)
    assert paths(talk) == ["completions"]
    assert_books_close(talk)


@pytest.mark.parametrize("status", [404, 405, 406, 501])
def test_it_falls_back_where_nothing_streams(
    talk: Talk, researcher: Membership, status: int
) -> None:
    talk.rivya.fault("error", on=["chat.stream"], code="", status=status)
    turn = talk.answer(talk.begin(researcher))
    assert (turn.status, turn.is_streamed) == (Status.ANSWERED, False)
    assert paths(talk) == ["completions/stream", "completions"]
    assert_books_close(talk)


def test_it_does_not_ask_elsewhere_what_rivya_itself_calls_absent(
    talk: Talk, researcher: Membership
) -> None:
    talk.rivya.fault("error", on=["chat.stream"], code="not_found", status=404)
    turn = talk.answer(talk.begin(researcher))
    assert (turn.status, turn.error_code) == (Status.FAILED, "not_found")
    assert paths(talk) == ["completions/stream"]
    assert_books_close(talk)


WHOLE = [
    Case("cut_after", I, A, "no_answer"),
    Case("cut_body", I, A, "stream_broken"),
    Case("slow_reply", I, A, "no_answer", options={"seconds": 2}),
    Case("drip", I, A, "no_answer"),
    Case("no_credits", F, F, "insufficient_credits", is_free=True),
    Case("rate_limited", Status.PENDING, A, "rate_limited", sends=2, options={"retry_after": 60}),
]


@pytest.mark.parametrize("case", WHOLE, ids=str)
def test_it_ends_clearly_without_a_stream_too(
    talk: Talk, researcher: Membership, client_of: Any, case: Case
) -> None:
    whole(talk)
    test_it_ends_clearly_and_settles(talk, researcher, client_of, case)


# --- The same call twice --------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["conflict", "wait"])
def test_it_is_charged_once_for_a_request_that_meets_its_own_double(
    talk: Talk, researcher: Membership, variant: str
) -> None:
    """As when something between us and Rivya sends it again: the other one is taken up first."""
    talk.rivya.set(in_flight_variant=variant)
    talk.rivya.fault("slow_accept", times=1, seconds=4)
    turn = talk.begin(researcher)
    double = threading.Thread(target=send_double, args=(turn,))
    double.start()
    wait_for(talk.asked_rivya, what="the double")
    talk.answer(turn)
    double.join(timeout=60)
    if variant == "conflict":
        assert (turn.status, turn.error_code) == (Status.INTERRUPTED, "idempotency_conflict")
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    assert_books_close(talk)


def send_double(turn: Turn) -> None:
    with clients.client_for(turn.api_key) as rivya:
        body, name = bodies.exact_bytes(turn), str(turn.idempotency_key)
        with rivya.chat.stream(body, idempotency_key=name) as stream:
            list(stream)
    connection.close()
