"""Reference files in a real browser: added in every way, with progress, and never lost."""

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from rivya_app.briefs.models import Brief
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from tests.library.conftest import film, picture
from tests.library.files import put

TILES = "#references [data-list] > li"
HERE = f"{TILES}[data-file]"
BRIEF = re.compile(r"/briefs/[0-9a-f-]{36}/")
TAKES_PICTURES = "nano-banana-2"


@pytest.fixture
def form(as_seller: Page, site: str) -> Page:
    """A new brief for a model that takes pictures."""
    as_seller.goto(f"{site}/briefs/new/?model_id={TAKES_PICTURES}")
    return as_seller


def sent(name: str, content: bytes = b"", mime: str = "image/png") -> dict[str, Any]:
    return {"name": name, "mimeType": mime, "buffer": content or picture(300, 200)}


def pick(page: Page, *files: dict[str, Any]) -> None:
    page.locator("#id_new_references").set_input_files(list(files))


def names(page: Page) -> list[str]:
    found = page.locator(f"{TILES} .reference-name")
    return [text.split("(")[0].strip() for text in found.all_text_contents()]


def fill(page: Page) -> None:
    page.get_by_label("What do you sell?").fill("Blue mug")
    page.locator("#id_points").fill("glazed stoneware")


def drop(page: Page, name: str, content: bytes) -> None:
    """As a person drops a file from their desktop onto the middle of the form."""
    page.evaluate(
        """([name, data]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: "image/png" }));
          const target = document.getElementById("id_product");
          for (const type of ["dragenter", "dragover", "drop"]) {
            const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
            target.dispatchEvent(new DragEvent(type, how));
          }
        }""",
        [name, base64.b64encode(content).decode()],
    )


def paste(page: Page, name: str, content: bytes) -> None:
    page.evaluate(
        """([name, data]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: "image/png" }));
          const how = { clipboardData: transfer, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        [name, base64.b64encode(content).decode()],
    )


def test_files_are_picked_dropped_and_pasted_and_go_with_the_brief(form: Page) -> None:
    pick(form, sent("picked.png", picture(50, 50)), sent("also.png", picture(60, 60)))
    drop(form, "dropped.png", picture(70, 70))
    paste(form, "pasted.png", picture(80, 80))
    expect(form.locator(HERE)).to_have_count(4)
    assert set(names(form)) == {"picked.png", "also.png", "dropped.png", "pasted.png"}
    fill(form)
    form.get_by_role("button", name="Create the drafts").click()
    expect(form).to_have_url(BRIEF)
    brief = Brief.objects.get()
    assert len(uses.files_of(f"brief:{brief.public_id}")) == 4


def test_files_are_put_into_another_order_and_taken_off_by_keyboard(form: Page) -> None:
    for number, side in enumerate((50, 60, 70), start=1):
        pick(form, sent(f"{number}.png", picture(side, side)))
        expect(form.locator(HERE)).to_have_count(number)
    form.get_by_role("button", name="Move 3.png forward").press("Enter")
    assert names(form) == ["1.png", "3.png", "2.png"]
    expect(form.get_by_role("button", name="Move 3.png forward")).to_be_focused()
    form.get_by_role("button", name="Take 1.png off").press("Enter")
    assert names(form) == ["3.png", "2.png"]


def test_a_wrong_file_is_refused_before_it_leaves(form: Page) -> None:
    asked: list[str] = []
    form.on("request", lambda request: asked.append(request.url))
    pick(form, sent("turn.gif", picture(form="GIF"), "image/gif"))
    expect(form.locator(f"{TILES} [data-problem]")).to_have_text("This format is not taken here.")
    assert not [url for url in asked if url.endswith("/files/")]


def test_what_the_server_refuses_is_said_beside_the_file(form: Page, complaints: list[str]) -> None:
    pick(form, sent("cut.png", picture(200, 200)[:90]))
    expect(form.locator(f"{TILES} [data-problem]")).to_contain_text("damaged")
    complaints.clear()  # the browser's own line about the 422
    fill(form)
    form.get_by_role("button", name="Create the drafts").click()
    expect(form.locator("[data-together]")).to_contain_text("Try it again or remove it")
    form.locator(TILES).get_by_role("button", name="Remove").click()
    form.get_by_role("button", name="Create the drafts").click()
    expect(form).to_have_url(BRIEF)


def test_an_upload_that_was_cut_is_tried_again_without_choosing_again(
    form: Page, complaints: list[str]
) -> None:
    cuts = [1]

    def cut_once(route: Route) -> None:
        if cuts:
            cuts.pop()
            route.abort("connectionreset")
        else:
            route.continue_()

    form.route("**/files/", cut_once)
    fill(form)
    pick(form, sent("mug.png"))
    expect(form.locator(f"{TILES} [data-problem]")).to_contain_text("The connection broke")
    assert form.get_by_label("What do you sell?").input_value() == "Blue mug"
    form.get_by_role("button", name="Try again").click()
    expect(form.locator(HERE)).to_have_count(1)
    assert StoredFile.objects.count() == 1
    complaints.clear()  # the browser tells its console of the cut


def test_an_upload_under_way_holds_the_form_back_and_can_be_cancelled(form: Page) -> None:
    held: list[Route] = []
    form.route("**/files/", lambda route: held.append(route))
    fill(form)
    pick(form, sent("slow.png"))
    expect(form.locator(f"{TILES} progress")).to_be_visible()
    expect(form.locator(f"{TILES} canvas")).to_be_visible()  # before a byte has left
    form.get_by_role("button", name="Create the drafts").click()
    expect(form.locator("[data-together]")).to_contain_text("Wait until the files are here")
    form.locator(TILES).get_by_role("button", name="Cancel").click()
    expect(form.locator(TILES)).to_have_count(0)
    for route in held:
        route.abort()
    assert StoredFile.objects.count() == 0


def test_another_model_marks_what_does_not_fit_and_drops_nothing(form: Page) -> None:
    pick(form, sent("mug.png"))
    expect(form.locator(HERE)).to_have_count(1)
    form.locator("#model-fold summary").click()
    form.locator("[name=model_id][value=z-image]").check()
    expect(form.locator("[data-takes-none]")).to_be_visible()
    expect(form.locator(f"{TILES} [data-problem]")).to_contain_text("takes no reference files")
    form.locator(f"[name=model_id][value={TAKES_PICTURES}]").check()
    expect(form.locator(f"{TILES} [data-problem]")).to_be_hidden()
    expect(form.locator(HERE)).to_have_count(1)


def test_a_file_is_chosen_from_the_library(form: Page, seller: Any) -> None:
    put(seller, 90, name="earlier.png")
    form.get_by_role("button", name="Choose from the library").click()
    form.locator(".shelf").get_by_text("earlier.png").click()
    assert names(form) == ["earlier.png"]
    form.get_by_role("button", name="Take earlier.png off").click()
    expect(form.locator(".shelf input")).not_to_be_checked()


def test_a_film_is_refused_by_a_model_of_pictures_with_its_rule(
    form: Page, complaints: list[str]
) -> None:
    pick(form, sent("turn.mp4", film(), "video/mp4"))
    expect(form.locator(f"{TILES} [data-problem]")).to_contain_text("Video")
    complaints.clear()
