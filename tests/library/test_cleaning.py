"""The clean-up takes what nobody uses and whose time is over, and never anything else."""

import io
import os
import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from rivya_app.library import cleaning, uses
from rivya_app.library.models import Derivative, LibrarySettings, StoredFile
from tests.library.files import age, put
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = 1_600_000_000  # seconds since 1970, before any test


@pytest.fixture(autouse=True)
def _empty_vault(vault_dir: Any) -> None:
    """Every test looks at its own vault."""


@pytest.fixture
def old(seller: Any) -> StoredFile:
    """An upload nobody uses, one day past its time."""
    file = put(seller)
    age(file, 31)
    return file


def state_of(file: StoredFile) -> str:
    return str(StoredFile.objects.values_list("state", flat=True).get(pk=file.pk))


def use(file: StoredFile, reference: str = "brief:1") -> None:
    with transaction.atomic():
        uses.take(reference, [file], title="A mug", path="/")


def let_go(reference: str) -> None:
    with transaction.atomic():
        uses.let_go(reference)


def blobs_in(vault_dir: Any) -> list[Any]:
    return [path for path in vault_dir.rglob("*") if path.is_file()]


def test_it_removes_the_bytes_and_keeps_the_row(workspace, old, vault_dir):
    assert blobs_in(vault_dir)
    report = cleaning.clean(workspace)
    gone = StoredFile.objects.get()
    assert (report.upload_count, report.result_count, report.size) == (1, 0, old.size)
    assert (gone.state, gone.removed_by, gone.storage_name) == ("removed", None, "")
    assert "Removed by the clean-up on" in gone.removed_words
    assert gone.sha256 == old.sha256
    assert blobs_in(vault_dir) == []


def test_it_never_takes_a_file_younger_than_the_limit(workspace, old):
    age(old, 29.9)
    assert cleaning.clean(workspace).upload_count == 0
    assert state_of(old) == "stored"


def test_it_never_takes_a_file_in_use(workspace, old):
    use(old)
    assert cleaning.clean(workspace, is_dry_run=True).upload_count == 0
    assert cleaning.next_run(workspace).count == 0
    assert cleaning.clean(workspace).upload_count == 0
    assert state_of(old) == "stored"


def test_it_takes_the_file_when_its_last_user_lets_go(workspace, old):
    use(old)
    use(old, "brief:2")
    let_go("brief:1")
    cleaning.clean(workspace)
    assert state_of(old) == "stored"
    let_go("brief:2")
    age(old, 31)
    cleaning.clean(workspace)
    assert state_of(old) == "removed"


def test_letting_go_begins_the_files_time_anew(workspace, old):
    use(old)
    let_go("brief:1")
    cleaning.clean(workspace)
    assert state_of(old) == "stored"


def test_the_owner_decides_how_long(workspace, old):
    LibrarySettings.objects.create(workspace=workspace, keep_unused_days=40)
    cleaning.clean(workspace)
    assert state_of(old) == "stored"
    LibrarySettings.objects.update(keep_unused_days=7)
    cleaning.clean(workspace)
    assert state_of(old) == "removed"


def test_results_stay_for_ever_unless_the_owner_says_otherwise(workspace, old):
    StoredFile.objects.update(source="generation:1")
    age(old, 4000)
    cleaning.clean(workspace)
    assert state_of(old) == "stored"
    LibrarySettings.objects.create(workspace=workspace, keep_results_days=365)
    assert cleaning.clean(workspace).result_count == 1
    assert state_of(old) == "removed"


def test_it_leaves_other_workspaces_alone(workspace, old, stranger):
    theirs = put(stranger)
    age(theirs, 31)
    cleaning.clean(workspace)
    assert (state_of(old), state_of(theirs)) == ("removed", "stored")


def test_it_takes_many_in_batches(workspace, seller, monkeypatch):
    monkeypatch.setattr(cleaning, "BATCH", 2)
    for side in range(20, 25):
        age(put(seller, side), 31)
    heard: list[int] = []
    assert cleaning.clean(workspace, on_progress=heard.append).upload_count == 5
    assert heard == [2, 2, 1]


def test_a_dry_run_removes_nothing_and_says_the_same(workspace, old, vault_dir):
    said = cleaning.clean(workspace, is_dry_run=True)
    assert state_of(old) == "stored"
    assert blobs_in(vault_dir)
    done = cleaning.clean(workspace)
    assert (said.upload_count, said.size, said.names) == (
        done.upload_count,
        done.size,
        done.names,
    )


def test_it_keeps_bytes_that_another_row_needs(workspace, seller, manager, vault_dir):
    other, old = put(manager), put(seller)
    age(old, 31)
    assert other.storage_name == old.storage_name
    cleaning.clean(workspace)
    assert (state_of(old), state_of(other)) == ("removed", "stored")
    assert (vault_dir / other.storage_name).is_file()


def test_it_removes_what_was_made_of_the_file(workspace, old, vault_dir):
    made = f"{old.storage_name}.web.webp"
    (vault_dir / made).write_bytes(b"made later")
    Derivative.objects.create(file=old, kind="web", state="made", storage_name=made)
    cleaning.clean(workspace)
    assert blobs_in(vault_dir) == []
    assert not Derivative.objects.exists()


def test_bytes_written_again_meanwhile_stay(workspace, old, vault_dir):
    """Somebody puts the same bytes here and has no row yet."""
    path = vault_dir / old.storage_name
    os.utime(path, (2_000_000_000, 2_000_000_000))
    cleaning.clean(workspace)
    assert state_of(old) == "removed"
    assert path.is_file()


# --- The race: taking a file into use while the clean-up runs -----


def taken_and_cleaned(workspace: Any, file: StoredFile) -> list[Any]:
    def act(number: int) -> Any:
        return use(file) if number else cleaning.clean(workspace)

    return at_once(2, act)


def is_sound(file: StoredFile) -> bool:
    """Never both used and removed."""
    return not (state_of(file) == "removed" and file.uses.exists())


@pytest.mark.parametrize("turn", range(5))
def test_a_file_is_taken_into_use_or_removed_but_never_both(workspace, old, turn):
    _cleaned, taken = taken_and_cleaned(workspace, old)
    assert is_sound(old)
    assert isinstance(taken, uses.FileGone) == (state_of(old) == "removed")


def late_use(monkeypatch: pytest.MonkeyPatch, file: StoredFile) -> None:
    """Somebody takes the file into use between the clean-up's look and its lock."""
    remove = cleaning._remove_unused
    done = threading.Event()

    def take_first(file_ids: Any) -> Any:
        def other() -> None:
            use(file)
            connection.close()
            done.set()

        threading.Thread(target=other).start()
        assert done.wait(10)
        return remove(file_ids)

    monkeypatch.setattr(cleaning, "_remove_unused", take_first)


def test_it_asks_again_under_the_lock(workspace, old, monkeypatch):
    late_use(monkeypatch, old)
    assert cleaning.clean(workspace).upload_count == 0
    assert is_sound(old)


def test_it_would_remove_a_used_file_without_asking_again(workspace, old, monkeypatch):
    late_use(monkeypatch, old)
    monkeypatch.setattr(cleaning, "_used_among", lambda _files: set())
    cleaning.clean(workspace)
    assert not is_sound(old)


def test_it_passes_over_a_file_that_is_being_taken(workspace, old):
    with transaction.atomic():
        StoredFile.objects.select_for_update().get(pk=old.pk)
        reports = at_once(1, lambda _number: cleaning.clean(workspace))
    assert reports[0].upload_count == 0
    assert state_of(old) == "stored"


# --- Bytes without a row ------------------------


def test_bytes_without_a_row_go_after_a_day(seller, vault_dir):
    kept = put(seller)
    abandoned, fresh = vault_dir / "house/ab/abandoned", vault_dir / "house/ab/fresh"
    abandoned.parent.mkdir(parents=True)
    for path in (abandoned, fresh):
        path.write_bytes(b"bytes")
    for path in (abandoned, vault_dir / kept.storage_name, vault_dir / kept.thumbnail_name):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert cleaning.clear_abandoned(is_dry_run=True) == 1
    assert abandoned.exists()
    assert cleaning.clear_abandoned() == 1
    assert not abandoned.exists()
    assert fresh.exists()
    assert (vault_dir / kept.storage_name).exists()
    assert (vault_dir / kept.thumbnail_name).exists()


def test_it_keeps_what_was_made_of_a_file(seller, vault_dir):
    file = put(seller)
    made = vault_dir / f"{file.storage_name}.web.webp"
    made.write_bytes(b"made")
    os.utime(made, (LONG_AGO, LONG_AGO))
    name = made.relative_to(vault_dir).as_posix()
    Derivative.objects.create(file=file, kind="web", state="made", storage_name=name)
    assert cleaning.clear_abandoned() == 0
    assert made.exists()


# --- The command ------------------------


def said_by(*arguments: str) -> str:
    out = io.StringIO()
    call_command("clean_library", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_reports_what_would_go_and_what_went(workspace, old):
    would = said_by("--dry-run")
    assert "Would be removed:" in would
    assert workspace.name in would
    assert old.name in would
    assert state_of(old) == "stored"
    assert said_by().startswith("Removed:")
    assert state_of(old) == "removed"


def test_the_command_keeps_to_one_workspace_when_told(old, stranger):
    theirs = put(stranger)
    age(theirs, 31)
    said = said_by("--workspace", stranger.workspace.name)
    assert old.workspace.name not in said
    assert (state_of(old), state_of(theirs)) == ("stored", "removed")


def test_the_task_cleans_every_workspace(old, stranger):
    theirs = put(stranger)
    age(theirs, 31)
    cleaning.clean_all()
    assert (state_of(old), state_of(theirs)) == ("removed", "removed")
