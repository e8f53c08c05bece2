"""The model list: read, kept up to date, and shown."""

import json
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.utils.translation import override

from rivya_app.gateway import catalogue, tasks
from rivya_app.gateway.models import CatalogueModel
from rivya_app.rivya_api import errors
from tests.simulator_process import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

Listing = Callable[[list[Any]], None]


@pytest.fixture
def listing(settings: Any) -> Iterator[Listing]:
    """`listing(entries)`: a Rivya whose model list is exactly these entries."""
    said: dict[str, Any] = {"object": "list", "data": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.RIVYA_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    yield lambda entries: said.__setitem__("data", entries)
    server.shutdown()
    server.server_close()
    thread.join()


def model(model_id: str, **said: Any) -> dict[str, Any]:
    return {
        "id": model_id,
        "display_name": model_id.title(),
        "category": "image",
        "base_credits": 3,
        "billing_type": "FIXED",
        "api_status": "available",
        "api_input_status": "available_text",
        **said,
    }


def test_it_reads_the_list_on_first_use(stand_in: Simulator) -> None:
    cards = catalogue.models_for("image")
    assert len(cards) >= 10
    z_image = catalogue.find("z-image")
    assert z_image is not None
    assert (z_image.base_credits, z_image.prompt_limit) == (Decimal(1), 1000)
    assert z_image.is_choosable
    assert [param.key for param in z_image.params] == ["aspect_ratio"]
    assert all(card.category == "image" for card in cards)


def test_it_does_not_ask_inside_a_transaction(stand_in: Simulator) -> None:
    with transaction.atomic():
        assert catalogue.find("z-image") is None
    assert not stand_in.requests()


def test_it_asks_once_while_the_first_reading_fails(settings: Any) -> None:
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    assert catalogue.models_for() == []
    assert catalogue.find("z-image") is None


def test_it_says_what_changed(listing: Listing) -> None:
    listing([model("a"), model("b")])
    assert catalogue.refresh().added == ["a", "b"]
    assert not catalogue.refresh()
    listing([model("a", base_credits=4)])
    changes = catalogue.refresh()
    assert (changes.changed, changes.gone) == (["a"], ["b"])
    listing([model("a", base_credits=4), model("b")])
    assert catalogue.refresh().returned == ["b"]


def test_it_no_longer_offers_a_model_that_has_gone_but_still_knows_it(listing: Listing) -> None:
    listing([model("a"), model("b")])
    catalogue.refresh()
    listing([model("a")])
    catalogue.refresh()
    assert [card.model_id for card in catalogue.models_for()] == ["a"]
    gone = catalogue.find("b")
    assert gone is not None
    assert not gone.is_choosable
    assert "no longer" in gone.why_not


def test_it_keeps_the_good_entries_of_a_hostile_list(listing: Listing) -> None:
    listing(
        [
            model("good"),
            None,
            "text",
            {"display_name": "no id"},
            model("../../etc"),
            model("nul", display_name="a\x00b"),
            model("deep", params=[{"key": "x\x00", "default": "\x00"}]),
            model("x" * 200),
            model("price", base_credits="1e300"),
            model("limit", max_prompt_length=10**11),
            model("odd", params={"not": "a list"}, reference_media="?", notices=7),
        ]
    )
    changes = catalogue.refresh()
    assert {"good", "price", "limit", "odd"} <= set(changes.added)
    assert {"nul", "deep", "x" * 200} <= set(changes.left_out)
    assert CatalogueModel.objects.get(model_id="price").base_credits is None
    assert CatalogueModel.objects.get(model_id="limit").max_prompt_length is None
    assert len(catalogue.models_for()) == len(changes.added)


def test_it_keeps_the_old_list_while_rivya_is_down(
    listing: Listing, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listing([model("a")])
    catalogue.refresh()
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(errors.RivyaError):
        catalogue.refresh()
    tasks.refresh_catalogue()
    assert "not refreshed" in caplog.text
    assert [card.model_id for card in catalogue.models_for()] == ["a"]


def test_it_does_not_give_up_every_model_on_the_word_of_an_empty_list(listing: Listing) -> None:
    listing([model("a")])
    catalogue.refresh()
    listing([])
    assert not catalogue.refresh()
    assert catalogue.find("a").is_choosable  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"api_status": "coming_soon"}, "Not open"),
        ({"api_status": "studio_only"}, "Studio"),
        ({"api_status": "resting"}, "Not available"),
        ({"category": "chat"}, "for conversations"),
        ({"category": "hologram"}, "nothing of this kind"),
    ],
)
def test_it_says_why_a_model_cannot_be_chosen(
    listing: Listing, said: dict[str, Any], words: str
) -> None:
    listing([model("a", **said)])
    catalogue.refresh()
    card = catalogue.find("a")
    assert card is not None
    assert not card.is_choosable
    assert words in card.why_not


def test_it_words_prices_right(listing: Listing) -> None:
    listing(
        [
            model("one", base_credits=1),
            model("many", base_credits=1200),
            model("part", base_credits="1.5"),
            model("metered", billing_type="METERED"),
            model("unsaid", base_credits=None),
        ]
    )
    catalogue.refresh()
    with override("en"):
        words = {card.model_id: card.price_words for card in catalogue.models_for()}
    assert words["one"] == "1 credit"
    assert words["many"].endswith("200 credits")
    assert words["part"] == "1.50 credits"
    assert words["metered"] == "from 3 credits"
    assert words["unsaid"] == "price not stated"


def test_it_puts_what_can_be_chosen_first_and_the_cheaper_before(listing: Listing) -> None:
    listing(
        [
            model("dear", base_credits=9),
            model("soon", base_credits=1, api_status="coming_soon"),
            model("cheap", base_credits=2),
        ]
    )
    catalogue.refresh()
    assert [card.model_id for card in catalogue.models_for()] == ["cheap", "dear", "soon"]
    assert catalogue.default_model_id() == "cheap"
