"""References on their way to Rivya: each bytes once for an account, and in spite of everything."""

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from PIL import Image

from rivya_app.core import clock
from rivya_app.gateway.models import ApiKey
from rivya_app.library import remote, sending, strip
from rivya_app.library.models import LibrarySettings, RemoteCopy, StoredFile
from tests.library.test_strip import PLACE, film_of_a_phone, photo
from tests.shop import Shop
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MODEL = "nano-banana-2"


@pytest.fixture
def told() -> Any:
    """The copies that were decided, instead of the jobs that wait for them."""
    before = dict(remote._listeners)
    heard: list[str] = []
    remote._listeners.clear()
    remote._listeners["test"] = lambda copy: heard.append(copy.state)
    yield heard
    remote._listeners.clear()
    remote._listeners.update(before)


@pytest.fixture
def file(shop: Shop, seller: Any, vault_dir: Any) -> StoredFile:
    return shop.upload(seller, photo(), "IMG_1234 home.jpg")


def want(shop: Shop, *files: StoredFile, model_id: str = MODEL, is_new: bool = False) -> RemoteCopy:
    with transaction.atomic():
        return remote.want(files, shop.key, model_id=model_id, is_new=is_new)[0]


def send(copy: RemoteCopy) -> RemoteCopy:
    RemoteCopy.objects.filter(pk=copy.pk).update(not_before=None)
    sending.send(copy.pk)
    return RemoteCopy.objects.get(pk=copy.pk)


def uploads_at(shop: Shop) -> int:
    return sum(call["path"] == "/api/v1/files" for call in shop.rivya.requests())


def test_it_sends_a_file_and_keeps_what_rivya_says_of_it(shop, file, told):
    copy = send(want(shop, file))
    (there,) = shop.rivya.files()
    assert (copy.state, copy.remote_id, copy.send_count) == ("ready", there["id"], 1)
    assert copy.remote_url.reveal().startswith(shop.rivya.base_url)
    assert copy.expires_at is not None
    assert copy.request_id
    assert told == ["ready"]
    assert usable_copy(file, shop.key).remote_id == there["id"]


def usable_copy(file: StoredFile, key: ApiKey) -> RemoteCopy | None:
    """As a job finds it."""
    (copy,) = remote.known([file], key)
    return copy if copy is not None and remote.is_usable(copy) else None


def test_it_says_nothing_of_whose_file_it_was(shop, file, told):
    send(want(shop, file))
    (there,) = shop.rivya.files()
    assert "IMG" not in there["name"]
    assert "home" not in there["name"]
    assert there["mime_type"] == "image/jpeg"


def bytes_at(shop: Shop) -> bytes:
    import httpx

    return httpx.get(RemoteCopy.objects.get().remote_url.reveal(), trust_env=False).content


def test_it_takes_the_place_out_unless_the_owner_wants_it_kept(shop, file, workspace):
    send(want(shop, file))
    assert PLACE not in bytes_at(shop)
    RemoteCopy.objects.all().delete()
    LibrarySettings.objects.create(workspace=workspace, strips_metadata=False)
    send(want(shop, file))
    assert bytes_at(shop) == photo()


def test_it_keeps_sound_and_film_with_the_token_of_their_length(shop, seller, vault_dir):
    film = shop.upload(seller, film_of_a_phone(), "clip.mp4")
    copy = send(want(shop, film, model_id="wan-2-6"))
    assert copy.duration_token
    assert copy.duration == pytest.approx(1, abs=0.1)
    assert PLACE not in bytes_at(shop)


def test_it_sends_the_same_bytes_once(shop, file, seller, manager, told):
    twin = shop.upload(manager, photo(), "other-name.jpg")
    assert twin.pk != file.pk
    first = send(want(shop, file))
    assert want(shop, twin).pk == first.pk
    assert want(shop, file, is_new=True).state == "ready"
    sending.send(first.pk)
    assert uploads_at(shop) == 1


def test_another_environment_is_another_account(shop, file, owner):
    send(want(shop, file))
    other = ApiKey.objects.get(pk=shop.key.pk)
    other.environment = "staging"
    assert usable_copy(file, other) is None


def in_threads(shop: Shop, file: StoredFile) -> None:
    """Two jobs want the same bytes at once, and two workers take what they ask for."""

    def one(_number: int) -> None:
        sending.send(want(shop, file).pk)

    at_once(4, one)


def test_two_who_want_the_same_bytes_at_once_make_one_send(shop, file, told):
    in_threads(shop, file)
    assert RemoteCopy.objects.count() == 1
    assert uploads_at(shop) == 1
    assert told == ["ready"]


def test_it_would_send_twice_without_the_lock(shop, file, told, monkeypatch):
    gate = threading.Barrier(4)

    def unlocked(copy_id: int) -> RemoteCopy:
        copy = RemoteCopy.objects.select_related("file", "workspace").get(pk=copy_id)
        if copy.state == "wanted" and not copy.attempt_count:
            gate.wait(timeout=10)
        return copy

    monkeypatch.setattr(sending, "_lock", unlocked)
    in_threads(shop, file)
    assert uploads_at(shop) > 1


def test_it_never_talks_to_rivya_inside_a_transaction(shop, file, monkeypatch):
    opened = []
    upload = sending.client_for

    def watched(key: Any) -> Any:
        opened.append(connection.in_atomic_block)
        return upload(key)

    monkeypatch.setattr(sending, "client_for", watched)
    send(want(shop, file))
    assert opened == [False]


PASSING = {
    "cut before": ("cut_before", {}, "no_answer"),
    "cut after": ("cut_after", {}, "no_answer"),
    "not understood": ("malformed", {"kind": "html"}, "no_answer"),
    "failing": ("server_error", {"status": 502, "body": "html"}, "http_502"),
    "too many": ("rate_limited", {}, "rate_limited"),
    "closed for now": ("api_disabled", {}, "public_api_disabled"),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_it_tries_again_after_a_trouble_that_passes(shop, file, told, trouble, monkeypatch):
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 60.0)  # longer than the next lines could take
    name, options, code = PASSING[trouble]
    shop.rivya.fault(name, on=["files.create"], **options)
    copy = send(want(shop, file))
    assert (copy.state, copy.error_code) == ("wanted", code)
    assert copy.not_before > clock.now()
    assert told == []
    shop.rivya.clear_faults()
    copy = send(copy)
    assert (copy.state, copy.error_code) == ("ready", "")


def test_it_waits_for_a_key_that_may_send_files(shop, file, told):
    shop.rivya.change_key(shop.key.purpose, scopes=["generations:create"])
    copy = send(want(shop, file))
    assert (copy.state, copy.error_code) == ("wanted", "api_scope_denied")
    assert copy.not_before > clock.now() + timedelta(seconds=40)


def test_it_never_gives_up_on_a_rivya_that_is_away(shop, file, told):
    shop.rivya.fault("server_error", on=["files.create"])
    copy = want(shop, file)
    for _attempt in range(sending.MOST_ATTEMPTS + 3):
        copy = send(copy)
    assert copy.state == "wanted"


def test_it_gives_up_on_a_file_that_ends_its_workers(shop, file, told):
    copy = want(shop, file)
    for _attempt in range(sending.MOST_ATTEMPTS):
        assert sending._claim(copy.pk)
        RemoteCopy.objects.update(not_before=None)
    copy = send(copy)
    assert (copy.state, copy.error_code) == ("refused", "not_sent")
    assert told == ["refused"]


def test_it_takes_a_refusal_for_what_it_is(shop, file, told):
    shop.rivya.fault("error", on=["files.create"], code="validation_failed", status=400)
    copy = send(want(shop, file))
    assert (copy.state, copy.error_code) == ("refused", "validation_failed")
    assert copy.request_id
    assert told == ["refused"]
    assert want(shop, file).state == "refused"  # the same job asks for nothing more


def test_a_refused_file_is_offered_again_for_another_model_or_when_a_person_asks(shop, file):
    shop.rivya.fault("error", on=["files.create"], code="validation_failed", times=2)
    send(want(shop, file))
    assert send(want(shop, file, model_id="seedream-4-5")).state == "refused"
    copy = want(shop, file, model_id="seedream-4-5", is_new=True)
    assert copy.state == "wanted"
    assert send(copy).state == "ready"


def test_it_says_when_the_bytes_are_gone_or_changed(shop, file, vault_dir):
    path = vault_dir / file.storage_name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    assert send(want(shop, file)).error_code == "file_damaged"
    path.unlink()
    assert send(want(shop, file, is_new=True)).error_code == "file_gone"


def test_it_says_so_where_the_cleaned_file_no_longer_fits(shop, file, monkeypatch):
    monkeypatch.setattr(sending, "_most_bytes", lambda copy: 100)
    copy = send(want(shop, file))
    assert (copy.state, copy.error_code) == ("refused", "too_large")
    assert uploads_at(shop) == 0


def test_it_sends_again_what_is_about_to_run_out(shop, file, told):
    copy = send(want(shop, file))
    soon = clock.now() + timedelta(minutes=5)
    RemoteCopy.objects.update(expires_at=soon, sent_at=clock.now() - timedelta(days=6))
    assert usable_copy(file, shop.key) is None
    copy = want(shop, file)
    assert (copy.state, copy.remote_id) == ("wanted", "")
    assert send(copy).send_count == 2


def test_a_short_life_at_rivya_is_used_all_the_same(shop, file):
    shop.rivya.set(file_life_seconds=30)
    send(want(shop, file))
    assert want(shop, file).state == "ready"


def test_only_the_links_that_were_doubted_are_sent_again(shop, file):
    copy = send(want(shop, file))
    with transaction.atomic():
        remote.doubt([file], shop.key, {"https://rivya.example/an-older-link"})
    assert RemoteCopy.objects.get().state == "ready"
    with transaction.atomic():
        remote.doubt([file], shop.key, {copy.remote_url.reveal()})
    assert RemoteCopy.objects.get().state == "wanted"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    from rivya_app.library import tasks

    ids: list[int] = []
    monkeypatch.setattr(tasks.send_reference, "delay", lambda *, copy_id: ids.append(copy_id))
    return ids


def test_it_publishes_on_commit_alone(shop, file, published):
    def fail() -> None:
        remote.want([file], shop.key, model_id=MODEL)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transaction.atomic(fail)()
    assert published == []
    copy = want(shop, file)
    assert published == [copy.pk]
    with pytest.raises(transaction.TransactionManagementError):
        remote.want([file], shop.key, model_id=MODEL)


def test_the_sweep_finds_what_was_lost_and_leaves_alone_what_is_held(shop, file, published):
    copy = want(shop, file)
    published.clear()
    assert sending.sweep() == 0  # its own task has only just been published
    long_ago = clock.now() - timedelta(minutes=5)
    RemoteCopy.objects.update(next_send_at=long_ago)
    assert sending.sweep() == 1
    assert sending.sweep() == 0  # not again at once
    assert published == [copy.pk]
    assert sending._claim(copy.pk)
    RemoteCopy.objects.update(next_send_at=long_ago)
    assert sending.sweep() == 0
    assert sending._claim(copy.pk) is None
    RemoteCopy.objects.update(not_before=long_ago)  # its worker died
    assert sending.sweep() == 1
    assert send(copy).state == "ready"


def test_a_worker_whose_lease_was_taken_over_decides_nothing(shop, file):
    copy = want(shop, file)
    slow = sending._claim(copy.pk)
    RemoteCopy.objects.update(not_before=None)
    assert sending._claim(copy.pk).attempt_count == 2
    sending._put_off(slow, sending._Setback("validation_failed", is_final=True))
    assert RemoteCopy.objects.get().state == "wanted"


def test_it_keeps_its_lease_while_bytes_leave(shop, file, monkeypatch):
    monkeypatch.setattr(sending, "RENEW_EVERY", 0.0)
    copy = sending._claim(want(shop, file).pk)
    RemoteCopy.objects.update(not_before=clock.now())
    sending._send(copy)
    assert RemoteCopy.objects.get().not_before > clock.now() + timedelta(seconds=60)


def test_a_picture_that_must_be_turned_is_not_decoded_in_the_worker(shop, seller, vault_dir):
    """Fifty million pixels would take 300 MB of a worker's thread."""
    turned = shop.upload(seller, photo(turn=6), "upright.jpg")
    made: list[Any] = []
    original = strip.make_anew
    strip.make_anew = lambda *args: made.append(args)  # type: ignore[assignment]
    try:
        assert send(want(shop, turned)).state == "ready"
    finally:
        strip.make_anew = original
    assert made == []
    assert Image.open(io.BytesIO(bytes_at(shop))).size == (32, 64)
