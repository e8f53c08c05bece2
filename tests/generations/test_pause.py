"""The pause: nothing new is sent while it lasts, and everything once, in its order, after it."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount
from rivya_app.generations import jobs, overdue, sweep, tasks
from rivya_app.generations.models import Generation
from rivya_app.library import sending
from rivya_app.library.models import RemoteCopy
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import AuditEntry, Pause, User
from tests.library.test_strip import photo
from tests.test_races import at_once


@pytest.fixture
def published(monkeypatch) -> list[str]:
    """The jobs that the sweep hands to workers, in order."""
    found: list[str] = []
    monkeypatch.setattr(
        tasks.submit_generation, "delay", lambda *, generation_id: found.append(generation_id)
    )
    return found


@pytest.fixture
def staff(db) -> User:
    return User.objects.create_user("staff@server.example", name="Server Staff", is_staff=True)


def begin(member: Any, reason: str = "Rivya is down") -> Pause:
    return pauses.begin(member=member, reason=reason)


def test_nothing_is_sent_while_it_lasts_and_all_once_after_it(shop, seller, owner):
    begin(owner)
    briefs = [shop.submit(seller) for _number in range(3)]
    for _round in range(3):
        shop.work()
    assert shop.sends() == []
    assert set(Generation.objects.values_list("status", "submit_count")) == {("queued", 0)}
    assert CreditAccount.objects.get(workspace=shop.workspace).held == 3
    pauses.end(member=owner)
    for brief in briefs:
        shop.finish(brief)
    assert len(shop.sends()) == len(set(shop.sends())) == 3


def test_it_would_be_sent_without_the_check_where_jobs_are_claimed(
    shop, seller, owner, monkeypatch
):
    begin(owner)
    shop.submit(seller)
    monkeypatch.setattr(jobs.pauses, "is_paused", lambda _key: False)
    shop.work()
    assert len(shop.sends()) == 1


def test_the_sweep_leaves_it_out_and_keeps_the_order_afterwards(shop, seller, owner, published):
    early = [shop.job(shop.submit(seller)) for _number in range(2)]
    published.clear()
    sweep._publish_waiting()  # handed out before the pause, and lost with its worker
    assert len(published) == 2
    begin(owner)
    late = [shop.job(shop.submit(seller)) for _number in range(2)]
    published.clear()
    with clock.at(clock.now() + timedelta(minutes=10)):
        sweep._publish_waiting()
    assert published == []
    pauses.end(member=owner)
    sweep._publish_waiting()
    assert published == [str(job.public_id) for job in (*early, *late)]


def test_a_worker_that_is_killed_between_loses_nothing(shop, seller, owner, monkeypatch):
    job = shop.job(shop.submit(seller))
    begin(owner)
    jobs.submit(job.public_id)  # the message that was under way
    pauses.end(member=owner)
    claim = jobs._claim_for_submit

    def killed(public_id: Any) -> Any:
        claim(public_id)
        raise SystemExit

    monkeypatch.setattr(jobs, "_claim_for_submit", killed)
    with pytest.raises(SystemExit):
        jobs.submit(job.public_id)
    monkeypatch.setattr(jobs, "_claim_for_submit", claim)
    begin(owner)
    with clock.at(clock.now() + timedelta(minutes=5)):
        sweep._take_back_lost_sends()
    jobs.submit(job.public_id)
    assert shop.sends() == []
    pauses.end(member=owner)
    jobs.submit(job.public_id)
    assert len(shop.sends()) == 1


def test_what_runs_at_rivya_goes_on(shop, seller, owner):
    brief = shop.submit(seller)
    jobs.submit(shop.job(brief).public_id)
    begin(owner)
    shop.finish(brief)
    assert shop.job(brief).status == "succeeded"


def test_a_pause_of_one_workspace_holds_no_other(shop, seller, owner, stranger):
    begin(stranger)
    shop.submit(seller)
    shop.work()
    assert len(shop.sends()) == 1


def test_the_servers_pause_holds_what_a_workspace_resumes(shop, seller, owner, staff, published):
    begin(owner)
    pauses.begin_for(None, user=staff, reason="Provider down")
    shop.submit(seller)
    assert pauses.end(member=owner)
    published.clear()
    sweep._publish_waiting()
    shop.work()
    assert (published, shop.sends()) == ([], [])
    assert pauses.pause_of(shop.workspace).workspace is None
    assert pauses.end_for(None, user=staff)
    shop.work()
    assert len(shop.sends()) == 1


def test_reference_files_wait_too(shop, seller, owner):
    begin(owner)
    file = shop.upload(seller, photo(), "mug.jpg")
    shop.submit(seller, model_id="nano-banana-2", params={}, references=(file,))
    assert RemoteCopy.objects.filter(state="wanted").count() == 1
    shop.send_references()
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert sending.sweep() == 0
    assert RemoteCopy.objects.get().attempt_count == 0
    pauses.end(member=owner)
    shop.send_references()
    assert RemoteCopy.objects.get().state == "ready"


def test_nobody_is_asked_to_look_because_of_a_pause(shop, seller, owner):
    begin(owner)
    file = shop.upload(seller, photo(), "mug.jpg")
    shop.submit(seller, model_id="nano-banana-2", params={}, references=(file,))
    with clock.at(clock.now() + timedelta(hours=2)):
        assert overdue.ask_about_late_jobs() == 0
        pauses.end(member=owner)
        assert overdue.ask_about_late_jobs() == 0  # it has its time, from now on
    with clock.at(clock.now() + timedelta(hours=3)):
        assert overdue.ask_about_late_jobs() == 1


# --- Who, and the record --------------------------------------------------------------------------


def test_owners_and_support_pause_and_nobody_else(owner, support, seller, manager, researcher):
    for other in (seller, manager, researcher):
        with pytest.raises(PermissionDenied):
            begin(other)
        with pytest.raises(PermissionDenied):
            pauses.end(member=other)
    with pytest.raises(PermissionDenied):
        pauses.begin_for(None, user=owner.user, reason="")
    begin(support)
    assert pauses.end(member=owner)
    assert not pauses.end(member=owner)
    kept = Pause.objects.get()
    assert (kept.began_by, kept.ended_by) == (support.user, owner.user)
    acts = AuditEntry.objects.filter(act__startswith="pause.").order_by("id")
    assert list(acts.values_list("act", "by")) == [
        ("pause.began", "Leela Support"),
        ("pause.ended", "Vikram Owner"),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_begin_one_pause_and_end_it_once(owner, support):
    people = (owner, support)
    found = at_once(2, lambda number: begin(people[number]).pk)
    assert len(set(found)) == 1
    assert Pause.objects.count() == 1
    ended = at_once(2, lambda number: pauses.end(member=people[number]))
    assert sorted(ended) == [False, True]
    assert AuditEntry.objects.filter(act="pause.ended").count() == 1


def test_whoever_runs_the_server_has_a_command(workspace, owner):
    said = StringIO()
    call_command("pause", "on", "--reason", "Provider down", stdout=said)
    assert pauses.pause_of(workspace).reason == "Provider down"
    call_command("pause", "off", stdout=said)
    assert pauses.pause_of(workspace) is None
    call_command("pause", "off", stdout=said)
    call_command("pause", "on", "--workspace", str(workspace.public_id), stdout=said)
    assert pauses.pause_of(workspace).workspace == workspace
    assert "There is no pause everywhere." in said.getvalue()
    with pytest.raises(CommandError):
        call_command("pause", "on", "--workspace", "nobody", stdout=said)
    acts = AuditEntry.objects.filter(workspace=workspace).values_list("act", flat=True)
    assert set(acts) == {"pause.began", "pause.began_everywhere", "pause.ended_everywhere"}


# --- What people see ------------------------------------------------------------------------------


def test_everybody_sees_why_and_who_may_ends_it(shop, seller, owner, client_of):
    brief = shop.submit(seller)
    assert "Sending to Rivya is paused" not in client_of(seller).get("/").content.decode()
    client_of(owner).post("/pause/begin/", {"reason": "Rivya is down"})
    page = client_of(seller).get("/").content.decode()
    for part in ("Sending to Rivya is paused", "Paused by Vikram Owner", "Rivya is down"):
        assert part in page
    assert "End the pause" not in page
    job = shop.job(brief)
    page = client_of(seller).get(f"/jobs/{job.public_id}/").content.decode()
    assert "Paused: it keeps its place" in page
    assert "Nothing was sent to Rivya for this job yet" in page
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "Paused: it keeps its place" in page
    assert "the drafts keep their place" in page
    assert "End the pause" in client_of(owner).get("/").content.decode()
    client_of(owner).post("/pause/end/")
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "paused" not in page.lower()


def test_the_page_keeps_what_was_typed_and_the_history(owner, manager, client_of):
    browser = client_of(owner)
    wrong = browser.post("/pause/begin/", {"reason": ""})
    assert wrong.status_code == 422
    assert not Pause.objects.exists()
    browser.post("/pause/begin/", {"reason": "Rivya is down"})
    browser.post("/pause/end/")
    page = client_of(manager).get("/pause/").content.decode()
    assert "Rivya is down" in page
    assert "Vikram Owner" in page
    assert "Pause sending" not in page


def test_staff_pause_the_whole_server_by_their_own_page(owner, staff, client_of, workspace):
    from django.test import Client

    browser = Client()
    browser.force_login(staff)
    browser.post("/pause/everywhere/", {"reason": "Provider down"})
    page = client_of(owner).get("/pause/").content.decode()
    assert "The whole server is paused" in page
    assert client_of(owner).post("/pause/everywhere/end/").status_code == 403
    assert "Sending is paused everywhere" in browser.get("/pause/everywhere/").content.decode()
    browser.post("/pause/everywhere/end/")
    assert pauses.pause_of(workspace) is None
