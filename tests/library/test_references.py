"""Reference files in the brief's form: counts and sets, order, and nothing lost or leaked."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rivya_app.briefs.models import Brief
from rivya_app.library import references, uses
from rivya_app.library.models import StoredFile
from rivya_app.rivya_api import types
from tests.library.conftest import film, picture
from tests.library.files import put
from tests.shop import Shop, typed

pytestmark = pytest.mark.django_db(transaction=True)


def model(**media: Any) -> types.Model:
    kinds = [kind for kind in ("image", "video", "audio") if kind in media]
    entry = {"id": "m", "reference_media": media or None, "file_kinds": kinds}
    return types.Model.from_json(entry)


def files(**counts: int) -> list[StoredFile]:
    types_of = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}
    return [
        StoredFile(kind=kind, mime_type=types_of[kind], size=1000, state="stored", title=kind)
        for kind, count in counts.items()
        for _number in range(count)
    ]


def problems(of: types.Model, given: list[StoredFile]) -> list[str]:
    return references.problems(of.reference_rules, of, given)


NINE_OR_FIVE = {
    "combinations": [{"image": 9}, {"video": 1, "image": 5}],
    "image": {"max_items": 9, "max_size_mb": 10},
    "video": {"max_items": 1, "max_size_mb": 95, "mime_types": ["video/mp4", "video/quicktime"]},
}


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ({"image": 9}, True),
        ({"image": 10}, False),
        ({"video": 1, "image": 5}, True),
        ({"video": 1, "image": 6}, False),
        ({"video": 2}, False),
        ({"video": 1}, True),
        ({"audio": 1}, False),
    ],
)
def test_it_holds_files_to_the_sets_a_model_takes_together(given, fits):
    assert (problems(model(**NINE_OR_FIVE), files(**given)) == []) is fits


def test_it_names_what_was_chosen_and_what_is_taken():
    (said,) = problems(model(**NINE_OR_FIVE), files(video=1, image=6))
    assert "1 video" in said
    assert "6 pictures" in said
    assert "9 pictures, or 1 video and 5 pictures" in said


def test_it_counts_each_kind_where_no_set_is_stated():
    of = model(image={"max_items": 2})
    assert problems(of, files(image=2)) == []
    assert problems(of, files(image=3)) != []


@pytest.mark.parametrize(
    ("size", "mime_type", "said"),
    [
        (10_000_000, "image/png", ""),
        (10_000_001, "image/png", "at most 10 MB"),
        (1000, "image/gif", "GIF"),
    ],
)
def test_it_uses_rivyas_usual_limits_where_a_model_says_nothing(size, mime_type, said):
    found = references.problem_with(model(image={"max_items": 1}), "image", mime_type, size)
    assert (said in found) if said else found == ""


def test_it_takes_two_names_of_one_format_for_one():
    of = model(audio={"max_items": 1, "mime_types": ["audio/x-wav"]})
    assert references.problem_with(of, "audio", "audio/wav", 10) == ""


def test_it_says_that_a_model_needs_a_file_or_takes_none():
    assert problems(model(required=True, image={"max_items": 1}), []) != []
    assert problems(model(image={"max_items": 1}), []) == []
    assert "takes no reference files" in problems(model(), files(image=1))[0]


# --- In the form ------------------------

Post = Callable[..., Any]
TAKES_PICTURES = "nano-banana-2"  # up to 14, of the stand-in's list


@pytest.fixture
def post(client_of: Callable[..., Client], seller: Any, shop: Shop, vault_dir: Any) -> Post:
    """`post(**fields)`: the seller sends the brief's form; the answer."""

    def send(**fields: Any) -> Any:
        values = typed(**{"model_id": TAKES_PICTURES, **fields})
        values.pop("param_aspect_ratio", None)
        return client_of(seller).post(f"{reverse('briefs:new')}?send", values)

    return send


def ids(*files_: StoredFile) -> list[str]:
    return [str(file.public_id) for file in files_]


def used() -> list[StoredFile]:
    brief = Brief.objects.get()
    return uses.files_of(f"brief:{brief.public_id}")


def test_a_brief_takes_its_files_into_use_in_the_order_chosen(post, seller):
    first, second = put(seller, 50), put(seller, 60)
    assert post(references=ids(second, first)).status_code == 302
    assert used() == [second, first]


def test_files_that_come_with_the_form_are_used_without_any_script(post):
    sent = [SimpleUploadedFile("a.png", picture(50, 50)), SimpleUploadedFile("b.png", picture())]
    assert post(new_references=sent).status_code == 302
    assert [file.original_name for file in used()] == ["a.png", "b.png"]


def test_another_wrong_field_loses_no_file(post, seller):
    kept = put(seller, 50)
    answer = post(
        product="", references=ids(kept), new_references=SimpleUploadedFile("b.png", picture())
    )
    new = StoredFile.objects.get(original_name="b.png")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.index(f'value="{kept.public_id}"') < page.index(f'value="{new.public_id}"')
    assert post(references=ids(kept, new)).status_code == 302
    assert used() == [kept, new]


def test_a_file_that_is_not_taken_is_named_and_loses_nothing(post, seller):
    kept = put(seller)
    sent = SimpleUploadedFile("notes.txt", b"no picture at all, only words" * 9)
    answer = post(references=ids(kept), new_references=sent)
    assert answer.status_code == 422
    assert "notes.txt: What is inside this file" in answer.content.decode()
    assert str(kept.public_id) in answer.content.decode()
    assert not Brief.objects.exists()


def test_too_many_files_are_refused_with_the_rule(post, seller):
    many = [put(seller, side) for side in range(30, 45)]
    answer = post(references=ids(*many))
    assert answer.status_code == 422
    assert "You chose 15 pictures" in answer.content.decode()
    assert post(references=ids(*many[:14])).status_code == 302


def test_files_that_do_not_fit_another_model_are_marked_and_not_dropped(post, seller):
    kept = put(seller, content=film(), name="turn.mp4")
    answer = post(references=ids(kept))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{kept.public_id}"' in page
    assert "is-unfit" in page
    assert "A file of this kind (Video) is not taken here" in page


def test_anothers_file_is_not_there_and_nothing_of_it_shows(post, stranger):
    theirs = put(stranger, name="their-secret.png")
    answer = post(references=ids(theirs))
    nobodys = post(references=[str(uuid4())])
    assert (answer.status_code, nobodys.status_code) == (422, 422)
    for said in (answer.content.decode(), nobodys.content.decode()):
        assert "A file you chose is not here." in said
        assert "their-secret" not in said
    assert not Brief.objects.exists()


@pytest.mark.parametrize("broken", ["", "no-id", "' OR 1=1", "\x00"])
def test_ids_that_are_none_break_nothing(post, broken):
    assert post(references=[broken]).status_code in (302, 422)


def test_a_removed_file_is_said_with_who_removed_it(post, seller):
    from rivya_app.library.actions import remove_file

    gone = put(seller)
    remove_file(member=seller, public_id=gone.public_id)
    answer = post(references=ids(gone))
    assert answer.status_code == 422
    assert "by Asha Seller" in answer.content.decode()


@pytest.mark.parametrize(
    ("button", "order"),
    [
        ("earlier:1", [1, 0, 2]),
        ("later:1", [0, 2, 1]),
        ("without:1", [0, 2]),
        ("upload", [0, 1, 2]),
    ],
)
def test_buttons_arrange_the_files_without_any_script(post, seller, button, order):
    mine = [put(seller, side) for side in (30, 40, 50)]
    act, colon, place = button.partition(":")
    named = f"{act}:{mine[int(place)].public_id}" if colon else act
    answer = post(references=ids(*mine), refresh=named)
    page = answer.content.decode()
    places = [page.find(f'name="references" value="{mine[n].public_id}"') for n in order]
    assert answer.status_code == 200
    assert -1 not in places
    assert places == sorted(places)
    assert page.count('name="references"') == len(order)
    assert not Brief.objects.exists()


def test_the_library_can_be_looked_through_without_any_script(post, seller):
    mine = put(seller, name="shelf.png")
    page = post(refresh="browse").content.decode()
    assert f'type="checkbox" name="references" value="{mine.public_id}"' in page


def test_a_new_brief_starts_with_the_file_it_was_opened_for(client_of, seller, shop, vault_dir):
    mine = put(seller)
    address = reverse("briefs:new")
    page = client_of(seller).get(address, {"references": mine.public_id}).content.decode()
    assert f'name="references" value="{mine.public_id}"' in page


# --- What the script asks ------------------------


def test_it_judges_the_chosen_files_for_another_model(client_of, seller, shop, vault_dir):
    still, clip = put(seller), put(seller, content=film(), name="turn.mp4")
    ask = {"model_id": TAKES_PICTURES, "references": ids(still, clip)}
    verdict = client_of(seller).get(reverse("library:judge"), ask).json()
    assert verdict["takes_any"] is True
    assert list(verdict["alone"]) == ids(clip)
    assert verdict["rules"]["kinds"]["image"]["bytes"] == 30_000_000
    none = client_of(seller).get(reverse("library:judge"), {**ask, "model_id": "z-image"}).json()
    assert none["takes_any"] is False
    assert set(none["alone"]) == set(ids(still, clip))


def test_the_shelf_offers_only_what_the_model_takes(client_of, seller, shop, vault_dir, stranger):
    still, clip = put(seller, name="mug.png"), put(seller, content=film(), name="turn.mp4")
    theirs = put(stranger, 77)
    address, ask = reverse("library:choose"), {"model_id": TAKES_PICTURES}
    page = client_of(seller).get(address, ask).content.decode()
    assert str(still.public_id) in page
    assert str(clip.public_id) not in page
    assert str(theirs.public_id) not in page
    assert "mug.png" not in client_of(seller).get(address, {**ask, "q": "vase"}).content.decode()
