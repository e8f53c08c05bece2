"""The pages of packages: every state, every form, in both languages, for each kind of member."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rivya_app.handoff import building, cutting, history
from rivya_app.handoff.models import Override, Package, PackageItem
from rivya_app.reviews import actions as reviews
from rivya_app.reviews.models import Review
from tests import packing, reviewing
from tests.packing import asked_for, built, files_of, fresh, only

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = "/handoff/"
Read = Callable[..., str]


@pytest.fixture
def read(client_of: Callable[..., Client], seller: Any) -> Read:
    """`read(path, member)`: the page as they see it."""

    def page(path: str = INDEX, member: Any = seller, language: str = "en", **asked: str) -> str:
        browser = client_of(member)
        browser.cookies["language"] = language
        answer = browser.get(path, asked)
        assert answer.status_code == 200
        return str(answer.content.decode())

    return page


@pytest.fixture
def review(shop, seller, manager) -> Review:
    return reviewing.approved(shop, seller, manager)


@pytest.fixture
def package(review, seller) -> Package:
    return asked_for(seller, review)


@pytest.fixture
def failing(review, seller) -> Package:
    return built(asked_for(seller, review, presets=("story",)))


def page_of(package: Package) -> str:
    return reverse("handoff:show-package", args=[package.public_id])


def of_file(name: str, packed: Any) -> str:
    return reverse(f"handoff:{name}", args=[packed.item.package.public_id, packed.public_id])


def form_of(client: Client, *chosen: Review) -> dict[str, Any]:
    """What the form for these would send as it stands."""
    named = {"review": [str(review.public_id) for review in chosen]}
    form = client.get("/handoff/new/", named).context["form"]
    values = {
        **named,
        "form_token": str(form["form_token"].value()),
        "title": form["title"].value(),
        "presets": list(form["presets"].value()),
    }
    for words in form.words:
        values |= {field.html_name: field.value() for field in words}
    return values


# --- The list -------------------------------------------------------------------------------------


def test_the_list_says_what_will_be_here(read, seller):
    page = read()
    assert "Nothing approved yet" in page
    assert "Packages that were made will be listed here." in page
    assert "अभी कुछ मंज़ूर नहीं हुआ" in read(language="hi")


def test_the_list_offers_what_is_approved_and_not_packed(read, review, seller, researcher):
    page = read()
    assert f'name="review" value="{review.public_id}"' in page
    assert "Approved by Meera Manager" in page
    assert "Pack what is ticked" in page
    assert "Pack what is ticked" not in read(member=researcher)
    asked_for(seller, review)
    assert "Everything approved is packed" in read()
    assert "Packed before" in read(packed="1")
    assert "Nothing matches" in read(q="vase", packed="1")


def test_the_list_names_each_package_and_how_far_it_is(read, package, review, seller, manager):
    assert "0 of 2 packed" in read()
    built(package)
    assert "Ready" in read()
    built(asked_for(seller, review, presets=("story",)))
    assert "Needs an answer" in read()
    reviews.reverse_decision(member=manager, public_id=review.public_id, reason="No.")
    assert "Not approved any more" in read()
    history.note(package, history.CHANGED_BYTES)
    assert "Stored bytes changed" in read()


def test_the_list_takes_a_constant_number_of_queries(
    shop, seller, manager, review, client_of, django_assert_max_num_queries
):
    for _number in range(3):
        built(asked_for(seller, review, presets=("story",)))
        reviewing.approved(shop, seller, manager)
    client = client_of(seller)
    client.get(INDEX)
    with django_assert_max_num_queries(24):
        client.get(INDEX)


# --- A new package --------------------------------------------------------------------------------


def test_the_form_starts_from_the_briefs_and_makes_a_package(shop, seller, manager, client_of):
    mug = reviewing.approved(shop, seller, manager)
    lamp = reviewing.approved(shop, seller, manager, product="Brass lamp", channel="story")
    client = client_of(seller)
    values = form_of(client, mug, lamp)
    assert values["title"] == "Hand-thrown blue mug, Brass lamp"
    assert "story" in values["presets"]
    answer = client.post("/handoff/new/", values)
    package = Package.objects.get()
    assert answer.url == page_of(package)
    assert [item.alt_text for item in package.items.all()] == [
        "Hand-thrown blue mug, for a marketplace listing",
        "Brass lamp, for a story or reel",
    ]
    assert package.items.first().caption == "glazed stoneware\nholds 300 ml"
    assert client.post("/handoff/new/", values).url == page_of(package)
    assert Package.objects.count() == 1


def test_the_usual_cuts_of_the_channel_are_ticked(read, review):
    page = read("/handoff/new/", review=str(review.public_id))
    assert 'value="marketplace" id="id_presets_4" checked' in page
    assert 'value="story" id="id_presets_2"><' in page


def test_a_wrong_form_keeps_what_was_typed(client_of, seller, review):
    client = client_of(seller)
    name = f"file-{review.public_id}-caption"
    values = {**form_of(client, review), "title": "", "presets": ["poster"], name: "My own words"}
    values[f"file-{review.public_id}-alt_text"] = "x" * 301
    answer = client.post("/handoff/new/", values)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "My own words" in page
    assert page.count('aria-invalid="true"') >= 2
    assert "Hand-thrown blue mug, Alt text" in page
    assert Package.objects.count() == 0


def test_nothing_ticked_leads_back_to_the_list(client_of, seller, stranger, review):
    for client, asked in [
        (client_of(seller), {}),
        (client_of(seller), {"review": "nonsense"}),
        (client_of(stranger), {"review": str(review.public_id)}),
    ]:
        assert client.get("/handoff/new/", asked).url == INDEX
        assert client.post("/handoff/new/", asked).url == INDEX


def test_what_was_reversed_while_the_form_was_open_is_not_packed(
    client_of, seller, manager, shop, review
):
    other = reviewing.approved(shop, seller, manager)
    client = client_of(seller)
    values = form_of(client, review, other)
    reviews.reverse_decision(member=manager, public_id=review.public_id, reason="No.")
    refused = client.post("/handoff/new/", values)
    assert refused.status_code == 422
    assert "A file is not approved any more" in refused.content.decode()
    assert Package.objects.count() == 0
    client.post("/handoff/new/", {**values, "review": [str(other.public_id)]})
    assert PackageItem.objects.get().review == other


# --- A package ------------------------------------------------------------------------------------


def test_it_shows_how_far_it_is_while_it_is_packed(package, client_of, seller, monkeypatch):
    class Killed(BaseException):
        pass

    cut = cutting.cut

    def once(path: Any, preset: Any, out: Any, box: Any = None) -> Any:
        if preset.code != "original":
            raise Killed
        return cut(path, preset, out, box=box)

    client, live = client_of(seller), reverse("handoff:show-live", args=[package.public_id])
    first = client.get(page_of(package))
    assert "0 of 2 packed" in first.content.decode()
    version = first.context["live"].version
    assert client.get(live, {"v": version}).status_code == 204
    with monkeypatch.context() as patched:
        patched.setattr(cutting, "cut", once)
        with pytest.raises(Killed):
            building.build(package.pk)
    moved = client.get(live, {"v": version})
    assert "1 of 2 packed" in moved.content.decode()
    Package.objects.update(next_build_at="2020-01-01T00:00Z")
    built(package)
    ended = client.get(live, {"v": moved.context["live"].version}).content.decode()
    assert "Ready to leave" in ended
    assert 'id="live" hidden' in ended


def test_a_ready_one_shows_every_file_with_its_checks(package, read, review):
    built(package)
    page = read(page_of(package))
    assert "Ready to leave" in page
    for packed in files_of(package):
        assert of_file("packed-file", packed) in page
    assert f"/briefs/{review.brief.public_id}/" in page
    assert f"/reviews/{review.public_id}/" in page
    assert "1080 × 1080 px" in page
    assert "Mark of AI origin" in page
    assert "&quot;format&quot;: 1" in page
    assert "Asha Seller" in page
    hindi = read(page_of(package), language="hi")
    assert "भेजने के लिए तैयार" in hindi
    assert "Ready to leave" not in hindi


def test_a_link_to_a_review_is_there_for_who_may_open_it(package, read, review, researcher):
    assert f"/reviews/{review.public_id}/" in read(page_of(package))
    assert f"/reviews/{review.public_id}/" not in read(page_of(package), researcher)


def test_a_failed_check_says_the_rule_and_who_may_answer(failing, read, seller, manager, owner):
    page = read(page_of(failing))
    assert "1 failed check needs an answer before this can leave" in page
    assert "Each side must come from at least 600 pixels" in page
    assert "Vikram Owner, Meera Manager" in page
    assert "Let it leave in my name" not in page
    assert "Let it leave in my name" in read(page_of(failing), manager)
    assert "ज़िम्मेदारी लें" in read(page_of(failing), manager, "hi")


def test_an_answer_is_given_on_the_page(failing, client_of, manager, read):
    packed = only(failing, "story")
    client, url = client_of(manager), of_file("override-check", packed)
    typed = {"check": "sides", "sha256": packed.sha256, "reason": ""}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    assert Override.objects.count() == 0
    answer = client.post(url, {**typed, "reason": "Their page is small."})
    assert answer.url == page_of(failing)
    page = read(page_of(failing))
    assert "Ready to leave" in page
    assert "Meera Manager answered for it:" in page
    assert "Their page is small." in page


def test_an_answer_for_other_bytes_is_told(failing, client_of, manager):
    packed = only(failing, "story")
    typed = {"check": "sides", "sha256": "0" * 64, "reason": "Yes."}
    answer = client_of(manager).post(of_file("override-check", packed), typed, follow=True)
    assert "The file has changed since." in answer.content.decode()
    assert Override.objects.count() == 0


def test_a_broken_one_says_why_and_can_be_tried_again(package, read, review, client_of, seller):
    before = packing.damage(review.file.storage_name)
    built(package)
    page = read(page_of(package))
    assert "The stored file is not the one that was approved" in page
    assert "Nothing leaves." in page
    packing.stored(review.file.storage_name).write_bytes(before)
    client_of(seller).post(reverse("handoff:try-again", args=[package.public_id]))
    assert built(package).state == "ready"


def test_one_with_changed_bytes_is_packed_anew(package, read, client_of, seller):
    built(package)
    history.note(package, history.CHANGED_BYTES, name="square/01.jpg")
    assert "A packed file is not what was packed" in read(page_of(package))
    client_of(seller).post(reverse("handoff:try-again", args=[package.public_id]))
    built(package)
    assert "Ready to leave" in read(page_of(package))


def test_one_with_a_reversed_approval_says_so(package, read, review, manager):
    built(package)
    reviews.reverse_decision(member=manager, public_id=review.public_id, reason="No.")
    assert "Something in it is not approved any more" in read(page_of(package))


def test_a_package_takes_a_constant_number_of_queries(
    shop, seller, manager, client_of, django_assert_max_num_queries
):
    several = [reviewing.approved(shop, seller, manager) for _number in range(3)]
    package = built(asked_for(seller, *several, presets=("square", "story")))
    client = client_of(seller)
    client.get(page_of(package))
    with django_assert_max_num_queries(32):
        client.get(page_of(package))


# --- Files and words ------------------------------------------------------------------------------


def test_members_see_and_save_packed_files(package, client_of, seller, stranger):
    packed = files_of(package)[1]
    url = of_file("packed-file", packed)
    assert client_of(seller).get(url).status_code == 404
    built(package)
    packed.refresh_from_db()
    answer = client_of(seller).get(url, {"download": "1"})
    assert answer.getvalue() == packing.stored(packed.storage_name).read_bytes()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == 'attachment; filename="01-hand-thrown-blue-mug.jpg"'
    assert client_of(stranger).get(url).status_code == 404


def test_the_address_of_a_file_changes_with_its_bytes(package, read):
    built(package)
    for packed in files_of(package):
        assert f"{of_file('packed-file', packed)}?v={packed.sha256[:12]}" in read(page_of(package))


def test_the_frame_is_there_without_a_script(failing, client_of, seller):
    packed = only(failing, "story")
    page = client_of(seller).get(of_file("adjust-crop", packed)).content.decode()
    assert 'name="across"' in page
    assert f'viewBox="0 0 {packed.item.file.width} {packed.item.file.height}"' in page
    assert 'data-ratio="9:16"' in page


def test_a_crop_typed_as_numbers_is_cut(failing, client_of, seller):
    packed = only(failing, "story")
    typed = {"across": "0", "down": "50", "zoom": "100"}
    answer = client_of(seller).post(of_file("adjust-crop", packed), typed)
    assert answer.url == page_of(failing)
    assert fresh(failing).state == "building"
    built(failing)
    cut = only(failing, "story")
    assert cut.is_box_by_hand
    assert cut.box[0] == 0
    client_of(seller).post(of_file("adjust-crop", packed), {"automatic": "1"})
    built(failing)
    assert only(failing, "story").box == packed.box


@pytest.mark.parametrize(
    "wrong",
    [{"across": "101"}, {"down": "-1"}, {"zoom": "99"}, {"zoom": "nan"}, {"across": "left"}],
)
def test_a_crop_that_is_none_keeps_what_was_typed(failing, client_of, seller, wrong):
    packed = only(failing, "story")
    typed = {"across": "12.5", "down": "50", "zoom": "100", **wrong}
    answer = client_of(seller).post(of_file("adjust-crop", packed), typed)
    assert answer.status_code == 422
    assert str(*wrong.values()) in answer.content.decode()
    assert fresh(failing).state == "ready"


def test_a_crop_while_it_is_packed_is_told(package, client_of, seller):
    packed = only(package, "square")
    url = of_file("adjust-crop", packed)
    assert client_of(seller).get(url).status_code == 200
    answer = client_of(seller).post(url, {"across": "1", "down": "1", "zoom": "200"}, follow=True)
    assert "The package is being packed." in answer.content.decode()


def test_words_are_changed_on_one_page(package, client_of, seller):
    item = package.items.get()
    url = reverse("handoff:change-words", args=[package.public_id])
    client = client_of(seller)
    names = {name: f"item-{item.public_id}-{name}" for name in ("alt_text", "caption")}
    refused = client.post(url, {names["alt_text"]: " ", names["caption"]: "Kept as typed"})
    assert refused.status_code == 422
    assert "Kept as typed" in refused.content.decode()
    client.post(url, {names["alt_text"]: "New words", names["caption"]: ""})
    item.refresh_from_db()
    assert (item.alt_text, item.caption) == ("New words", "")


def test_what_people_typed_stays_text(shop, seller, manager, read):
    review = reviewing.approved(shop, seller, manager, product="<script>alert(1)</script>")
    package = built(asked_for(seller, review, title="<b>Bold</b>"))
    for path in (INDEX, page_of(package)):
        page = read(path)
        assert "<script>alert" not in page
        assert "<b>Bold" not in page
