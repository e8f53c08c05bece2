"""One entry of Rivya's model list, and what it says about parameters and reference files.

Documented fields come from docs/api-models; the inner shapes of `params[]` and `reference_media`
are read through the tables of `assumptions.py`, and `raw` keeps what was sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from rivya_app.rivya_api import assumptions, reading
from rivya_app.rivya_api.chat_abilities import ChatAbilities
from rivya_app.rivya_api.reading import Json

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Param:
    """One control of a model. `options` are texts, because Rivya takes select values as texts."""

    key: str
    type: str
    is_required: bool
    default: Scalar
    minimum: Decimal | None
    maximum: Decimal | None
    step: Decimal | None
    options: tuple[str, ...]
    description: str

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read one `params[]` entry; raise BadResponse where it has no key."""
        body = reading.snake_keys(reading.mapping(source, "param"))
        bounds = {**body, **reading.snake_keys(_range(body))}
        options = reading.items(reading.first(body, assumptions.PARAM_OPTIONS_KEYS))
        default = body.get("default")
        return cls(
            key=reading.word(reading.first(body, assumptions.PARAM_KEY_KEYS), "param key"),
            type=reading.maybe_text(body.get("type")) or ("select" if options else "text"),
            is_required=reading.first(body, assumptions.PARAM_REQUIRED_KEYS) is True,
            default=_option(default) if options and default is not None else _scalar(default),
            minimum=reading.maybe_decimal(reading.first(bounds, assumptions.PARAM_MINIMUM_KEYS)),
            maximum=reading.maybe_decimal(reading.first(bounds, assumptions.PARAM_MAXIMUM_KEYS)),
            step=reading.maybe_decimal(reading.first(bounds, assumptions.PARAM_STEP_KEYS)),
            options=tuple(filter(None, map(_option, options))),
            description=reading.maybe_text(body.get("description")),
        )


@dataclass(frozen=True, slots=True)
class ReferenceRule:
    """How many files of one kind a model takes, how large (bytes), and of which MIME types."""

    kind: str
    max_count: int | None = None
    min_count: int = 0
    max_bytes: int | None = None
    mime_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the public list. `raw` is the JSON it was read from."""

    id: str
    display_name: str
    category: str
    runtime: str
    base_credits: Decimal | None
    billing_type: str
    supported_modes: tuple[str, ...]
    max_prompt_length: int | None
    reference_media: Json | None
    reference_rules: tuple[ReferenceRule, ...]
    params: tuple[Param, ...]
    api_status: str
    api_input_status: str
    supported_api_inputs: tuple[str, ...]
    requires_files_api: bool
    requires_upload_for_modes: tuple[str, ...]
    url_input_supported: bool
    file_kinds: tuple[str, ...]
    chat_capabilities: Json | None
    notices: tuple[Any, ...]
    raw: Json = field(repr=False)

    @property
    def is_available(self) -> bool:
        """Whether at least one public path to this model works."""
        return self.api_status == "available"

    @property
    def is_chat(self) -> bool:
        """Whether this model is asked through the Chat API instead of a generation."""
        return self.chat_capabilities is not None or self.category == "chat"

    @property
    def chat(self) -> ChatAbilities | None:
        """What it can do in a conversation; None for a model that makes media."""
        if not self.is_chat:
            return None
        return ChatAbilities.from_json(
            self.chat_capabilities,
            api_inputs=self.supported_api_inputs,
            file_kinds=self.file_kinds,
        )

    @property
    def is_fixed_price(self) -> bool:
        """Whether `base_credits` is the whole price."""
        return self.billing_type == "FIXED"

    @property
    def takes_references(self) -> bool:
        """Whether reference files can be given at all."""
        return bool(self.file_kinds or self.reference_rules)

    @property
    def max_reference_count(self) -> int | None:
        """How many files of all kinds together; None where nothing is said."""
        body = reading.snake_keys(self.reference_media or {})
        return reading.maybe_count(reading.first(body, assumptions.REFERENCE_COUNT_KEYS))

    @property
    def reference_combinations(self) -> tuple[dict[str, int], ...]:
        """The sets allowed together, each as most files by kind; () where nothing is said."""
        body = reading.snake_keys(self.reference_media or {})
        stated = reading.items(reading.first(body, assumptions.REFERENCE_COMBINATION_KEYS))
        sets = [_combination(entry) for entry in stated]
        # One that cannot be read may be the one somebody needs: then Rivya alone judges.
        return tuple(found for found in sets if found) if all(sets) else ()

    @property
    def is_reference_required(self) -> bool:
        """Whether this model makes nothing without a reference file."""
        body = reading.snake_keys(self.reference_media or {})
        return (
            self.requires_files_api
            or self.api_input_status == "requires_files_api"
            or reading.first(body, assumptions.REFERENCE_REQUIRED_KEYS) is True
            or any(rule.min_count > 0 for rule in self.reference_rules)
        )

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read one entry; raise BadResponse where it has no id. Broken params are left out."""
        body = reading.mapping(source, "model")
        model_id = reading.identifier(body.get("id"), "model")
        file_kinds = reading.texts(body.get("file_kinds"))
        media = body.get("reference_media")
        return cls(
            id=model_id,
            display_name=reading.maybe_text(body.get("display_name")) or model_id,
            category=reading.maybe_text(body.get("category")).lower(),
            runtime=reading.maybe_text(body.get("runtime")),
            base_credits=reading.maybe_credits(body.get("base_credits")),
            billing_type=reading.maybe_text(body.get("billing_type")),
            supported_modes=reading.texts(body.get("supported_modes")),
            max_prompt_length=reading.maybe_count(body.get("max_prompt_length")) or None,
            reference_media=reading.maybe_mapping(media),
            reference_rules=reference_rules(media, file_kinds),
            params=_params(body.get("params")),
            api_status=reading.maybe_text(body.get("api_status")),
            api_input_status=reading.maybe_text(body.get("api_input_status")),
            supported_api_inputs=reading.texts(body.get("supported_api_inputs")),
            requires_files_api=body.get("requires_files_api") is True,
            requires_upload_for_modes=reading.texts(body.get("requires_upload_for_modes")),
            url_input_supported=body.get("url_input_supported") is True,
            file_kinds=file_kinds,
            chat_capabilities=reading.maybe_mapping(body.get("chat_capabilities")),
            notices=tuple(reading.items(body.get("notices"))),
            raw=body,
        )


def reference_rules(media: Any, file_kinds: tuple[str, ...]) -> tuple[ReferenceRule, ...]:
    """Read `reference_media` in any of its likely shapes; what cannot be read gives no rule.

    Shapes: one rule with a kind or kinds, a list of rules (bare or under a key), or one rule per
    kind keyed by the kind. A rule that names no kind holds for each of `file_kinds`.
    """
    if isinstance(media, list):
        return _unique(rule for entry in media for rule in _rules(entry, file_kinds, {}))
    if not isinstance(media, dict) or not media:
        return ()
    body = reading.snake_keys(media)
    by_kind = {kind: body[kind] for kind in ("image", "video", "audio") if body.get(kind)}
    if by_kind:
        pairs = ((entry, (kind,)) for kind, entry in by_kind.items())
        return _unique(rule for entry, kinds in pairs for rule in _rules(entry, kinds, body))
    nested = reading.first(body, assumptions.REFERENCE_LIST_KEYS)
    if isinstance(nested, list) and any(isinstance(entry, dict) for entry in nested):
        return _unique(rule for entry in nested for rule in _rules(entry, file_kinds, body))
    return _unique(_rules(body, file_kinds, {}))


def _rules(source: Any, kinds: tuple[str, ...], shared: Json) -> list[ReferenceRule]:
    if isinstance(source, int) and not isinstance(source, bool):
        source = {"max_count": source}
    if not isinstance(source, dict):
        return []
    own = reading.snake_keys(source)
    named = reading.maybe_text(reading.first(own, assumptions.REFERENCE_KIND_KEYS))
    listed = reading.texts(reading.first(own, assumptions.REFERENCE_KINDS_KEYS))
    found = ((named,) if named else ()) or listed or kinds
    return [_rule(kind, own, shared) for kind in found]


def _rule(kind: str, own: Json, shared: Json) -> ReferenceRule:
    def pick(keys: Sequence[str]) -> Any:
        value = reading.first(own, keys)
        return reading.first(shared, keys) if value is None else value

    return ReferenceRule(
        kind=kind,
        max_count=reading.maybe_count(pick(assumptions.REFERENCE_COUNT_KEYS)),
        min_count=reading.maybe_count(pick(assumptions.REFERENCE_MINIMUM_KEYS)) or 0,
        max_bytes=_max_bytes(own) or _max_bytes(shared),
        mime_types=reading.texts(pick(assumptions.REFERENCE_MIME_KEYS)),
    )


def _combination(source: Any) -> dict[str, int]:
    """Most files by kind; empty where any part of it cannot be read."""
    if not isinstance(source, dict):
        return {}
    counts = {kind: _count(value) for kind, value in reading.snake_keys(source).items()}
    found = {kind: count for kind, count in counts.items() if count is not None}
    return found if len(found) == len(counts) else {}


def _count(value: Any) -> int | None:
    if isinstance(value, dict):
        value = reading.first(reading.snake_keys(value), assumptions.REFERENCE_COUNT_KEYS)
    return reading.maybe_count(value)


def _max_bytes(body: Json) -> int | None:
    exact = reading.maybe_count(reading.first(body, assumptions.REFERENCE_BYTES_KEYS))
    megabytes = reading.maybe_decimal(reading.first(body, assumptions.REFERENCE_MEGABYTES_KEYS))
    if exact is not None or megabytes is None or not 0 < megabytes < 1_000_000:
        return exact
    return int(megabytes * assumptions.MEGABYTE)


def _unique(rules: Iterable[ReferenceRule]) -> tuple[ReferenceRule, ...]:
    return tuple({rule.kind: rule for rule in rules}.values())


def _params(value: Any) -> tuple[Param, ...]:
    entries = (entry for entry in reading.items(value) if isinstance(entry, dict))
    named = (e for e in entries if _has_key(reading.snake_keys(e)))
    return tuple({param.key: param for param in map(Param.from_json, named)}.values())


def _has_key(body: Json) -> bool:
    return reading.is_word(reading.first(body, assumptions.PARAM_KEY_KEYS))


def _range(body: Json) -> Json:
    return reading.maybe_mapping(body.get(assumptions.PARAM_RANGE_KEY)) or {}


def _option(value: Any) -> str:
    if isinstance(value, dict):
        value = reading.first(value, assumptions.OPTION_VALUE_KEYS)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _scalar(value: Any) -> Scalar:
    return value if isinstance(value, str | int | float | bool) else None
