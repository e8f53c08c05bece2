"""The brief's form in a browser where it begins with an answer of the assistant."""

import re

from playwright.sync_api import expect

from rivya_app.briefs.models import Brief
from rivya_app.chat.models import Turn
from tests.browser.forms import press_create, write_brief

ANSWER = "**Title:** Copper lamp\n\n**Points:**\n- hammered by hand\n\n**Prompt:** A copper lamp"


def answered(talk, member, answer):
    turn = talk.answer(talk.begin(member))
    Turn.objects.filter(pk=turn.pk).update(answer=answer)
    return turn


def test_it_begins_with_the_answer_and_not_with_an_older_draft(as_seller, site, talk, seller):
    as_seller.on("dialog", lambda dialog: dialog.accept())
    write_brief(as_seller, site)  # left unsent, and kept by this browser
    turn = answered(talk, seller, ANSWER)
    as_seller.goto(f"{site}/briefs/new/?from_turn={turn.public_id}")
    expect(as_seller.locator("#taken")).to_contain_text("Filled in from it")
    expect(as_seller.get_by_label("What do you sell?")).to_have_value("Copper lamp")
    expect(as_seller.get_by_label("What should the picture show?")).to_have_value(
        "hammered by hand"
    )
    expect(as_seller.get_by_label("Text for the model")).to_have_value("A copper lamp")
    press_create(as_seller)
    assert Brief.objects.get().from_turn == turn


def test_it_writes_the_text_where_the_answer_has_none(as_seller, site, talk, seller):
    turn = answered(talk, seller, "**Title:** Copper lamp\n\n**Points:** hammered by hand")
    as_seller.goto(f"{site}/briefs/new/?from_turn={turn.public_id}")
    expect(as_seller.get_by_label("Text for the model")).to_have_value(re.compile("Copper lamp"))
