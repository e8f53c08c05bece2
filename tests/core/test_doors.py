"""A page is offered where the guard would open it, and nowhere else."""

from rivya_app.core.doors import address_for
from tests.library.files import put


def test_it_offers_a_page_to_those_whose_role_opens_it(seller, support):
    assert address_for(seller, "briefs:new") == "/briefs/new/"
    assert address_for(support, "briefs:new") == ""


def test_it_offers_every_member_what_is_every_members(researcher):
    assert address_for(researcher, "briefs:index") == "/briefs/"


def test_it_offers_nothing_to_nobody_and_nothing_that_is_not_there(seller):
    assert address_for(None, "briefs:index") == ""
    assert address_for(seller, "no:such-page") == ""
    assert address_for(seller, "account_login") == ""


def test_support_is_not_offered_a_question_and_others_are(shop, seller, support, client_of):
    file = put(seller)
    url = f"/library/{file.public_id}/"
    asking = f"/assistant/new/?about=file:{file.public_id}"
    opened = client_of(seller).get(file.page_url or url).content.decode()
    assert asking in opened.replace("%3A", ":")
    assert "/assistant/new/" not in client_of(support).get(file.page_url).content.decode()
