"""The frame of a crop, moved by mouse, keys and numbers."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from rivya_app.handoff.models import PackedFile
from tests import packing, reviewing


@pytest.fixture
def story(shop: Any, seller: Any, manager: Any) -> PackedFile:
    review = reviewing.approved(shop, seller, manager)
    return packing.only(
        packing.built(packing.asked_for(seller, review, presets=("story",))), "story"
    )


def numbers(page: Page) -> dict[str, float]:
    return {
        name: float(page.locator(f"[name={name}]").input_value()) for name in ("across", "zoom")
    }


def test_the_frame_follows_mouse_keys_and_numbers_and_is_cut_so(
    as_seller: Page, site: str, story: PackedFile
) -> None:
    page, package = as_seller, story.item.package
    page.goto(site + reverse("handoff:adjust-crop", args=[package.public_id, story.public_id]))
    frame, edge = page.locator("[data-frame]"), page.locator("[data-edge]")
    page.locator("[name=across]").fill("50")
    before = edge.bounding_box()
    assert before

    frame.focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert numbers(page)["across"] == 40
    page.keyboard.press("+")
    assert numbers(page)["zoom"] == 105

    box = edge.bounding_box()
    assert box
    assert box["x"] < before["x"]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 2000, y, steps=4)
    page.mouse.up()
    at_the_edge = numbers(page)
    assert abs(at_the_edge["across"] - 100 * 0.5625 / 1.05 / 2) < 0.1  # never past the edge

    frame.hover()
    page.mouse.wheel(0, -100)
    expect(page.locator("[name=zoom]")).not_to_have_value("105")
    assert numbers(page)["zoom"] > 105
    page.get_by_role("button", name="Cut it so").click()
    expect(page.get_by_text("1 of 2 packed")).to_be_visible()
    packing.built(package)
    expect(page.get_by_text("Needs an answer")).to_be_visible()  # by itself
    cut = packing.only(package, "story")
    assert cut.is_box_by_hand
    assert cut.box
    assert cut.box[0] < 0.01
