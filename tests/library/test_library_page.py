"""The library's pages: what is held, until when, and removing by hand with what depends on it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rivya_app.credits.models import CreditAccount
from rivya_app.library import actions, uses
from rivya_app.library.models import LibrarySettings, StoredFile
from tests.library.conftest import sound
from tests.library.files import age, put
from tests.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = "/library/"
Read = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_vault(vault_dir: Any) -> None:
    """Every test looks at its own vault."""


@pytest.fixture
def read(client_of: Callable[..., Client], seller: Any) -> Read:
    """`read(path, member)`: the page as they see it."""

    def page(path: str = INDEX, member: Any = seller, **asked: str) -> str:
        answer = client_of(member).get(path, asked)
        assert answer.status_code == 200
        return str(answer.content.decode())

    return page


def use(file: StoredFile, reference: str, title: str) -> None:
    with transaction.atomic():
        uses.take(reference, [file], title=title, path="/briefs/")


def shown(page: str, *files: StoredFile) -> list[bool]:
    return [file.page_url in page for file in files]


def test_it_shows_everything_held_and_how_much(read, seller, manager, stranger):
    mine, hers, theirs = put(seller, 50), put(manager, 60), put(stranger, 70)
    page = read()
    assert shown(page, mine, hers, theirs) == [True, True, False]
    assert "2 files, " in page
    assert "Asha Seller" in page


def test_an_empty_library_says_what_will_be_here(read):
    assert "Nothing here yet" in read()


def test_it_finds_by_kind_person_use_age_origin_and_name(read, seller, manager):
    mug, voice = put(seller, name="blue mug.png"), put(manager, content=sound(), name="voice.wav")
    use(mug, "brief:1", "Mugs")
    age(voice, 40)
    for asked, expected in [
        ({"kind": "audio"}, [False, True]),
        ({"person": str(seller.public_id)}, [True, False]),
        ({"use": "used"}, [True, False]),
        ({"use": "unused"}, [False, True]),
        ({"age": "30"}, [False, True]),
        ({"origin": "upload"}, [True, True]),
        ({"origin": "result"}, [False, False]),
        ({"q": "MUG"}, [True, False]),
        ({"q": "mug", "kind": "audio"}, [False, False]),
        ({"kind": "nonsense", "person": "nobody", "age": "x"}, [True, True]),
    ]:
        assert shown(read(**asked), mug, voice) == expected, asked


def test_it_sorts(read, seller):
    small, large = put(seller, 20, name="b.png"), put(seller, 900, name="a.png")
    age(large, 3)

    def order(sort: str) -> bool:
        page = read(sort=sort)
        return page.index(small.page_url) < page.index(large.page_url)

    found = [order(sort) for sort in ("", "oldest", "name", "largest")]
    assert found == [True, False, False, False]


def test_a_page_takes_a_constant_number_of_queries(
    read, seller, client_of, django_assert_max_num_queries
):
    for side in range(20, 30):
        put(seller, side)
    client = client_of(seller)
    client.get(INDEX)
    with django_assert_max_num_queries(20):
        client.get(INDEX)


def test_each_file_says_until_when_it_is_kept_and_who_decides(read, seller, owner):
    file = put(seller)
    assert "Until " in read(file.page_url)
    assert "Clean-up is decided by Vikram Owner" in read(file.page_url)
    use(file, f"brief:{uuid4()}", "Mugs")
    page = read(file.page_url)
    assert "As long as it is in use." in page
    assert '<a href="/briefs/">Mugs</a>' in page


def test_results_say_when_they_go_before_they_go(read, seller, workspace):
    file = put(seller)
    StoredFile.objects.update(source="generation:1")
    assert "Results are kept for ever." in read()
    assert "kept until" not in read()
    LibrarySettings.objects.create(workspace=workspace, keep_results_days=90)
    page = read()
    assert "kept until" in page
    assert "removed after 90 days" in page
    age(file, 91)
    assert "The next clean-up removes 1 file" in read()


def test_a_file_of_the_library_leads_to_a_new_brief_with_it(read, seller, support):
    file = put(seller)
    assert f"{reverse('briefs:new')}?references={file.public_id}" in read(file.page_url)
    assert "Use in a new brief" not in read(file.page_url, support)


# --- What the owner decides ------------------------


def settings_of(client: Client, **fields: str) -> Any:
    values = {"keep_unused_days": "10", "keep_results_days": "", **fields}
    return client.post(reverse("library:change-settings"), values)


def test_the_owner_changes_how_long_files_are_kept(client_of, owner, read, workspace):
    assert settings_of(client_of(owner)).status_code == 302
    keep = LibrarySettings.objects.get(workspace=workspace)
    assert (keep.keep_unused_days, keep.keep_results_days) == (10, None)
    assert (keep.strips_metadata, keep.changed_by) == (False, owner)
    settings_of(client_of(owner), keep_results_days="400", strips_metadata="on")
    keep.refresh_from_db()
    assert (keep.keep_results_days, keep.strips_metadata) == (400, True)
    assert "removed after 10 days" in read()


@pytest.mark.parametrize("days", ["0", "-1", "3651", "soon", ""])
def test_it_refuses_a_time_that_is_none(client_of, owner, days):
    answer = settings_of(client_of(owner), keep_unused_days=days)
    assert answer.status_code == 422
    assert not LibrarySettings.objects.exists()


def test_only_the_owner_sees_the_form_and_may_send_it(client_of, seller, owner, read):
    assert "Change this" in read(INDEX, owner)
    assert "Change this" not in read(INDEX, seller)
    assert settings_of(client_of(seller)).status_code == 403


# --- Removing by hand ------------------------


def remove(client: Client, file: StoredFile) -> Any:
    return client.post(reverse("library:remove-file", args=[file.public_id]))


def test_the_uploader_removes_their_own_file(client_of, seller, read, vault_dir):
    file = put(seller)
    path = vault_dir / file.storage_name
    assert path.exists()
    assert remove(client_of(seller), file).status_code == 302
    file.refresh_from_db()
    assert (file.state, file.removed_by) == ("removed", seller)
    assert not path.exists()
    assert f"Removed on {file.removed_words[11:22]}" in read(file.page_url)
    assert "by Asha Seller" in read(file.page_url)
    assert shown(read(), file) == [False]
    assert client_of(seller).get(file.url).status_code == 404


def test_the_owner_removes_anybodys_and_others_only_their_own(client_of, seller, manager, owner):
    file = put(seller)
    assert remove(client_of(manager), file).status_code == 403
    assert remove(client_of(owner), file).status_code == 302


def test_a_result_is_removed_by_the_owner_alone(client_of, seller, owner):
    file = put(seller)
    StoredFile.objects.update(source="generation:1")
    assert remove(client_of(seller), file).status_code == 403
    assert remove(client_of(owner), file).status_code == 302


def test_a_stranger_finds_nothing_to_remove(client_of, seller, stranger):
    assert remove(client_of(stranger), put(seller)).status_code == 404


def test_asking_changes_nothing_and_names_who_loses_the_file(client_of, seller, monkeypatch):
    monkeypatch.setattr(uses, "_answers", {"brief": lambda _references: set()})
    file = put(seller)
    use(file, "brief:1", "Mugs for summer")
    asked = client_of(seller).get(reverse("library:remove-file", args=[file.public_id]))
    assert "Mugs for summer" in asked.content.decode()
    file.refresh_from_db()
    assert file.is_stored
    assert remove(client_of(seller), file).status_code == 302
    assert uses.files_of("brief:1")[0].removed_words != ""


def test_a_second_press_changes_nothing(client_of, seller, owner):
    file = put(seller)
    remove(client_of(seller), file)
    file.refresh_from_db()
    before = file.removed_at
    assert remove(client_of(owner), file).status_code == 302
    file.refresh_from_db()
    assert (file.removed_at, file.removed_by) == (before, seller)


def test_a_file_of_a_running_job_cannot_be_removed_until_it_ends(
    client_of, seller, shop: Shop, vault_dir
):
    file = put(seller)
    brief = shop.submit(seller, model_id="nano-banana-2", params={}, references=(file,))
    answer = remove(client_of(seller), file)
    assert answer.status_code == 422
    assert "It is needed now" in answer.content.decode()
    assert brief.product in answer.content.decode()
    shop.finish(brief)
    assert remove(client_of(seller), file).status_code == 302


def test_a_file_of_a_brief_that_waits_for_credits_cannot_be_removed(client_of, seller, shop: Shop):
    file = put(seller)
    CreditAccount.objects.update(available=0)
    shop.submit(seller, model_id="nano-banana-2", params={}, references=(file,))
    assert remove(client_of(seller), file).status_code == 422
    file.refresh_from_db()
    assert file.is_stored


def test_the_act_itself_asks_who_may(seller, manager, researcher):
    from django.core.exceptions import PermissionDenied

    file = put(seller)
    for member in (manager, researcher):
        with pytest.raises(PermissionDenied):
            actions.remove_file(member=member, public_id=file.public_id)
        with pytest.raises(PermissionDenied):
            actions.change_settings(member=member, values={"keep_unused_days": 1})
