"""What goes with the files: complete, the same every time, harmless in a spreadsheet."""

import csv
import hashlib
import io
import json

import pytest

from rivya_app.core.csv_stream import safe_cell
from rivya_app.credits.models import LedgerEntry
from rivya_app.handoff import manifest, names, tagging
from rivya_app.handoff.models import Package
from rivya_app.reviews.models import Review
from tests import packing, reviewing
from tests.packing import asked_for, built, files_of, fresh, only

pytestmark = pytest.mark.django_db(transaction=True)
FORMULA = '=HYPERLINK("http://evil.example","win")'


@pytest.fixture
def review(shop, seller, manager) -> Review:
    review = reviewing.asked(shop, seller, product="=Blue mug")
    reviewing.decided(manager, review, note="Lovely light.")
    review.refresh_from_db()
    return review


@pytest.fixture
def package(review, seller) -> Package:
    [item] = packing.wanted([review]).items
    item = type(item)(item.review_id, FORMULA, "-1 line\n+ another")
    return built(asked_for(seller, review, presets=("square", "story"), items=(item,)))


def texts(package: Package) -> dict[str, str]:
    return {name: text.decode() for name, text in manifest.texts(package)}


def rows(package: Package) -> list[dict[str, str]]:
    text = texts(package)["manifest.csv"]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_it_says_everything_about_an_item(package, review, seller, manager):
    written = json.loads(texts(package)["manifest.json"])
    assert written == manifest.document(package)
    assert written["format"] == 1
    about = written["package"]
    assert (about["id"], about["title"]) == (str(package.public_id), "Mugs for the winter")
    assert (about["workspace"], about["made_by"]) == ("Asha Crafts", "Asha Seller")
    [item] = written["items"]
    job, decision = review.generation, review.decisions.get()
    assert item["brief"]["url"].endswith(f"/briefs/{review.brief.public_id}/")
    assert item["seller"] == "Asha Seller"
    assert item["approved_sha256"] == review.sha256
    assert item["digital_source_type"] == tagging.MADE_BY_A_MODEL
    assert item["job"] == {
        "id": str(job.public_id),
        "task_id": job.task_id,
        "model_id": "z-image",
        "model": "Z-Image",
        "prompt": "A blue mug on a wooden table",
        "settings": {"aspect_ratio": "1:1"},
        "credits": "1.00",
    }
    approval = item["approval"]
    assert (approval["approver"], approval["role"]) == ("Meera Manager", "manager")
    assert approval["decision_id"] == str(decision.public_id)
    assert approval["note"] == "Lovely light."
    assert [(answer["code"], answer["is_ticked"]) for answer in approval["rights"]] == [
        ("rights", True)
    ]
    assert len(approval["checklist"]) == 6


def test_its_credits_are_those_of_the_ledger(package, review):
    spent = LedgerEntry.objects.get(reference=review.generation.reference, kind="settle").spent
    assert manifest.document(package)["items"][0]["job"]["credits"] == str(spent)


def test_it_says_of_each_file_what_lies_in_the_zip(package):
    [item] = manifest.document(package)["items"]
    for said, packed in zip(item["files"], files_of(package), strict=True):
        content = packing.stored(packed.storage_name).read_bytes()
        assert said["name"] == packed.name
        assert said["sha256"] == hashlib.sha256(content).hexdigest()
        assert said["size"] == len(content)
        assert (said["width"], said["height"]) == (packed.width, packed.height)
        assert said["has_ai_tag"] is True
        assert said["checks"] == packed.checks
    assert [file["name"] for file in item["files"]] == [
        "originals/01-blue-mug.png",
        "square/01-blue-mug.jpg",
        "story/01-blue-mug.jpg",
    ]


def test_the_table_has_a_row_a_file_and_no_formula(package):
    found = rows(package)
    assert [row["file"] for row in found] == [packed.name for packed in files_of(package)]
    first = found[0]
    assert first["alt_text"] == f"'{FORMULA}"
    assert first["product"] == "'=Blue mug"
    assert first["caption"] == "'-1 line\n+ another"
    assert first["settings"] == '{"aspect_ratio": "1:1"}'
    assert first["rights"] == "No person, mark or work of others without permission: yes"
    assert found[2]["checks_failed"] == "sides"
    for row in found:
        for value in row.values():
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_nothing_a_spreadsheet_calculates_is_left_as_it_is(start):
    assert safe_cell(f"{start}1") == f"'{start}1"
    assert safe_cell(f"1{start}") == f"1{start}"
    assert safe_cell(None) == ""


def test_an_answer_stands_in_the_table_too(package, manager):
    packing.answered(manager, only(package, "story"))
    row = rows(fresh(package))[2]
    assert row["overrides"] == "sides: Meera Manager: The shop takes small pictures."


def test_it_is_the_same_whenever_it_is_asked_for(package):
    assert manifest.texts(package) == manifest.texts(fresh(package))
    readme = texts(package)["README.txt"]
    assert readme.startswith("Mugs for the winter, packed by Asha Seller of Asha Crafts on ")
    assert "मैनिफ़ेस्ट" not in readme
    assert "मंज़ूर" in readme
    assert readme.count("\n") == readme.count("\r\n")


def test_it_keeps_no_secret_and_no_link_of_the_provider(package, shop, review):
    said = "".join(texts(package).values())
    assert shop.rivya.base_url not in said
    assert str(review.generation.idempotency_key) not in said
    assert shop.key.secret.reveal() not in said


def test_a_package_that_was_never_packed_has_none(review, seller):
    package = asked_for(seller, review)
    assert manifest.document(package) == {}
    with pytest.raises(ValueError, match="never packed"):
        manifest.texts(package)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hand-thrown blue mug", "hand-thrown-blue-mug"),
        ("  Café Crème № 5 ", "cafe-creme-5"),
        ("हाथ से बना नीला मग", "हाथ-से-बना-नीला-मग"),
        ("हा\u0928\u093cथ", "हा\u0929थ"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON:|<>?*\\", "con"),
        ("🙂", ""),
        ("x" * 300, "x" * 60),
    ],
)
def test_files_are_called_by_their_product(title, name):
    assert names.slug(title) == names.slug(title)
    assert names.slug(title) == name
    whole = names.name_of("square", 7, title, "image/jpeg")
    assert whole == f"square/{'-'.join(filter(None, ['07', name]))}.jpg"
    assert len(whole.encode()) < 255


def test_two_of_one_name_lie_beside_each_other(shop, seller, manager):
    twins = [reviewing.approved(shop, seller, manager) for _number in range(2)]
    package = built(asked_for(seller, *twins, presets=()))
    assert [packed.name for packed in files_of(package)] == [
        "originals/01-hand-thrown-blue-mug.png",
        "originals/02-hand-thrown-blue-mug.png",
    ]
