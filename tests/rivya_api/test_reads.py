"""Models, openapi, credits, files, and the lists that come in pages."""

import io
import logging
from decimal import Decimal

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.types import Model, Param, ReferenceRule
from tests.rivya_api.conftest import Stage, answer, refusal

Z_IMAGE = {
    "id": "z-image",
    "display_name": "Z-Image",
    "category": "image",
    "runtime": "async_task",
    "base_credits": 1,
    "billing_type": "FIXED",
    "supported_modes": ["text-to-image"],
    "max_prompt_length": 1000,
    "reference_media": None,
    "params": [],
    "api_status": "available",
    "api_input_status": "available_text",
    "supported_api_inputs": ["text"],
    "requires_files_api": False,
    "requires_upload_for_modes": [],
    "url_input_supported": False,
    "file_kinds": [],
    "chat_capabilities": None,
    "notices": [],
}


def _listed(stage: Stage, rivya: RivyaClient, **changes: object) -> Model:
    stage.says({"object": "list", "data": [{**Z_IMAGE, **changes}]})
    return rivya.models.list()[0]


def test_it_reads_the_documented_model(stage: Stage, rivya: RivyaClient) -> None:
    model = _listed(stage, rivya)
    assert (model.id, model.display_name, model.category) == ("z-image", "Z-Image", "image")
    assert (model.base_credits, model.max_prompt_length) == (Decimal(1), 1000)
    assert model.supported_modes == ("text-to-image",)
    assert (model.params, model.reference_rules) == ((), ())
    assert model.raw == Z_IMAGE
    assert model.is_available
    assert model.is_fixed_price
    assert not model.is_chat
    assert not model.takes_references


def test_it_sends_no_key_where_none_is_needed(stage: Stage, rivya: RivyaClient) -> None:
    stage.says({"object": "list", "data": []})
    assert rivya.models.list() == []
    stage.says({"openapi": "3.1.0"})
    assert rivya.openapi.get() == {"openapi": "3.1.0"}
    assert [sent.url.path for sent in stage.requests] == ["/api/v1/models", "/api/v1/openapi.json"]
    assert all("Authorization" not in sent.headers for sent in stage.requests)


@pytest.mark.parametrize(
    ("entry", "param"),
    [
        (
            {
                "key": "duration",
                "type": "select",
                "required": True,
                "default": 5,
                "options": [5, "10", True, {"value": 0.5, "label": "Half"}, None, []],
                "description": "Seconds",
            },
            Param(
                "duration",
                "select",
                True,
                "5",
                None,
                None,
                None,
                ("5", "10", "true", "0.5"),
                "Seconds",
            ),
        ),
        (
            {"name": "cfg", "type": "number", "default": 0.5, "min": 0, "max": 1, "step": 0.05},
            Param("cfg", "number", False, 0.5, Decimal(0), Decimal(1), Decimal("0.05"), (), ""),
        ),
        (
            {"key": "seed", "type": "number", "range": {"minimum": 1, "maximum": "9", "step": 1}},
            Param("seed", "number", False, None, Decimal(1), Decimal(9), Decimal(1), (), ""),
        ),
        (
            {"key": "negative_prompt", "isRequired": True},
            Param("negative_prompt", "text", True, None, None, None, None, (), ""),
        ),
    ],
    ids=["select", "number", "range", "text"],
)
def test_it_reads_a_parameter_in_any_likely_shape(
    stage: Stage, rivya: RivyaClient, entry: dict[str, object], param: Param
) -> None:
    assert _listed(stage, rivya, params=[entry, "junk", {}, None]).params == (param,)


IMAGES = ReferenceRule("image", 14, 0, 30_000_000, ("image/png",))


@pytest.mark.parametrize(
    "media",
    [
        {"kind": "image", "max_count": 14, "max_bytes": 30_000_000, "mime_types": ["image/png"]},
        {"kinds": ["image"], "maxItems": 14, "maxSizeMb": 30, "mimeTypes": ["image/png"]},
        [{"kind": "image", "max_files": 14, "max_mb": 30, "formats": ["image/png"]}],
        {"rules": [{"type": "image", "limit": 14, "max_mb": 30, "mime_types": ["image/png"]}]},
        {"image": {"max": 14, "max_size_mb": "30", "mime_types": ["image/png"]}},
        {"image": 14, "max_size_mb": 30, "mime_types": ["image/png"]},
        {"max_count": 14, "max_mb": 30, "mime_types": ["image/png"]},
    ],
    ids=str,
)
def test_it_reads_a_reference_rule_in_any_likely_shape(
    stage: Stage, rivya: RivyaClient, media: object
) -> None:
    model = _listed(stage, rivya, reference_media=media, file_kinds=["image"])
    assert model.reference_rules == (IMAGES,)
    assert model.takes_references


@pytest.mark.parametrize(
    "media",
    [
        {"items": [{"kind": "image", "max_count": 9}, {"kind": "video", "max_count": 1}]},
        {"image": {"max_items": 9}, "video": {"limit": 1}, "max_count": 10},
    ],
)
def test_it_reads_rules_for_several_kinds(
    stage: Stage, rivya: RivyaClient, media: dict[str, object]
) -> None:
    model = _listed(stage, rivya, reference_media=media)
    counts = [(rule.kind, rule.max_count) for rule in model.reference_rules]
    assert counts == [("image", 9), ("video", 1)]
    assert model.max_reference_count == media.get("max_count")


@pytest.mark.parametrize("media", [None, {}, [], "images", 7, {"note": "any"}, [None, "x"]])
def test_it_makes_no_rule_of_what_it_cannot_read(
    stage: Stage, rivya: RivyaClient, media: object
) -> None:
    assert _listed(stage, rivya, reference_media=media).reference_rules == ()


@pytest.mark.parametrize(
    "stated",
    [
        [{"image": 9}, {"video": 1, "image": 5}],
        [{"image": {"maxItems": 9}}, {"video": {"max": 1}, "image": {"max_count": "5"}}],
    ],
    ids=str,
)
@pytest.mark.parametrize("key", ["combinations", "allowedCombinations", "sets"])
def test_it_reads_which_files_go_together(
    stage: Stage, rivya: RivyaClient, key: str, stated: list[object]
) -> None:
    model = _listed(stage, rivya, reference_media={"max_items": 10, key: stated})
    assert model.reference_combinations == ({"image": 9}, {"video": 1, "image": 5})


@pytest.mark.parametrize(
    "stated", [None, "any", [], {}, [{"image": 9}, "junk"], [{"image": 9}, {"video": "many"}]]
)
def test_it_leaves_judging_to_rivya_where_a_combination_cannot_be_read(
    stage: Stage, rivya: RivyaClient, stated: object
) -> None:
    model = _listed(stage, rivya, reference_media={"image": 9, "combinations": stated})
    assert model.reference_combinations == ()


@pytest.mark.parametrize(
    ("fields", "is_required"),
    [
        ({"reference_media": {"image": 1, "required": True}}, True),
        ({"reference_media": {"image": {"min": 1, "max_count": 3}}}, True),
        ({"requires_files_api": True}, True),
        ({"api_input_status": "requires_files_api"}, True),
        ({"reference_media": {"image": 1, "required": "yes"}}, False),
        ({"api_input_status": "partial_requires_files"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_it_knows_a_model_that_needs_a_reference(
    stage: Stage, rivya: RivyaClient, fields: dict[str, object], is_required: bool
) -> None:
    assert _listed(stage, rivya, **fields).is_reference_required is is_required


def test_it_survives_a_model_of_wrong_types(stage: Stage, rivya: RivyaClient) -> None:
    junk = {key: {"not": ["what", 1]} for key in Z_IMAGE if key != "id"}
    model = _listed(stage, rivya, **junk)
    assert (model.base_credits, model.max_prompt_length, model.params) == (None, None, ())
    assert model.display_name == "z-image"
    assert not model.is_available


def test_it_knows_a_chat_model(stage: Stage, rivya: RivyaClient) -> None:
    assert _listed(stage, rivya, category="Chat").is_chat
    assert _listed(stage, rivya, chat_capabilities={"streaming": True}).is_chat


def test_it_leaves_out_entries_it_cannot_name(
    stage: Stage, rivya: RivyaClient, caplog: pytest.LogCaptureFixture
) -> None:
    stage.says({"data": [{"id": None}, "junk", Z_IMAGE, {**Z_IMAGE, "id": ".."}]})
    with caplog.at_level(logging.WARNING, "rivya_api"):
        assert [model.id for model in rivya.models.list()] == ["z-image"]
    assert len(caplog.records) == 3


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"id": 1}}, "x", None, 5])
def test_it_refuses_a_list_without_data(stage: Stage, rivya: RivyaClient, body: object) -> None:
    stage.says(body)
    with pytest.raises(errors.BadResponse):
        rivya.models.list()


@pytest.mark.parametrize(
    ("amount", "current"),
    [(123, "123.00"), ("12.5", "12.50"), (0, "0.00"), (-3.25, "-3.25"), (0.1, "0.10")],
)
def test_it_reads_the_wallet(
    stage: Stage, rivya: RivyaClient, amount: object, current: str
) -> None:
    stage.says({"current_credits": amount}, x_request_id="req_3")
    wallet = rivya.credits.get()
    assert (str(wallet.current), wallet.request_id) == (current, "req_3")


@pytest.mark.parametrize("amount", [None, True, "", "NaN", "Infinity", [], {}, "1e40"])
def test_it_never_guesses_a_balance(stage: Stage, rivya: RivyaClient, amount: object) -> None:
    stage.says({"current_credits": amount})
    with pytest.raises(errors.BadResponse):
        rivya.credits.get()


FILE = {"id": "file_1", "url": "https://files.example/f", "duration_token": "tok"}


def test_it_uploads_a_file_as_multipart(stage: Stage, rivya: RivyaClient) -> None:
    stage.says({**FILE, "kind": "video", "mimeType": "video/mp4", "size": 11, "expires_at": "x"})
    file = io.BytesIO(b"video bytes")
    file.seek(5)
    made = rivya.files.upload(
        file,
        kind="video",
        filename='a"b\r\n.mp4',
        mime_type="video/mp4",
        model="wan-2-6",
        client_request_id="c-1",
    )
    sent, body = stage.requests[0], stage.bodies[0]
    assert sent.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert int(sent.headers["Content-Length"]) == len(body)
    for part in (
        b'name="kind"\r\n\r\nvideo\r\n',
        b'name="model"\r\n\r\nwan-2-6\r\n',
        b'name="client_request_id"\r\n\r\nc-1\r\n',
        b'name="file"; filename="a%22b%0D%0A.mp4"\r\n',
        b"Content-Type: video/mp4\r\n\r\nvideo bytes\r\n",
    ):
        assert part in body
    assert (made.id, made.url, made.duration_token) == ("file_1", FILE["url"], "tok")
    assert (made.mime_type, made.size_bytes, made.expires_at) == ("video/mp4", 11, None)


def test_it_repeats_an_upload_only_if_it_never_left(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(httpx.ConnectError("x"), answer(FILE, 201))
    rivya.files.upload(io.BytesIO(b"abc"), kind="image", filename="a", mime_type="image/png")
    assert [b"\r\n\r\nabc\r\n" in body for body in stage.bodies] == [True, True]
    stage.answers(refusal("x", 503))
    with pytest.raises(errors.ServerError):
        rivya.files.upload(io.BytesIO(b"abc"), kind="image", filename="a", mime_type="image/png")
    assert len(stage.requests) == 3


class _Pipe(io.RawIOBase):
    """Yields many bytes without ever holding them, and cannot be rewound."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.largest_read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "the whole file was asked for at once"
        self.largest_read = max(self.largest_read, size)
        taken = min(size, self._left)
        self._left -= taken
        return b"x" * taken


def test_it_reads_an_upload_in_pieces(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(FILE)
    pipe = _Pipe(5_000_000)
    rivya.files.upload(pipe, kind="image", filename="a.png", mime_type="image/png")
    assert len(stage.bodies[0]) > 5_000_000
    assert pipe.largest_read < 200_000


def test_it_reads_a_file_by_its_other_names(stage: Stage, rivya: RivyaClient) -> None:
    stage.says({"file_id": "file_2", "url": "https://files.example/g", "duration_seconds": 2.5})
    file = rivya.files.get("file_2")
    assert (file.id, file.duration_token, file.duration_seconds) == ("file_2", "", Decimal("2.5"))


@pytest.mark.parametrize("body", [{}, {"id": "f"}, {"id": "f", "url": "file:///x"}, {"url": "x"}])
def test_it_calls_an_upload_uncertain_when_nothing_usable_comes_back(
    stage: Stage, rivya: RivyaClient, body: object
) -> None:
    stage.says(body, 201)
    with pytest.raises(errors.BadResponse) as caught:
        rivya.files.upload(io.BytesIO(b"a"), kind="image", filename="a", mime_type="image/png")
    assert caught.value.maybe_sent


def _page(number: int, **more: object) -> httpx.Response:
    event = {"id": f"evt_{number}", "type": "generation.succeeded"}
    return answer({"object": "list", "data": [event], **more})


@pytest.mark.parametrize(("key", "parameter"), [("next_cursor", "cursor"), ("after", "after")])
def test_it_follows_the_pages_of_a_list(
    stage: Stage, rivya: RivyaClient, key: str, parameter: str
) -> None:
    stage.answers(_page(1, has_more=True, **{key: "c 2"}), _page(2, has_more=False, **{key: "c"}))
    assert [event.id for event in rivya.webhook_events.list()] == ["evt_1", "evt_2"]
    assert [dict(sent.url.params) for sent in stage.requests] == [{}, {parameter: "c 2"}]


@pytest.mark.parametrize("more", [{}, {"has_more": True}, {"next_cursor": None}, {"after": 5}])
def test_it_stops_where_no_page_is_named(
    stage: Stage, rivya: RivyaClient, more: dict[str, object]
) -> None:
    stage.answers(_page(1, **more))
    assert len(rivya.webhook_events.list()) == 1
    assert len(stage.requests) == 1


def test_it_stops_at_a_cursor_that_goes_round(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(_page(1, next_cursor="a"), _page(2, next_cursor="b"), _page(3, next_cursor="a"))
    assert len(rivya.webhook_events.list()) == 3


def test_it_stops_at_an_endless_list(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(lambda request: _page(1, next_cursor=f"c{len(stage.requests)}"))
    assert len(rivya.webhook_events.list()) == 20
