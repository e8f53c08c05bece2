"""Making packages: who may, of what, once; the words; the crops; and answers for failed checks."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import translation

from rivya_app.briefs import chain
from rivya_app.core.models import AppendOnlyError
from rivya_app.handoff import access, actions, alt_words, building, gate, manifest
from rivya_app.handoff.actions import NotApproved, NotNow
from rivya_app.handoff.boxes import Box
from rivya_app.handoff.models import Override, Package, PackageEvent, PackageItem
from rivya_app.library import actions as library
from rivya_app.library import uses
from rivya_app.reviews import actions as reviews
from rivya_app.reviews.models import Review
from tests import packing, reviewing
from tests.packing import answered, asked_for, built, files_of, fresh, only

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def review(shop, seller, manager) -> Review:
    return reviewing.approved(shop, seller, manager)


@pytest.fixture
def package(review, seller) -> Package:
    return asked_for(seller, review)


@pytest.fixture
def failing(review, seller) -> Package:
    """A package whose story is cut from too few pixels."""
    return built(asked_for(seller, review, presets=("story",)))


def kinds(package: Package) -> list[str]:
    return list(package.events.values_list("kind", flat=True))


def reverse(manager, review: Review) -> None:
    reviews.reverse_decision(member=manager, public_id=review.public_id, reason="Not ours.")


# --- Making ---------------------------------------------------------------------------------------


def test_it_records_what_is_packed_with_its_approval_and_bytes(package, review):
    item = PackageItem.objects.get()
    approval = review.decisions.get()
    assert (item.review, item.decision, item.file, item.brief) == (
        review,
        approval,
        review.file,
        review.brief,
    )
    assert item.sha256 == review.sha256 == review.file.sha256
    assert [packed.preset for packed in files_of(package)] == ["original", "square"]
    assert kinds(package) == ["made"]


def test_it_packs_the_original_whatever_is_ticked(review, seller):
    package = asked_for(seller, review, presets=())
    assert [packed.preset for packed in files_of(package)] == ["original"]


def test_it_makes_one_package_of_one_form_pressed_twice(review, seller):
    wanted = packing.wanted([review])
    first = actions.make_package(member=seller, wanted=wanted)
    assert actions.make_package(member=seller, wanted=wanted) == first
    assert (Package.objects.count(), PackageItem.objects.count()) == (1, 1)
    assert kinds(first) == ["made"]


def test_sellers_managers_and_owners_may_pack_and_nobody_else(
    review, seller, manager, owner, researcher, support
):
    for member in (seller, manager, owner):
        asked_for(member, review)
    for member in (researcher, support):
        with pytest.raises(PermissionDenied):
            asked_for(member, review)
    assert Package.objects.count() == 3


def test_it_packs_nothing_that_is_not_approved(shop, seller, manager):
    waiting = reviewing.asked(shop, seller)
    with pytest.raises(NotApproved):
        asked_for(seller, waiting)
    reviewing.decided(manager, waiting, "rejected")
    with pytest.raises(NotApproved):
        asked_for(seller, waiting)
    assert Package.objects.count() == 0


def test_it_packs_nothing_whose_approval_was_reversed(review, seller, manager):
    reverse(manager, review)
    with pytest.raises(NotApproved):
        asked_for(seller, review)


def test_it_packs_nothing_of_another_workspace(review, stranger):
    with pytest.raises(NotApproved):
        asked_for(stranger, review)
    assert Package.objects.count() == 0


def test_it_packs_each_file_once(review, seller):
    with pytest.raises(NotApproved):
        asked_for(seller, review, review)


def test_it_packs_nothing_where_nothing_is_wanted(seller):
    with pytest.raises(NotApproved):
        asked_for(seller)


def test_it_keeps_the_files_while_it_is_being_packed(package, review, seller, owner):
    assert [use.title for use in uses.still_needed(review.file)] == [package.title]
    with pytest.raises(library.FileNeeded):
        library.remove_file(member=owner, public_id=review.file.public_id)
    built(package)
    assert uses.still_needed(review.file) == []
    assert review.file.uses.get(reference=package.reference).path == (
        f"/handoff/{package.public_id}/"
    )


def test_a_stranger_reaches_nothing_of_it(failing, stranger):
    packed = only(failing, "story")
    ids = {"package_id": failing.public_id, "packed_id": packed.public_id}
    for act in (
        lambda: access.package(stranger, failing.public_id),
        lambda: access.packed_file(stranger, failing.public_id, packed.public_id),
        lambda: actions.try_again(member=stranger, public_id=failing.public_id),
        lambda: actions.change_words(member=stranger, public_id=failing.public_id, words={}),
        lambda: actions.adjust_crop(member=stranger, **ids, box=None),
        lambda: answered(stranger, packed),
    ):
        with pytest.raises(Http404):
            act()
    assert list(access.packages(stranger)) == []
    assert list(access.approved(stranger)) == []


def test_a_file_is_found_in_its_own_package_alone(failing, review, seller):
    other = asked_for(seller, review)
    with pytest.raises(Http404):
        access.packed_file(seller, other.public_id, only(failing, "story").public_id)


# --- What is approved -----------------------------------------------------------------------------


def test_it_finds_what_is_approved_by_brief_campaign_and_product(
    shop, seller, manager, review, researcher
):
    vase = reviewing.approved(shop, seller, manager, product="Tall green vase")

    def found(**asked: str) -> list[Review]:
        return list(access.approved(seller, access.Filters(**asked)))

    assert found() == [vase, review]
    assert found(q="MUG") == [review]
    assert found(brief=str(vase.brief.public_id)) == [vase]
    assert found(campaign=str(uuid4())) == []
    asked_for(seller, review)
    assert found() == [vase]
    assert found(packed="1") == [vase, review]


def test_what_it_finds_in_an_address_is_read_with_care(seller):
    from django.http import QueryDict

    asked = QueryDict("brief=nonsense&campaign=%00&q=%00mug&packed=yes")
    assert access.Filters.read(asked) == access.Filters(q="mug", packed="1")


# --- Words ----------------------------------------------------------------------------------------


def test_the_words_start_from_the_brief_in_its_language(shop, seller):
    brief = shop.submit(seller, points=" glazed stoneware \n\nholds 300 ml")
    with translation.override("hi"):
        assert alt_words.alt_text(brief) == "Hand-thrown blue mug, for a marketplace listing"
    assert alt_words.caption(brief) == "glazed stoneware\nholds 300 ml"
    brief.language = "hi"
    assert alt_words.alt_text(brief) != "Hand-thrown blue mug, for a marketplace listing"


def test_changed_words_are_written_into_the_manifest(package, seller):
    package, item = built(package), PackageItem.objects.get()
    words = {item.public_id: ("A mug, seen from above", "")}
    for _press in range(2):
        actions.change_words(member=seller, public_id=package.public_id, words=words)
    after = fresh(package)
    assert after.state == "ready"
    assert manifest.document(after)["items"][0]["alt_text"] == "A mug, seen from above"
    assert after.changed_at > package.changed_at
    assert kinds(package) == ["made", "packed", "words_changed"]


def test_words_changed_while_it_is_packed_are_in_the_manifest_too(package, seller):
    item = PackageItem.objects.get()
    words = {item.public_id: ("Early words", "")}
    actions.change_words(member=seller, public_id=package.public_id, words=words)
    assert manifest.document(built(package))["items"][0]["alt_text"] == "Early words"


def test_only_who_may_pack_changes_words(package, researcher):
    with pytest.raises(PermissionDenied):
        actions.change_words(member=researcher, public_id=package.public_id, words={})


# --- Crops ----------------------------------------------------------------------------------------


def crop(member, packed, box) -> Package:
    return actions.adjust_crop(
        member=member,
        package_id=packed.item.package.public_id,
        packed_id=packed.public_id,
        box=box,
    )


def test_a_crop_by_hand_cuts_that_file_alone_anew(package, seller):
    package = built(package)
    original, square = files_of(package)
    crop(seller, square, Box(0.0, 0.0, 0.5, 0.5))
    assert fresh(package).state == "building"
    package = built(package)
    kept, cut = files_of(package)
    assert package.state == "ready"
    assert (kept.sha256, kept.storage_name) == (original.sha256, original.storage_name)
    assert cut.sha256 != square.sha256
    assert (cut.box, cut.is_box_by_hand) == ([0.0, 0.0, 0.5, 0.5], True)
    assert kinds(package) == ["made", "packed", "crop_changed", "packed_again"]


def test_the_machine_may_choose_the_crop_again(package, seller):
    package = built(package)
    square = only(package, "square")
    crop(seller, square, Box(0.0, 0.0, 0.5, 0.5))
    built(package)
    crop(seller, only(package, "square"), None)
    again = only(built(package), "square")
    assert (again.box, again.is_box_by_hand) == (square.box, False)


def test_the_same_crop_again_cuts_nothing(package, seller):
    built(package)
    crop(seller, only(package, "square"), None)
    assert fresh(package).state == "ready"


def test_nothing_is_cropped_while_it_is_packed_and_no_original_ever(package, seller, researcher):
    with pytest.raises(NotNow):
        crop(seller, only(package, "square"), Box(0.0, 0.0, 0.5, 0.5))
    built(package)
    with pytest.raises(NotNow):
        crop(seller, only(package, "original"), Box(0.0, 0.0, 0.5, 0.5))
    with pytest.raises(PermissionDenied):
        crop(researcher, only(package, "square"), Box(0.0, 0.0, 0.5, 0.5))
    assert fresh(package).state == "ready"


# --- Checks ---------------------------------------------------------------------------------------


def test_a_failed_check_keeps_it_until_somebody_answers_by_name(failing, manager):
    assert failing.state == "ready"
    assert not gate.may_leave(failing)
    packed = only(failing, "story")
    [question] = gate.open_questions(access.items_of(failing))
    assert (question.packed, question.finding.code) == (packed, "sides")
    answer = answered(manager, packed)
    assert gate.may_leave(fresh(failing))
    assert (answer.member, answer.sha256) == (manager, packed.sha256)
    said = manifest.document(fresh(failing))["items"][0]["files"][1]["checks"]
    [check] = [check for check in said if "override" in check]
    assert check["override"]["by"] == "Meera Manager"
    assert check["override"]["reason"] == "The shop takes small pictures."
    assert kinds(failing)[-1] == "overridden"


def test_a_seller_cannot_answer_for_a_failed_check(failing, seller, owner):
    with pytest.raises(PermissionDenied):
        answered(seller, only(failing, "story"))
    answered(owner, only(failing, "story"))
    assert gate.may_leave(fresh(failing))


def test_an_answer_holds_for_its_bytes_alone(failing, manager, seller):
    packed = only(failing, "story")
    answered(manager, packed)
    crop(seller, packed, Box(0.0, 0.0, 0.5625, 1.0))
    again = built(failing)
    assert only(again, "story").sha256 != packed.sha256
    assert not gate.may_leave(again)
    assert Override.objects.count() == 1


def test_an_answer_is_given_for_the_bytes_that_were_shown(failing, manager):
    packed = only(failing, "story")
    for wrong in ({"sha256": "0" * 64}, {"check_code": "format"}, {"check_code": "no_such"}):
        with pytest.raises(NotNow):
            answered(manager, packed, **wrong)
    assert Override.objects.count() == 0


def test_an_answer_is_never_changed(failing, manager, owner):
    packed = only(failing, "story")
    first = answered(manager, packed)
    assert answered(owner, packed, reason="Another reason") == first
    first.reason = "Changed"
    with pytest.raises(AppendOnlyError):
        first.save()


def test_it_does_not_leave_once_an_approval_is_reversed(package, review, manager):
    package = built(package)
    assert gate.may_leave(package)
    reverse(manager, review)
    assert not gate.may_leave(package)
    assert gate.obstacles_of([package]) == {package.pk: gate.Obstacle.WITHDRAWN}


def test_it_does_not_leave_before_it_is_packed(package):
    assert not gate.may_leave(package)
    assert gate.may_leave(built(package))


# --- The chain ------------------------------------------------------------------------------------


def test_the_brief_tells_when_it_was_packed_and_by_whom(
    package, review, seller, django_assert_num_queries
):
    assert [step for step in chain.added_steps(review.brief) if step.kind == "handoff"] == []
    built(package)
    building.build(package.pk)
    [step] = [step for step in chain.added_steps(review.brief) if step.kind == "handoff"]
    packed = PackageEvent.objects.get(kind="packed")
    assert (step.at, step.by) == (packed.created_at, "Asha Seller")
    assert step.words == "Packed in “Mugs for the winter”"
    assert step.url == f"/handoff/{package.public_id}/"
    from rivya_app.handoff import steps

    with django_assert_num_queries(1):
        steps.of_brief(review.brief)
