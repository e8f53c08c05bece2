"""Questions to the assistant at the desk: what stands there, what helps, and nothing of their
words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.chat import settling, sweep
from rivya_app.chat.models import Turn
from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount
from rivya_app.desk import actions, listing, sources
from rivya_app.desk.listing import Filters
from rivya_app.desk.models import Handled, Note
from rivya_app.workspaces.models import AuditEntry, Membership
from tests.chat.talk import Talk

SECRET = "Our new saffron line for Diwali"


def aged(turn: Turn, **length: float) -> Turn:
    """As if all of it had been so long ago, and its next look were far away."""
    length = length or {"minutes": 40}
    ago = clock.now() - timedelta(**length)
    times: dict[str, Any] = {"created_at": ago, "next_check_at": clock.now() + timedelta(hours=1)}
    if turn.finished_at:
        times["finished_at"] = ago
    Turn.objects.filter(pk=turn.pk).update(**times)
    turn.refresh_from_db()
    return turn


def unsettled(talk: Talk, member: Membership, text: str = SECRET) -> Turn:
    """Broke off with some of its text, and its session never told more."""
    return aged(talk.answer(talk.begin(member, f"{text} [[sse_break]]")))


def waiting(talk: Talk, member: Membership) -> Turn:
    """Its key is refused."""
    talk.rivya.change_key("production-image-workflow", state="revoked")
    return aged(talk.answer(talk.begin(member, SECRET)), minutes=10)


def failed(talk: Talk, member: Membership) -> Turn:
    return talk.settle(talk.answer(talk.begin(member, f"{SECRET} [[sse_error]]")))


def standing(member: Membership) -> dict[str, list[str]]:
    return {
        kind: [row.ref for row in listing.find(member, sources.by_kind(kind), Filters())]
        for kind in ("questions", "answers")
    }


def page_of(browser: Any, turn: Turn) -> Any:
    return browser.get(reverse("desk:show-turn", args=[turn.public_id]))


def press(browser: Any, turn: Turn, code: str) -> Any:
    return browser.post(reverse("desk:do-turn", args=[turn.public_id, code]), follow=True)


def held(turn: Turn) -> Decimal:
    return CreditAccount.objects.get(workspace=turn.workspace).held


def test_it_lists_what_waits_and_what_broke(talk: Talk, researcher, support, stranger, client_of):
    quick = talk.answer(talk.begin(researcher))
    bad, unknown = failed(talk, researcher), unsettled(talk, researcher)
    late = waiting(talk, researcher)
    lists = standing(support)
    assert lists["questions"] == [late.reference, unknown.reference]
    assert set(lists["answers"]) == {bad.reference, unknown.reference}
    assert quick.reference not in str(lists)
    assert standing(stranger) == {"questions": [], "answers": []}
    browser = client_of(support)
    shown = browser.get(reverse("desk:index"), {"kind": "questions"})
    causes = {row.item.reference: row.cause for row in shown.context["rows"]}
    assert causes[unknown.reference] == "What it cost is not known yet"
    assert causes[late.reference] == "The key was revoked"
    everything = browser.get(reverse("desk:index"), {"kind": "answers"}).content.decode()
    assert "The answer broke off" in everything
    assert reverse("desk:show-turn", args=[bad.public_id]) in everything


def test_an_owners_no_is_no_trouble(talk: Talk, researcher, support):
    turn = failed(talk, researcher)
    Turn.objects.filter(pk=turn.pk).update(error_code="owner_refused")
    assert standing(support)["answers"] == []


@pytest.mark.parametrize("kind", ["questions", "answers"])
def test_it_shows_none_of_its_words(talk: Talk, researcher, support, owner, client_of, kind):
    turn = unsettled(talk, researcher)
    turn.refresh_from_db()
    assert SECRET in turn.conversation.title
    assert turn.answer
    for member in (support, owner):
        browser = client_of(member)
        press(browser, turn, "turn_look")
        pages = [
            browser.get(reverse("desk:index"), {"kind": kind}),
            page_of(browser, turn),
            browser.get(reverse("desk:give-up-turn", args=[turn.public_id])),
            browser.post(
                reverse("desk:several"),
                {"act": "turn_look", "kind": "questions", "ref": [turn.reference]},
            ),
            browser.get(reverse("team:audit")),
        ]
        for shown in pages:
            said = shown.content.decode()
            assert SECRET not in said
            assert "saffron" not in said
            assert turn.answer[:20] not in said
    assert not any("saffron" in str(row.__dict__) for row in AuditEntry.objects.all())


def test_its_rows_are_read_without_their_words(talk: Talk, researcher, support, client_of):
    turn = unsettled(talk, researcher)
    with CaptureQueriesContext(connection) as asked:
        page_of(client_of(support), turn)
    read = [query["sql"] for query in asked if 'FROM "chat_turn"' in query["sql"]]
    assert read
    assert not any(
        f'"chat_turn"."{name}"' in sql for sql in read for name in ("question", "answer")
    )


def test_it_tells_the_whole_story_in_order(talk: Talk, researcher, support, client_of):
    turn = talk.settle(talk.answer(talk.begin(researcher, "Why clay? [[sse_break]]")))
    shown = page_of(client_of(support), turn)
    words = [step.words for step in shown.context["steps"]]
    for expected in (
        "Question asked",
        "3 credits held here before the call",
        "Sent to Rivya",
        "The end of the answer was not seen",
        "The whole answer was found in its session",
    ):
        assert expected in words, words
    times = [step.at for step in shown.context["steps"]]
    assert times == sorted(times)
    assert ("Code", "") not in shown.context["details"]
    assert dict(shown.context["details"])["Request at Rivya"] == turn.request_id != ""


def test_a_look_at_the_session_settles_it(talk: Talk, researcher, support, client_of):
    turn = unsettled(talk, researcher)
    press(client_of(support), turn, "turn_look")
    turn.refresh_from_db()
    assert turn.next_check_at <= clock.now()
    settling.settle(turn.public_id)
    turn.refresh_from_db()
    assert (turn.status, turn.is_settled, held(turn)) == ("answered", True, 0)
    assert turn.events.filter(kind="desk_asked", member=support).exists()
    assert AuditEntry.objects.filter(act="desk.turn_look").count() == 1


def test_a_second_press_changes_nothing(talk: Talk, researcher, support, client_of):
    turn = unsettled(talk, researcher)
    browser = client_of(support)
    press(browser, turn, "turn_look")
    assert "is being looked at already" in press(browser, turn, "turn_look").content.decode()
    assert turn.events.filter(kind="desk_asked").count() == 1


def test_a_waiting_one_is_sent_now_with_the_same_number(talk: Talk, researcher, support, client_of):
    turn = aged(talk.begin(researcher), minutes=10)  # its task was lost
    number = turn.idempotency_key
    assert sweep.sweep() == 0
    press(client_of(support), turn, "turn_send")
    assert sweep.sweep() == 1
    talk.answer(turn)
    assert (turn.status, turn.idempotency_key) == ("answered", number)


def test_it_offers_only_what_helps_and_says_why_the_rest_does_not(
    talk: Talk, researcher, support, client_of
):
    browser = client_of(support)

    def offered(turn: Turn) -> list[str]:
        context = page_of(browser, turn).context
        assert all(offer.why_not for offer in context["no_offers"])
        return [offer.act.code for offer in context["offers"]]

    turn = unsettled(talk, researcher)
    assert offered(turn) == ["turn_look"]
    Turn.objects.filter(pk=turn.pk).update(check_count=3)
    assert offered(turn) == ["turn_look", "turn_give_up"]
    assert offered(talk.answer(talk.begin(researcher))) == []
    assert offered(waiting(talk, researcher)) == ["turn_send"]


def give_up(browser: Any, turn: Turn, reason: str) -> Any:
    return browser.post(reverse("desk:give-up-turn", args=[turn.public_id]), {"reason": reason})


def test_giving_up_keeps_the_cost_as_a_guess_with_a_reason(
    talk: Talk, researcher, support, client_of
):
    turn = unsettled(talk, researcher)
    browser = client_of(support)
    give_up(browser, turn, "Rivya lost it")
    turn.refresh_from_db()
    assert not turn.is_settled  # it was hardly asked about
    Turn.objects.filter(pk=turn.pk).update(check_count=3)
    assert give_up(browser, turn, "").status_code == 422
    give_up(browser, turn, "Rivya lost it")
    turn.refresh_from_db()
    assert turn.is_settled
    assert turn.is_cost_guessed
    assert (turn.final_credits, held(turn)) == (turn.estimated_credits, 0)
    assert turn.events.get(kind="desk_gave_up").details["why"] == "Rivya lost it"
    assert AuditEntry.objects.get(act="desk.turn_give_up").facts["reason"] == "Rivya lost it"
    give_up(browser, turn, "again")
    assert turn.events.filter(kind="desk_gave_up").count() == 1


def test_giving_up_where_nothing_came_frees_what_was_held(
    talk: Talk, researcher, support, client_of
):
    turn = unsettled(talk, researcher)
    Turn.objects.filter(pk=turn.pk).update(check_count=3, answer="")
    give_up(client_of(support), turn, "Nothing came")
    turn.refresh_from_db()
    assert (turn.final_credits, turn.is_cost_guessed, held(turn)) == (0, True, 0)


def test_several_at_once_and_each_says_what_came_of_it(talk: Talk, researcher, support, client_of):
    first, second = unsettled(talk, researcher), unsettled(talk, researcher)
    browser, url = client_of(support), reverse("desk:several")
    asked = {
        "act": "turn_look",
        "kind": "questions",
        "ref": [first.reference, second.reference, "turn:nothing", "generation:x"],
    }
    shown = browser.post(url, asked)
    able = [line.reference for line in shown.context["able"]]
    assert able == [first.reference, second.reference]
    assert len(shown.context["left_out"]) == 2
    done = browser.post(url, {**asked, "ref": able, "confirmed": "1"})
    assert [line.reference for line in done.context["changed"]] == able
    again = browser.post(url, {**asked, "ref": able, "confirmed": "1"})
    assert again.context["changed"] == []


def test_it_is_marked_as_handled_in_one_list_alone(talk: Talk, researcher, support):
    turn = unsettled(talk, researcher)
    actions.mark_handled(member=support, kind="questions", reference=turn.reference)
    lists = standing(support)
    assert (lists["questions"], lists["answers"]) == ([], [turn.reference])
    assert Handled.objects.get().reference == turn.reference
    assert turn.events.filter(kind="desk_handled").exists()


def test_a_note_is_kept_once(talk: Talk, researcher, support, client_of):
    turn = unsettled(talk, researcher)
    browser, url = client_of(support), reverse("desk:write-turn-note", args=[turn.public_id])
    token = page_of(browser, turn).context["note_form"]["token"].value()
    for _press in range(2):
        browser.post(url, {"token": token, "text": "Asked Rivya by mail"})
    assert Note.objects.get(reference=turn.reference).text == "Asked Rivya by mail"
    assert "Asked Rivya by mail" in page_of(browser, turn).content.decode()


def test_another_workspaces_question_is_nowhere(talk: Talk, researcher, stranger, client_of):
    turn = unsettled(talk, researcher)
    browser = client_of(stranger)  # an owner, elsewhere
    assert page_of(browser, turn).status_code == 404
    for code in ("turn_look", "turn_send"):
        assert press(browser, turn, code).status_code == 404
    assert give_up(browser, turn, "Mine").status_code == 404


def test_a_list_costs_the_same_however_long(talk: Talk, researcher, support, client_of):
    browser = client_of(support)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("desk:index"), {"kind": "questions"})
        return len(asked)

    unsettled(talk, researcher)
    queries()
    one = queries()
    for _more in range(3):
        unsettled(talk, researcher)
    assert queries() == one
