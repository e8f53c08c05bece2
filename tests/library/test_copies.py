"""Copying results home: once, whole, and in spite of everything."""

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from rivya_app.core import clock
from rivya_app.library import actions, blobs, fetch, jobs, media, sources, troubles, vault
from rivya_app.library.models import StoredFile
from rivya_app.rivya_api import errors
from rivya_app.workspaces.models import Membership, Workspace
from tests.library.conftest import Expect, Server, Told, body, bomb, picture, status

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What kill -9 is to a worker: nothing of ours runs afterwards."""


@pytest.fixture(autouse=True)
def a_picture(server: Server) -> None:
    server.answers["/a.png"] = body(picture())


def later(**pause: float) -> None:
    """Let time pass for every file that rests or is claimed."""
    past = clock.now() - timedelta(seconds=1)
    StoredFile.objects.exclude(not_before=None).update(not_before=past, next_copy_at=past)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_it_announces_files_once_and_publishes_on_commit(
    expect: Expect, server: Server, published: list[int], workspace: Workspace
) -> None:
    file = expect(f"{server.url}/a.png")
    assert published == [file.pk]
    again = expect(f"{server.url}/other.png")
    assert again.pk == file.pk
    assert StoredFile.objects.count() == 1


def test_it_publishes_nothing_when_the_transaction_fails(
    expect: Expect, published: list[int], workspace: Workspace
) -> None:
    def fail() -> None:
        expect("http://x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transaction.atomic(fail)()
    assert published == []
    assert not StoredFile.objects.exists()


def test_it_insists_on_a_transaction(workspace: Workspace) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        vault.expect(
            workspace=workspace,
            made_by=None,
            source="test:9",
            urls=[],
            expected_kind="image",
            title="",
        )


def test_it_keeps_the_link_sealed_and_wipes_it_afterwards(expect: Expect, server: Server) -> None:
    link = f"{server.url}/a.png?signature=very-secret"
    file = expect(link)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM library_storedfile t")
        assert "very-secret" not in cursor.fetchone()[0]
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert not file.remote_url


def test_it_stores_bytes_facts_and_thumbnail(
    expect: Expect, server: Server, told: Told, vault_dir: Path
) -> None:
    content = picture(1200, 600)
    server.answers["/a.png"] = body(content, Content_Type="text/html")
    file = expect(f"{server.url}/a.png")
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert file.state == StoredFile.State.STORED
    assert (file.width, file.height, file.size) == (1200, 600, len(content))
    assert file.mime_type == "image/png"
    assert (vault_dir / file.storage_name).read_bytes() == content
    assert file.sha256 in file.storage_name
    assert (vault_dir / file.thumbnail_name).is_file()
    assert file.next_copy_at is None
    assert told.changes == ["stored"]


def test_it_copies_only_once(expect: Expect, server: Server, told: Told) -> None:
    file = expect(f"{server.url}/a.png")
    for _ in range(3):
        jobs.copy(file.pk)
    assert len(server.asked) == 1
    assert told.changes == ["stored"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (fetch, "fetch"),
        (media, "examine"),
        (blobs, "keep"),
        (blobs, "_put"),
        (jobs, "_store"),
        (jobs, "_bring_home"),
    ],
)
@pytest.mark.parametrize("is_after", [False, True])
def test_it_survives_a_worker_that_dies_anywhere(
    expect: Expect,
    server: Server,
    told: Told,
    vault_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    is_after: bool,
) -> None:
    file = expect(f"{server.url}/a.png")
    real = getattr(place, name)

    def die(*args: Any, **kwargs: Any) -> None:
        if is_after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(place, name, die)
        with pytest.raises(Killed):
            jobs.copy(file.pk)
    file.refresh_from_db()
    if not (place is jobs and name == "_store" and is_after):
        assert file.state == StoredFile.State.PENDING
    later()
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert file.state == StoredFile.State.STORED
    assert told.changes == ["stored"]
    names = [path.relative_to(vault_dir).as_posix() for path in files_in(vault_dir)]
    assert names == sorted([file.storage_name, file.thumbnail_name])


def test_it_rolls_back_whole_when_it_dies_while_storing(
    expect: Expect, server: Server, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = expect(f"{server.url}/a.png")

    def die(_file: StoredFile) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setitem(sources._sources, "test", sources.Source(told.fresh_urls, die))
        with pytest.raises(Killed):
            jobs.copy(file.pk)
    file.refresh_from_db()
    assert file.state == StoredFile.State.PENDING
    later()
    jobs.copy(file.pk)
    assert told.changes == ["stored"]


def test_it_leaves_no_half_file_under_a_final_name(
    expect: Expect, server: Server, vault_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = expect(f"{server.url}/a.png")

    def die(_number: int) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("rivya_app.library.blobs.os.fsync", die)
        with pytest.raises(Killed):
            jobs.copy(file.pk)
    assert [path for path in files_in(vault_dir) if "incoming" not in path.parts] == []


def test_it_clears_away_what_a_killed_worker_left(vault_dir: Path) -> None:
    left, busy = vault_dir / "incoming" / "left", vault_dir / "incoming" / "busy"
    left.parent.mkdir(parents=True)
    for path in (left, busy):
        path.write_bytes(b"half")
    long_ago = time.time() - 24 * 3600
    os.utime(left, (long_ago, long_ago))
    jobs.sweep_copies()
    assert files_in(vault_dir) == [busy]


def test_it_lets_only_one_of_two_workers_copy(expect: Expect, server: Server, told: Told) -> None:
    file = expect(f"{server.url}/a.png")
    at_once = threading.Barrier(4)

    def worker() -> None:
        at_once.wait()
        try:
            jobs.copy(file.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1
    assert told.changes == ["stored"]


def test_it_stores_once_even_when_a_lease_ran_out_under_a_slow_worker(
    expect: Expect, server: Server, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = expect(f"{server.url}/a.png")
    real = media.examine

    def slow(path: Path, *, expected_kind: str) -> media.Facts:
        monkeypatch.setattr(media, "examine", real)
        later()
        jobs.copy(file.pk)
        return real(path, expected_kind=expected_kind)

    monkeypatch.setattr(media, "examine", slow)
    jobs.copy(file.pk)
    assert told.changes == ["stored"]
    assert len(server.asked) == 2


def test_it_takes_a_fresh_link_when_the_old_one_ran_out(
    expect: Expect, server: Server, told: Told
) -> None:
    told.fresh = [f"{server.url}/a.png"]
    file = expect(f"{server.url}/expired.png")
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert file.state == StoredFile.State.STORED
    assert server.asked == ["/expired.png", "/a.png"]


def test_it_waits_when_rivya_cannot_give_a_fresh_link(
    expect: Expect, server: Server, told: Told
) -> None:
    told.fresh_error = errors.TransportError("down", maybe_sent=False)
    file = expect(f"{server.url}/expired.png")
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert (file.state, file.trouble) == (StoredFile.State.PENDING, "unreachable")
    told.fresh_error, told.fresh = None, [f"{server.url}/a.png"]
    later()
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert file.state == StoredFile.State.STORED


def test_it_rests_longer_each_time_and_heals_itself(
    expect: Expect, server: Server, told: Told
) -> None:
    server.answers["/a.png"] = status(503)
    file = expect(f"{server.url}/a.png")
    pauses = []
    for _ in range(5):
        later()
        jobs.copy(file.pk)
        jobs.copy(file.pk)  # still resting: nothing happens
        file.refresh_from_db()
        assert file.not_before is not None
        pauses.append((file.not_before - clock.now()).total_seconds())
    assert file.attempt_count == 5
    assert pauses[0] < 3
    assert pauses == sorted(pauses)
    server.answers["/a.png"] = body(picture())
    later()
    jobs.copy(file.pk)
    assert told.changes == ["stored"]


def test_it_gives_up_after_all_attempts_and_says_so_once(
    expect: Expect, server: Server, told: Told
) -> None:
    server.answers["/a.png"] = status(503)
    file = expect(f"{server.url}/a.png")
    for _ in range(jobs.MOST_ATTEMPTS + 3):
        later()
        jobs.copy(file.pk)
    file.refresh_from_db()
    assert (file.state, file.trouble) == (StoredFile.State.BROKEN, "server_error")
    assert len(server.asked) == jobs.MOST_ATTEMPTS
    assert told.changes == ["broken"]


def test_it_gives_up_on_a_file_that_kills_every_worker(
    expect: Expect, server: Server, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = expect(f"{server.url}/a.png")

    def die(*_args: object, **_kwargs: object) -> None:
        raise Killed

    monkeypatch.setattr(media, "examine", die)
    for _ in range(jobs.MOST_ATTEMPTS):
        later()
        with pytest.raises(Killed):
            jobs.copy(file.pk)
    later()
    jobs.copy(file.pk)
    assert told.changes == ["broken"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body>Gone</body></html>", "wrong_kind"),
        (picture()[:60], "broken_media"),
        (bomb(), "too_many_pixels"),
    ],
)
def test_it_refuses_bad_content_after_a_few_tries(
    expect: Expect, server: Server, told: Told, vault_dir: Path, content: bytes, code: str
) -> None:
    server.answers["/a.png"] = body(content)
    file = expect(f"{server.url}/a.png")
    for _ in range(jobs.MOST_ATTEMPTS_AT_BAD_CONTENT):
        later()
        jobs.copy(file.pk)
    file.refresh_from_db()
    assert (file.state, file.trouble) == (StoredFile.State.BROKEN, code)
    assert files_in(vault_dir) == []
    assert troubles.copy_words(code).happened


def test_it_refuses_what_is_too_large_at_once(
    expect: Expect, server: Server, told: Told, settings: Any
) -> None:
    settings.RESULT_MAX_BYTES = 10
    file = expect(f"{server.url}/a.png")
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert (file.state, file.trouble) == (StoredFile.State.BROKEN, "too_large")


def test_it_sweeps_what_was_lost_and_nothing_else(
    expect: Expect, server: Server, published: list[int]
) -> None:
    lost = expect(f"{server.url}/a.png", source="test:lost")
    claimed = expect(f"{server.url}/a.png", source="test:claimed")
    done = expect(f"{server.url}/a.png", source="test:done")
    fresh = expect(f"{server.url}/a.png", source="test:fresh")
    jobs.copy(done.pk)
    past, future = clock.now() - timedelta(seconds=1), clock.now() + timedelta(seconds=60)
    StoredFile.objects.filter(pk=lost.pk).update(next_copy_at=past)
    StoredFile.objects.filter(pk=claimed.pk).update(next_copy_at=past, not_before=future)
    published.clear()
    assert jobs.sweep_copies() == 1
    assert published == [lost.pk]
    assert jobs.sweep_copies() == 0  # not again while it waits in the queue
    jobs.copy(lost.pk)
    lost.refresh_from_db()
    assert lost.is_stored
    assert not StoredFile.objects.get(pk=fresh.pk).is_stored


def test_it_keeps_its_lease_while_bytes_arrive(
    expect: Expect, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RENEW_EVERY", 0.0)
    file = expect(f"{server.url}/a.png")
    seen = []
    real = media.examine

    def look(path: Path, *, expected_kind: str) -> media.Facts:
        seen.append(StoredFile.objects.get(pk=file.pk).not_before)
        return real(path, expected_kind=expected_kind)

    monkeypatch.setattr(media, "examine", look)
    claimed = jobs._claim(file.pk)
    assert claimed is not None
    first = claimed.not_before
    jobs._bring_home(claimed)
    assert first is not None
    assert seen[0] > first


def test_it_begins_again_when_a_person_asks(
    expect: Expect,
    server: Server,
    told: Told,
    published: list[int],
    client_of: Callable[[Membership | None], Client],
    seller: Membership,
    stranger: Membership,
) -> None:
    file = expect(f"{server.url}/a.png")
    StoredFile.objects.update(state="broken", attempt_count=12, trouble="cut", next_copy_at=None)
    published.clear()
    assert client_of(stranger).post(f"/files/{file.public_id}/retry/").status_code == 404
    answer = client_of(seller).post(f"/files/{file.public_id}/retry/", {"next": "//evil.example"})
    assert answer.headers["Location"] == "/"
    assert published == [file.pk]
    jobs.copy(file.pk)
    file.refresh_from_db()
    assert file.is_stored
    assert actions.retry_copy(member=seller, public_id=file.public_id).is_stored
    assert published == [file.pk]


def test_it_names_no_link_in_the_log(
    expect: Expect, server: Server, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    jobs.copy(expect(f"{server.url}/gone.png?signature=very-secret").pk)
    assert "not copied" in caplog.text
    assert "very-secret" not in caplog.text
