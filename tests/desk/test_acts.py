"""What the desk does to a job: its effect, its refusal, and that a second press does nothing."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404
from django.urls import reverse

from rivya_app.core.models import AppendOnlyError
from rivya_app.credits.models import LedgerEntry
from rivya_app.desk import actions
from rivya_app.desk.actions import CannotHelp
from rivya_app.desk.models import Handled, Note
from rivya_app.gateway.webhook_models import InboxEvent
from rivya_app.generations import jobs, repairs
from rivya_app.generations.models import Generation
from rivya_app.library import jobs as library
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import AuditEntry, Pause
from tests.desk import troubles
from tests.shop import CREDITS
from tests.test_races import at_once
from tests.webhooks import envelope, make_endpoint, tell


def press(browser: Any, job: Generation, code: str) -> Any:
    return browser.post(reverse("desk:do", args=[job.public_id, code]), follow=True)


def assert_written_down(job: Generation, member: Any, act: str, kind: str) -> None:
    entry = AuditEntry.objects.get(act=act)
    assert (entry.user, entry.facts["job"]) == (member.user, str(job.public_id))
    assert job.events.get(kind=kind).member == member


def test_it_asks_rivya_now_and_once(shop, seller, support, client_of):
    job = troubles.stuck(shop, seller)
    troubles.later(job)
    browser = client_of(support)
    press(browser, job, "ask")
    again = press(browser, job, "ask")
    assert "being asked already" in again.content.decode()
    assert_written_down(job, support, "desk.ask", "desk_asked")
    assert shop.finish(job.draft.brief).status == "succeeded"


def test_it_does_not_ask_about_what_rivya_does_not_have(shop, seller, support):
    with pytest.raises(CannotHelp, match="not_sent"):
        actions.repair(
            member=support, code="ask", public_id=troubles.key_refused(shop, seller).public_id
        )
    assert not AuditEntry.objects.filter(act__startswith="desk.").exists()


def test_it_sends_an_uncertain_job_again_and_it_is_charged_once(shop, seller, support, client_of):
    job = troubles.uncertain(shop, seller)
    troubles.later(job)
    browser = client_of(support)
    press(browser, job, "send")
    press(browser, job, "send")
    assert_written_down(job, support, "desk.send", "desk_sent")
    done = shop.finish(job.draft.brief)
    assert (done.status, len(shop.rivya.tasks())) == ("succeeded", 1)
    assert set(shop.sends()) == {str(job.idempotency_key)}
    shop.workspace.credit_account.refresh_from_db()
    assert shop.workspace.credit_account.available == CREDITS - 1


@pytest.mark.parametrize(("look", "why"), [("body_changed", "body_changed"), ("", "paused")])
def test_it_sends_neither_other_bytes_nor_into_a_pause(shop, seller, support, look, why):
    job = troubles.uncertain(shop, seller)
    Generation.objects.filter(pk=job.pk).update(needs_look=bool(look), look_reason=look)
    Pause.objects.create(workspace=shop.workspace)
    with pytest.raises(CannotHelp, match=why):
        actions.repair(member=support, code="send", public_id=job.public_id)


def test_it_copies_a_broken_file_again(shop, seller, support, client_of):
    job = troubles.without_file(shop, seller)
    browser = client_of(support)
    press(browser, job, "copy")
    press(browser, job, "copy")
    assert_written_down(job, support, "desk.copy", "desk_copied")
    shop.work()
    assert StoredFile.objects.get(source=job.reference).is_stored


def test_it_copies_lost_bytes_again_and_they_must_be_the_same(shop, seller, support):
    job = shop.finish(shop.submit(seller))
    file = StoredFile.objects.get(source=job.reference)
    with pytest.raises(CannotHelp, match="copied"):
        actions.repair(member=support, code="copy", public_id=job.public_id)
    Path(default_storage.path(file.storage_name)).unlink()
    assert actions.repair(member=support, code="copy", public_id=job.public_id)
    library.copy(file.pk)
    file.refresh_from_db()
    assert file.is_stored
    assert default_storage.exists(file.storage_name)


def test_it_takes_no_other_bytes_in_their_place(shop, seller, support):
    job = shop.finish(shop.submit(seller))
    files = StoredFile.objects.filter(source=job.reference)
    Path(default_storage.path(files.get().storage_name)).unlink()
    files.update(sha256="0" * 64)
    actions.repair(member=support, code="copy", public_id=job.public_id)
    library.copy(files.get().pk)
    file = files.get()
    assert (file.state, file.trouble, file.sha256) == ("broken", "other_bytes", "0" * 64)


def test_it_lets_go_what_was_held_for_a_job_rivya_never_took(shop, seller, support, client_of):
    job = troubles.key_refused(shop, seller)
    url = reverse("desk:release", args=[job.public_id])
    browser = client_of(support)
    assert "never took this job" in browser.get(url).content.decode()
    assert browser.post(url, {"reason": ""}).status_code == 422
    browser.post(url, {"reason": "The key is gone"})
    second = browser.post(url, {"reason": "The key is gone"}, follow=True)
    assert "The job is over." in second.content.decode()
    job.refresh_from_db()
    assert (job.status, job.error_code, job.final_credits) == ("failed", "released_by_desk", 0)
    assert_written_down(job, support, "desk.release", "released")
    assert LedgerEntry.objects.filter(reference=job.reference, kind="release").count() == 1
    shop.workspace.credit_account.refresh_from_db()
    assert shop.workspace.credit_account.available == CREDITS
    jobs.submit(job.public_id)
    assert shop.rivya.tasks() == []


def test_it_keeps_what_rivya_may_have(shop, seller, support, owner, client_of):
    job = troubles.uncertain(shop, seller)
    with pytest.raises(CannotHelp, match="uncertain"):
        actions.repair(member=support, code="release", public_id=job.public_id, reason="x")
    with pytest.raises(PermissionDenied):
        actions.release_unsure(member=support, public_id=job.public_id, reason="x")
    url = reverse("desk:release-unsure", args=[job.public_id])
    assert client_of(support).get(url).status_code == 403
    browser = client_of(owner)
    assert "under Credits" in browser.get(url).content.decode()
    assert browser.post(url, {"reason": "No answer"}).status_code == 422
    page = browser.post(url, {"reason": "No answer", "is_understood": "on"}, follow=True)
    job.refresh_from_db()
    assert (job.status, job.final_credits) == ("failed", None)
    assert "What it cost in the end is not known" in page.content.decode()
    assert AuditEntry.objects.get(act="desk.release_unsure").facts["reason"] == "No answer"


def test_letting_go_without_an_answer_asks_for_the_password_again(shop, seller, owner):
    from django.test import Client

    browser = Client()
    browser.force_login(owner.user)
    url = reverse("desk:release-unsure", args=[troubles.uncertain(shop, seller).public_id])
    assert browser.get(url).url.startswith(reverse("account_reauthenticate"))


def test_it_does_not_end_a_job_that_runs(shop, seller, owner):
    job = troubles.running(shop, seller)
    asked = {"member": owner, "public_id": job.public_id, "reason": "x"}
    with pytest.raises(CannotHelp, match="at_rivya"):
        actions.repair(code="release", **asked)
    with pytest.raises(CannotHelp, match="runs"):
        actions.release_unsure(**asked)


def let_go_while_sending(shop: Any, job: Generation, support: Any) -> tuple[int, str]:
    """A worker sends it while the desk ends it; tasks at Rivya, and how the job stands."""

    def act(number: int) -> None:
        if number:
            jobs.submit(job.public_id)
        else:
            actions.repair(member=support, code="release", public_id=job.public_id, reason="x")

    at_once(2, act)
    job.refresh_from_db()
    return len(shop.rivya.tasks()), job.status


def test_a_job_is_either_sent_or_let_go(shop, seller, support):
    job = troubles.key_refused(shop, seller)
    shop.rivya.change_key("production-image-workflow", state="active")
    assert let_go_while_sending(shop, job, support) in {(0, "failed"), (1, "processing")}


def test_a_job_that_is_being_sent_is_not_let_go(shop, seller, support, monkeypatch):
    job = shop.job(shop.submit(seller))
    assert jobs._claim_for_submit(job.public_id)
    with pytest.raises(CannotHelp, match="being_sent"):
        actions.repair(member=support, code="release", public_id=job.public_id, reason="x")
    # The guard removed: the row is closed though the call is under way.
    monkeypatch.setattr(repairs, "why_not_release", lambda _job: "")
    assert actions.repair(member=support, code="release", public_id=job.public_id, reason="x")


def test_it_applies_a_waiting_message_again(shop, seller, support, client_of):
    job = troubles.running(shop, seller)
    tell(make_endpoint(shop), envelope({"id": job.task_id, "status": "succeeded"}))
    InboxEvent.objects.update(next_try_at="2100-01-01T00:00Z", subject=job.task_id)
    event = InboxEvent.objects.get()
    browser = client_of(support)
    page = browser.get(reverse("desk:show", args=[job.public_id])).content.decode()
    assert "Apply the message again" in page
    browser.post(reverse("desk:replay"), {"event": event.event_id})
    event.refresh_from_db()
    assert event.next_try_at.year < 2100
    assert AuditEntry.objects.get(act="desk.replay").subject == event.event_id
    assert job.events.filter(kind="desk_replayed").exists()


def test_it_does_not_apply_a_settled_message(shop, support, client_of):
    tell(make_endpoint(shop), envelope({"id": "task", "status": "succeeded"}))
    InboxEvent.objects.update(
        state="ignored", settled_at="2026-01-01T00:00Z", next_try_at=None, body=""
    )
    event = InboxEvent.objects.get()
    page = client_of(support).post(reverse("desk:replay"), {"event": event.event_id}, follow=True)
    assert "Ask Rivya about the job instead" in page.content.decode()
    assert not AuditEntry.objects.filter(act="desk.replay").exists()


def test_a_note_is_kept_once_and_for_ever(shop, seller, support, client_of):
    job = troubles.failed(shop, seller)
    url = reverse("desk:write-note", args=[job.public_id])
    typed = {"token": str(uuid4()), "text": "Asked Rivya by mail."}
    browser = client_of(support)
    assert browser.post(url, {**typed, "text": " "}).status_code == 422
    for _press in range(2):
        browser.post(url, typed)
    note = Note.objects.get()
    assert (note.member, note.text) == (support, "Asked Rivya by mail.")
    with pytest.raises(AppendOnlyError):
        note.delete()
    page = browser.get(reverse("desk:show", args=[job.public_id])).content.decode()
    assert "Asked Rivya by mail." in page
    assert AuditEntry.objects.filter(act="desk.note").count() == 1


def test_it_marks_as_handled_once_and_takes_it_back(shop, seller, support):
    job = troubles.failed(shop, seller)
    asked = {"member": support, "kind": "failed", "reference": job.reference}
    results = at_once(3, lambda _number: actions.mark_handled(**asked))
    assert sorted(results, key=str) == [False, False, True]
    assert Handled.objects.count() == 1
    assert actions.put_back(**asked)
    assert not actions.put_back(**asked)
    assert list(AuditEntry.objects.order_by("id").values_list("act", flat=True))[-2:] == [
        "desk.handle",
        "desk.reopen",
    ]


def test_it_marks_nothing_that_is_not_in_the_list(shop, seller, support, stranger):
    job = troubles.failed(shop, seller)
    for member, kind in ((support, "stuck"), (stranger, "failed")):
        with pytest.raises(Http404):
            actions.mark_handled(member=member, kind=kind, reference=job.reference)


def test_sellers_and_strangers_repair_nothing(shop, seller, manager, stranger):
    job = troubles.key_refused(shop, seller)
    for member, refusal in ((seller, PermissionDenied), (manager, PermissionDenied)):
        with pytest.raises(refusal):
            actions.repair(member=member, code="send", public_id=job.public_id)
        with pytest.raises(refusal):
            actions.write_note(member=member, public_id=job.public_id, text="x", token=uuid4())
        with pytest.raises(refusal):
            actions.replay_event(member=member, event_id="x")
    with pytest.raises(Http404):
        actions.repair(member=stranger, code="send", public_id=job.public_id)


def test_support_can_do_nothing_that_costs(shop, seller, support, client_of):
    """A new attempt is a new job with a price: those buttons are not theirs."""
    job = troubles.failed(shop, seller)
    browser = client_of(support)
    for name in ("briefs:attempt-of-job", "briefs:of-job"):
        answer = browser.get(reverse(name, args=[job.public_id]))
        assert (answer.status_code == 403) == (name == "briefs:attempt-of-job")
    assert browser.get(reverse("briefs:new")).status_code == 403
    holds = LedgerEntry.objects.filter(kind="hold").count()
    for code in ("ask", "send", "copy"):
        press(browser, job, code)
    assert LedgerEntry.objects.filter(kind="hold").count() == holds
