"""The text a person hands to support: what identifies a job and what was asked, as plain lines in
English. No secret, no link, no name; of what was typed, only the prompt and the settings."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from rivya_app import __version__
from rivya_app.core.redaction import redact
from rivya_app.generations.models import Generation

MOST_CHARACTERS = 2000  # of a prompt or of the settings


def bundle(generation: Generation) -> str:
    rows = {**_ids(generation), **_times(generation), **_request(generation)}
    return redact("\n".join(f"{name}: {value}" for name, value in rows.items()))


def _ids(generation: Generation) -> dict[str, str]:
    return {
        "job": str(generation.public_id),
        "task": generation.task_id or "-",
        "request": generation.request_id or "-",
        "code": generation.error_code or "-",
        "look": generation.look_reason or "-",
        "status": f"{generation.status} / {generation.remote_status or '-'}",
        "key": f"{generation.api_key.purpose} …{generation.api_key.last_four}",
        "credits": f"reserved {_amount(generation.reserved_credits)}, "
        f"final {_amount(generation.final_credits)}",
    }


def _amount(value: Decimal | None) -> str:
    return "-" if value is None else str(value)


def _times(generation: Generation) -> dict[str, str]:
    return {
        "created": _moment(generation.created_at),
        "submitted": _moment(generation.submitted_at),
        "finished": _moment(generation.finished_at),
        "sends": str(generation.submit_count),
        "checks": str(generation.check_count),
    }


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else "-"


def _request(generation: Generation) -> dict[str, str]:
    body = json.loads(generation.body)
    return {
        "model": generation.model_id,
        "settings": _short(json.dumps(_settings(body), ensure_ascii=False)),
        "references": str(generation.reference_count),
        "prompt": _short(json.dumps(body.get("prompt", ""), ensure_ascii=False)),
        "body sha256": generation.body_sha256 or "-",
        "version": __version__,
    }


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    """The model's settings without the references: their links are keys to the files."""
    params = body.get("params")
    if not isinstance(params, dict):
        return {}
    return {key: value for key, value in params.items() if key != "referenceMediaItems"}


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…"
