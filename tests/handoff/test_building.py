"""The worker's part: proved bytes, kept cuts, dead workers, and what is told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from rivya_app.core import clock
from rivya_app.handoff import actions, building, cutting, gate, history
from rivya_app.handoff.building import LEASE, MOST_ATTEMPTS
from rivya_app.handoff.models import Package
from rivya_app.library import blobs, cleaning, proof
from rivya_app.library.errors import Trouble
from rivya_app.notices.models import Notice
from rivya_app.reviews.models import Review
from tests import packing, reviewing
from tests.packing import asked_for, built, files_of, fresh, only

pytestmark = pytest.mark.django_db(transaction=True)
CUTS = ("square", "portrait", "landscape")


class Killed(BaseException):
    """What kill -9 is to a worker: nothing of ours runs afterwards."""


@pytest.fixture
def review(shop, seller, manager) -> Review:
    return reviewing.approved(shop, seller, manager)


@pytest.fixture
def package(review, seller) -> Package:
    return asked_for(seller, review, presets=CUTS)


@pytest.fixture
def cuts(monkeypatch) -> list[str]:
    """The presets that were cut, in order. A cut may be made to fail by what is in `fail`."""
    made: list[str] = []
    cut = cutting.cut

    def noted(path: Path, preset: Any, out: Path, box: Any = None) -> Any:
        assert not connection.in_atomic_block
        made.append(preset.code)
        return cut(path, preset, out, box=box)

    monkeypatch.setattr(cutting, "cut", noted)
    return made


def fail_at(monkeypatch, preset_code: str, error: BaseException, times: int = 100) -> None:
    """The next cuts to this preset end with `error`."""
    cut, left = cutting.cut, [times]

    def failing(path: Path, preset: Any, out: Path, box: Any = None) -> Any:
        if preset.code == preset_code and left[0]:
            left[0] -= 1
            raise error
        return cut(path, preset, out, box=box)

    monkeypatch.setattr(cutting, "cut", failing)


def after(moment: timedelta) -> Any:
    return clock.at(clock.now() + moment)


def told(member) -> list[str]:
    rows = Notice.objects.filter(member=member, kind__startswith="package_")
    return list(rows.order_by("pk").values_list("kind", flat=True))


def test_it_packs_everything_and_tells_the_maker_once(package, seller, cuts):
    package = built(package)
    assert (package.state, package.next_build_at, package.trouble) == ("ready", None, "")
    assert cuts == ["original", *CUTS]
    for packed in files_of(package):
        content = packing.stored(packed.storage_name).read_bytes()
        assert len(content) == packed.size
        assert packed.storage_name.endswith(f"/{packed.sha256[:2]}/{packed.sha256}")
        assert packed.has_ai_tag
    building.build(package.pk)
    assert told(seller) == ["package_ready"]
    notice = Notice.objects.get(kind="package_ready")
    assert notice.link == f"/handoff/{package.public_id}/"
    assert "Mugs for the winter" in notice.sentence


def test_a_film_leaves_as_it_was_approved(shop, seller, manager):
    review = reviewing.asked(shop, seller)
    decision = reviewing.decided(manager, review, video=reviewing.video_order(review))
    concept = reviewing.after_undo(decision.concept)
    shop.wait_until(lambda: _is_finished(concept))
    from rivya_app.reviews import concepts

    concepts.sweep()
    film = Review.objects.get(media_kind="video")
    reviewing.decided(manager, film)
    package = built(asked_for(seller, film, presets=CUTS))
    [packed] = files_of(package)
    assert (packed.preset, packed.sha256) == ("original", film.sha256)
    assert packed.name == "originals/01-hand-thrown-blue-mug.mp4"
    assert packed.width == film.file.width
    assert gate.may_leave(package)


def _is_finished(concept) -> bool:
    concept.refresh_from_db()
    job = concept.generation
    if job is None or job.finished_at is None:
        return False
    from rivya_app.library.models import StoredFile

    return StoredFile.objects.filter(source=job.reference, state="stored").exists()


# --- Proved bytes ---------------------------------------------------------------------------------


def test_it_packs_nothing_whose_stored_bytes_changed(package, review, seller):
    packing.damage(review.file.storage_name)
    package = built(package)
    assert (package.state, package.trouble) == ("broken", "bytes_changed")
    assert not any(packed.is_packed for packed in files_of(package))
    assert not gate.may_leave(package)
    assert told(seller) == ["package_broken"]
    assert history.broken_about(package) == "Hand-thrown blue mug"


def test_it_goes_on_once_the_approved_bytes_are_back(package, review, seller):
    before = packing.damage(review.file.storage_name)
    built(package)
    packing.stored(review.file.storage_name).write_bytes(before)
    for _press in range(2):
        actions.try_again(member=seller, public_id=package.public_id)
    assert built(package).state == "ready"
    kinds = list(package.events.values_list("kind", flat=True))
    assert kinds == ["made", "broken", "tried_again", "packed"]


def test_the_proof_is_of_the_bytes_that_are_cut(package, review, monkeypatch):
    """They change after the proof, before the cut: what was proved is cut, or nothing."""
    cut = cutting.cut

    def change_first(path: Path, preset: Any, out: Path, box: Any = None) -> Any:
        packing.stored(review.file.storage_name).write_bytes(b"something else")
        return cut(path, preset, out, box=box)

    monkeypatch.setattr(cutting, "cut", change_first)
    assert built(package).state == "ready"


def test_a_lost_file_is_told_as_such(package, review):
    packing.stored(review.file.storage_name).unlink()
    package = built(package)
    assert (package.state, package.trouble) == ("broken", "bytes_gone")


def test_packed_bytes_that_changed_are_packed_anew(package, seller, cuts):
    package = built(package)
    square = only(package, "square")
    packing.damage(square.storage_name)
    history.note(package, history.CHANGED_BYTES, name=square.name)
    assert not gate.may_leave(package)
    assert gate.obstacles_of([package]) == {package.pk: gate.Obstacle.DAMAGED}
    actions.try_again(member=seller, public_id=package.public_id)
    package = built(package)
    assert gate.obstacles_of([package]) == {package.pk: gate.Obstacle.ASKED}  # the landscape
    square = only(package, "square")
    assert proof.sha256_of(square.storage_name) == square.sha256
    assert cuts == ["original", *CUTS, "square"]


# --- Workers that die or meet ---------------------------------------------------------------------


def test_a_killed_worker_is_followed_by_one_that_goes_on(package, cuts, monkeypatch):
    with monkeypatch.context() as patched:
        fail_at(patched, "landscape", Killed())
        with pytest.raises(Killed):
            building.build(package.pk)
    half = fresh(package)
    assert half.state == "building"
    assert [packed.is_packed for packed in files_of(package)] == [True, True, True, False]
    building.build(package.pk)  # the lease of the dead one still stands
    assert fresh(package).state == "building"
    cuts.clear()
    with after(LEASE + timedelta(seconds=1)):
        assert building.sweep() == 1
        assert built(package).state == "ready"
    assert cuts == ["landscape"]


def test_one_that_always_dies_at_the_same_file_is_given_up(package, seller, monkeypatch):
    fail_at(monkeypatch, "original", Killed())
    now = clock.now()
    for attempt in range(MOST_ATTEMPTS):
        with clock.at(now + 2 * attempt * LEASE), pytest.raises(Killed):
            building.build(package.pk)
    with clock.at(now + 2 * MOST_ATTEMPTS * LEASE):
        package = built(package)
    assert (package.state, package.trouble) == ("broken", "gave_up")
    assert told(seller) == ["package_broken"]


def test_a_worker_that_lost_its_lease_writes_nothing(package, monkeypatch):
    cut = cutting.cut

    def taken_over(path: Path, preset: Any, out: Path, box: Any = None) -> Any:
        later = clock.now() + timedelta(hours=1)
        Package.objects.filter(pk=package.pk).update(next_build_at=later)
        return cut(path, preset, out, box=box)

    monkeypatch.setattr(cutting, "cut", taken_over)
    building.build(package.pk)
    assert fresh(package).state == "building"
    assert not any(packed.is_packed for packed in files_of(package))


def test_a_run_ends_in_time_and_another_goes_on(shop, seller, manager, review, monkeypatch, cuts):
    other = reviewing.approved(shop, seller, manager)
    package = asked_for(seller, review, other, presets=())
    monkeypatch.setattr(building, "RUN_FOR", timedelta(0))
    now = clock.now()
    with clock.at(now):
        building.build(package.pk)
        assert fresh(package).next_build_at == now
    monkeypatch.setattr(building, "RUN_FOR", timedelta(seconds=600))
    assert built(package).state == "ready"
    assert cuts == ["original", "original"]


@pytest.mark.parametrize("code", ["timed_out", "no_space"])
def test_trouble_that_may_pass_is_waited_for(package, code, monkeypatch):
    with monkeypatch.context() as patched:
        fail_at(patched, "portrait", Trouble(code), times=1)
        package = built(package)
        assert (package.state, package.trouble) == ("building", code)
        building.build(package.pk)  # it rests
        assert fresh(package).state == "building"
    with after(timedelta(minutes=5)):
        assert built(package).state == "ready"


def test_trouble_that_stays_ends_it_and_says_why(package, monkeypatch):
    fail_at(monkeypatch, "portrait", Trouble("broken_media"))
    package = built(package)
    assert (package.state, package.trouble) == ("broken", "broken_media")
    assert [packed.is_packed for packed in files_of(package)] == [True, True, False, False]


def test_the_sweep_finds_what_is_due_and_nothing_else(package, review, seller):
    assert building.sweep() == 1
    built(package)
    assert building.sweep() == 0


# --- The library's clean-up -----------------------------------------------------------------------


def clean_up_later() -> int:
    with after(timedelta(days=400)):
        return cleaning.clear_abandoned()


def test_the_clean_up_leaves_packed_files_alone(package):
    package = built(package)
    clean_up_later()
    for packed in files_of(package):
        assert packing.stored(packed.storage_name).stat().st_size == packed.size


def test_it_would_take_them_if_nobody_kept_them(package, monkeypatch):
    package = built(package)
    monkeypatch.setattr(cleaning, "_keepers", {})
    clean_up_later()
    assert not any(packing.stored(each.storage_name).exists() for each in files_of(package))


def test_the_clean_up_takes_cuts_that_were_replaced(package, seller):
    package = built(package)
    square = only(package, "square")
    from rivya_app.handoff.boxes import Box

    actions.adjust_crop(
        member=seller,
        package_id=package.public_id,
        packed_id=square.public_id,
        box=Box(0.0, 0.0, 0.5, 0.5),
    )
    package = built(package)
    clean_up_later()
    assert not packing.stored(square.storage_name).exists()
    assert blobs.size_of(only(package, "square").storage_name)


def test_removing_an_original_leaves_what_was_packed_of_it(package, review, owner):
    from rivya_app.library import actions as library

    package = built(package)
    library.remove_file(member=owner, public_id=review.file.public_id)
    assert all(packing.stored(packed.storage_name).exists() for packed in files_of(package))
