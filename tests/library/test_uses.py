"""Who needs a file, and that nobody takes one that is gone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from rivya_app.library import uses
from rivya_app.library.models import FileUse, StoredFile
from tests.library.files import put

pytestmark = pytest.mark.django_db(transaction=True)


def take(reference: str, files: list[StoredFile], title: str = "A mug") -> None:
    with transaction.atomic():
        uses.take(reference, files, title=title, path="/briefs/1/")


def let_go(reference: str) -> None:
    with transaction.atomic():
        uses.let_go(reference)


@pytest.fixture
def files(seller: Any, vault_dir: Any) -> list[StoredFile]:
    return [put(seller, side) for side in (50, 60, 70)]


def test_it_keeps_the_files_in_the_order_given(files):
    first, second, third = files
    take("brief:1", [third, first, second])
    assert uses.files_of("brief:1") == [third, first, second]
    assert uses.files_of("brief:2") == []


def test_taking_the_same_again_changes_nothing(files):
    take("brief:1", files)
    before = list(FileUse.objects.values_list("pk", flat=True))
    take("brief:1", files)
    assert list(FileUse.objects.values_list("pk", flat=True)) == before


def test_taking_others_lets_the_first_go(files):
    first, second, third = files
    take("brief:1", [first, second])
    take("brief:1", [third, first])
    assert uses.files_of("brief:1") == [third, first]


def test_one_file_chosen_twice_is_one_use(files):
    take("brief:1", [files[0], files[0]])
    assert uses.files_of("brief:1") == [files[0]]


def test_many_are_found_in_one_query(files, django_assert_num_queries):
    take("brief:1", files[:2])
    take("brief:2", files[1:])
    with django_assert_num_queries(1):
        found = uses.files_of_many(["brief:1", "brief:2", "brief:3"])
    assert found == {"brief:1": files[:2], "brief:2": files[1:]}


def test_letting_go_leaves_the_file_unused(files):
    take("brief:1", files)
    let_go("brief:1")
    assert not FileUse.objects.exists()
    assert StoredFile.objects.filter(state="stored").count() == 3


@pytest.mark.parametrize("state", ["removed", "pending", "broken"])
def test_it_takes_no_file_whose_bytes_are_not_here(files, state):
    StoredFile.objects.filter(pk=files[1].pk).update(state=state)
    with pytest.raises(uses.FileGone) as refusal:
        take("brief:1", files)
    assert refusal.value.file == files[1]
    assert not FileUse.objects.exists()


def test_it_takes_files_only_inside_a_transaction(files):
    with pytest.raises(transaction.TransactionManagementError):
        uses.take("brief:1", files, title="A mug", path="/")


def test_work_that_nobody_answers_for_still_needs_its_files(files):
    take("unknown:1", files[:1])
    assert [use.reference for use in uses.still_needed(files[0])] == ["unknown:1"]


def test_each_app_says_which_of_its_work_still_needs_files(files, monkeypatch):
    asked: list[Callable[..., Any]] = []

    def answer(references: Any) -> set[str]:
        asked.append(references)
        return {"kind:open"}

    monkeypatch.setattr(uses, "_answers", {"kind": answer})
    take("kind:open", files[:1])
    take("kind:done", files[:1])
    assert [use.reference for use in uses.still_needed(files[0])] == ["kind:open"]
    assert len(asked) == 1
