"""Addresses of results and uploads: unguessable, and for results only good for a while."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import time

from rivya_app.simulator.records import StoredFile, Task
from rivya_app.simulator.world import World


def _seal(secret: bytes, text: str) -> str:
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def result_urls(world: World, base: str, task: Task, until: float) -> list[str]:
    """One link per result, good at least until then (seconds since 1970)."""
    whole = math.ceil(until)  # never sooner: an answer with these links is kept for a while
    return [
        f"{base}/media/{_result_token(world, task.id, n, whole)}/{task.id}-{n}.{extension}"
        for n, extension in enumerate(task.outputs)
    ]


def _result_token(world: World, task_id: str, n: int, until: int) -> str:
    return f"{until:x}-{_seal(world.link_secret, f'{task_id}/{n}/{until}')}"


def is_genuine(world: World, token: str, task_id: str, n: int) -> bool:
    """Whether we made this link, expired or not."""
    until = expiry(token)
    return hmac.compare_digest(token, _result_token(world, task_id, n, until))


def expiry(token: str) -> int:
    try:
        return int(token.partition("-")[0], 16)
    except ValueError:
        return 0


def has_expired(token: str) -> bool:
    return expiry(token) <= time.time()


def file_url(base: str, file: StoredFile) -> str:
    return f"{base}/files/{file.token}/{file.name}"


def duration_token(world: World, file_id: str, seconds: float) -> str:
    """Proof that we measured this file's length."""
    return f"dur_{_seal(world.link_secret, f'{file_id}/{seconds:.3f}')}"
