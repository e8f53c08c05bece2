"""Addresses and forms that no page of ours makes: refused or read past, never a broken page."""

import pytest

from tests.shop import typed

ADDRESSES = [
    "/briefs/?q=%00",
    "/briefs/new/?from=%00",
    "/briefs/new/?from=earlier",
    "/briefs/new/?model_id=%00",
    "/library/?q=%00",
    "/library/choose/?q=%00",
    "/library/choose/?model_id=%00",
    "/library/judge/?model_id=%00&references=%00",
    "/models/?q=%00",
]


def test_a_zero_byte_in_an_address_breaks_no_page(shop, seller, client_of):
    browser = client_of(seller)
    answers = {address: browser.get(address).status_code for address in ADDRESSES}
    assert set(answers.values()) <= {200, 404}, answers


@pytest.mark.parametrize("field", ["model_id", "switch_to", "media_kind", "references"])
def test_a_zero_byte_in_the_form_breaks_no_part_of_it(shop, seller, client_of, field):
    browser = client_of(seller)
    for part in ("", "controls/", "price/", "kind/"):
        answer = browser.post(f"/briefs/new/{part}", typed(**{field: "a\x00b"}))
        assert answer.status_code in (200, 422)
