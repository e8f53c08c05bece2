"""Every switch that is not a fault, with its default and what it may be: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Switch:
    """One setting. ``choices`` empty means any value of the default's type."""

    default: Any
    meaning: str
    choices: tuple[str, ...] = ()
    is_pairs: bool = False
    """Whether the text is ``name=value, name=value``."""


SWITCHES: Final[dict[str, Switch]] = {
    "speed": Switch(1.0, "divides task, stream and retry times"),
    "success_status_variant": Switch(
        "rest", "rest = 201/200/204; else that status everywhere", ("rest", "200", "202")
    ),
    "insufficient_status": Switch(
        "402", "status of insufficient_credits", ("402", "400", "403", "409")
    ),
    "in_flight_variant": Switch(
        "conflict", "a duplicate of a call still running: 409, or waits", ("conflict", "wait")
    ),
    "request_id_variant": Switch(
        "camel", "requestId, request_id, or only the header", ("camel", "snake", "header")
    ),
    "idempotency_retention_seconds": Switch(86400, "how long a first answer is replayed"),
    "wallet_excludes_reservations": Switch(True, "current_credits leaves out what is reserved"),
    "fractional_credits": Switch(False, "chat and metered prices with two places"),
    "param_prices": Switch(False, "longer or larger results of fixed-price models cost more"),
    "unknown_params": Switch("reject", "params keys a model does not list", ("reject", "ignore")),
    "foreign_references": Switch(
        "reject", "reference links that are not of the Files API", ("reject", "allow")
    ),
    "key_on_models": Switch("ignore", "a bad key sent to a public endpoint", ("ignore", "reject")),
    "hidden_models": Switch("", "model ids, comma separated, that are gone from the list"),
    "extra_models": Switch("", "made-up models to list: many-controls, needs-a-picture"),
    "model_prices": Switch("", "base credits by model, as in z-image=3, runway=15", is_pairs=True),
    "model_states": Switch("", "api_status by model, as in runway=coming_soon", is_pairs=True),
    "result_count": Switch(0, "how many pictures a task gives; 0 = one"),
    "metered_characters": Switch(200, "how many characters the base price of speech buys"),
    "rate_limit_per_second": Switch(0, "requests a second per key before rate_limited; 0 = none"),
    "link_life_seconds": Switch(600, "how long a result link works"),
    "file_life_seconds": Switch(604800, "how long an uploaded file is kept"),
    "local_webhooks": Switch(False, "webhook URLs may be plain http to loopback"),
    "webhook_form": Switch("standard", "how deliveries are signed", ("standard", "hex", "both")),
    "webhook_hex_header": Switch("Rivya-Signature", "header name of the hex form"),
    "webhook_envelope": Switch(
        "data.object",
        "where the generation is in an event",
        ("data.object", "data.generation", "data", "generation", "object", "none"),
    ),
    "webhook_timeout_seconds": Switch(5.0, "how long a receiver may take"),
    "webhook_disable_after": Switch(20, "failed deliveries in a row that disable an endpoint"),
    "rotation_overlap_seconds": Switch(3600, "how long the old secret also signs"),
    "sse_dialect": Switch(
        "named", "how a chat stream speaks", ("named", "chat", "typed", "openai")
    ),
    "sse_line_ending": Switch("lf", "line ends of a stream", ("lf", "crlf", "cr")),
    "sse_heartbeat_seconds": Switch(15.0, "comment lines in a silent stream; divided by speed"),
    "stream_clock": Switch(
        0, "answers are so many words, each the time it was written at; 0 = answers"
    ),
    "openai_door": Switch(False, "POST /v1/chat/completions streams as OpenAI does, without a key"),
    "stream_disconnect": Switch(
        "settle", "a reader who leaves: the turn is finished, or given back", ("settle", "release")
    ),
    "default_credits": Switch(1000, "what a new account starts with"),
}


class BadSetting(ValueError):
    """An unknown setting or a value it cannot take; the text says which."""


def cleaned(name: str, value: Any) -> Any:
    """The value in the setting's own type.

    Raises BadSetting.
    """
    switch = SWITCHES.get(name)
    if switch is None:
        raise BadSetting(f"There is no setting {name!r}.")
    if switch.choices and str(value) not in switch.choices:
        raise BadSetting(f"{name} is one of {', '.join(switch.choices)}.")
    if switch.is_pairs:
        pairs(str(value))
    return _typed(name, value, type(switch.default))


def pairs(text: str) -> dict[str, str]:
    """What ``a=1, b=2`` says.

    Raises BadSetting.
    """
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, value = part.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise BadSetting(f"{part} is not name=value.")
        found[name.strip()] = value.strip()
    return found


def _typed(name: str, value: Any, wanted: type) -> Any:
    try:
        if wanted is bool:
            return value if isinstance(value, bool) else _as_bool(str(value))
        number = wanted(value)
    except (TypeError, ValueError) as error:
        raise BadSetting(f"{name} needs a {wanted.__name__}.") from error
    if wanted in (int, float) and not 0 <= number < 1e9:
        raise BadSetting(f"{name} is out of range.")
    if name == "speed" and number <= 0:
        raise BadSetting("speed must be more than 0.")
    return number


def _as_bool(word: str) -> bool:
    known = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
    if word.lower() not in known:
        raise ValueError(word)
    return known[word.lower()]
