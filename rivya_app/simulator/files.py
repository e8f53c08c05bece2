"""The shelf of uploaded files: what a signature says, limits, length, and use as a reference."""

from __future__ import annotations

import io
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av

from rivya_app.simulator import links
from rivya_app.simulator.catalogue import DEFAULT_LIMITS, MEGABYTE, KindRule, Model, ReferenceRule
from rivya_app.simulator.records import StoredFile
from rivya_app.simulator.validation import refuse
from rivya_app.simulator.world import World, new_id

_ITEM_KEYS: Final = {"url", "kind", "name", "mimeType", "durationSeconds", "durationToken"}
_QUICKTIME: Final = (b"qt  ",)
_AUDIO_BRANDS: Final = (b"M4A ", b"M4B ")


def detect(head: bytes) -> str:
    """The MIME type the first bytes show; empty when they show none that is known."""
    for signature, mime_type in _SIGNATURES:
        if head.startswith(signature):
            return mime_type
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "audio/aac" if head[1] & 0xF6 == 0xF0 else "audio/mpeg"
    return ""


_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)


def _of_brand(brand: bytes) -> str:
    if brand in _QUICKTIME:
        return "video/quicktime"
    return "audio/mp4" if brand in _AUDIO_BRANDS else "video/mp4"


def length_of(content: bytes) -> float | None:
    """Seconds of a clip or a sound; None when it cannot be read."""
    try:
        with av.open(io.BytesIO(content), "r") as container:
            if container.duration:
                return round(container.duration / 1_000_000, 3)
    except (av.FFmpegError, ValueError):
        return None
    return None


@dataclass(frozen=True)
class Upload:
    """A file as it came, its type and length already found. ``seconds``: None for a picture."""

    kind: str
    name: str
    content: bytes
    mime_type: str
    seconds: float | None
    request_id: str


class FileShelf:
    def __init__(self, world: World) -> None:
        self._world = world
        self._folder = world.folder / "files"
        self._folder.mkdir(parents=True, exist_ok=True)

    def rule(self, kind: str, model: Model | None) -> KindRule:
        """What may be uploaded. Raises Refusal for a model that does not take the kind."""
        if kind not in DEFAULT_LIMITS:
            raise refuse("kind must be image, video or audio.")
        size, types = DEFAULT_LIMITS[kind]
        if model is None:
            return KindRule(0, size, types)
        if kind not in model.file_kinds:
            raise refuse(f"{model.id} does not take {kind} files.")
        if model.references is None:
            return KindRule(0, size, types)
        return model.references.kinds[kind]

    def check(self, content: bytes, rule: KindRule) -> str:
        """The true MIME type. Raises Refusal ``validation_failed``."""
        if not content:
            raise refuse("file is empty.")
        if len(content) > rule.max_size_mb * MEGABYTE:
            raise refuse(f"file is larger than {rule.max_size_mb} MB.")
        mime_type = detect(content[:256])
        if mime_type not in rule.mime_types:
            found = mime_type or "an unknown type"
            raise refuse(f"file is {found}; {', '.join(rule.mime_types)} are taken.")
        return mime_type

    def put(self, account: str, upload: Upload) -> StoredFile:
        """Keep an upload that was checked."""
        now = time.time()
        file = StoredFile(
            id=new_id("file"),
            account=account,
            media=upload.kind,
            name=_clean_name(upload.name),
            mime_type=upload.mime_type,
            size=len(upload.content),
            created_at=now,
            expires_at=now + self._world.setting["file_life_seconds"],
            token=secrets.token_urlsafe(18),
            duration_seconds=upload.seconds,
            client_request_id=upload.request_id,
        )
        if upload.seconds is not None:
            file.duration_token = links.duration_token(self._world, file.id, upload.seconds)
        self.path(file).write_bytes(upload.content)
        self._world.save(file)
        return file

    def path(self, file: StoredFile) -> Path:
        return self._folder / file.id

    def find(self, account: str, file_id: str) -> StoredFile | None:
        file = self._world.files.get(file_id)
        alive = file is not None and file.account == account and file.expires_at > time.time()
        return file if alive else None

    def by_token(self, token: str) -> StoredFile | None:
        now = time.time()
        living = (file for file in self._world.files.values() if file.expires_at > now)
        return next((file for file in living if secrets.compare_digest(file.token, token)), None)

    def by_url(self, url: str) -> StoredFile | None:
        match = re.search(r"/files/([\w-]{20,})/", url)
        return self.by_token(match.group(1)) if match else None

    def referenced(self, params: dict[str, Any]) -> list[StoredFile]:
        """The uploads a request names, in its order."""
        items = params.get("referenceMediaItems") or []
        found = (self.by_url(str(item["url"])) for item in items)
        return [file for file in found if file is not None]

    def expire(self, file: StoredFile) -> None:
        """From now on there is no such file."""
        file.expires_at = time.time()
        self._world.save(file)
        self._world.commit()

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def check_references(self, items: Any, model: Model, account: str) -> None:
        """Check ``params.referenceMediaItems``. Raises Refusal ``validation_failed``."""
        if not isinstance(items, list):
            raise refuse("params.referenceMediaItems must be a list.")
        if not items:
            return
        if model.references is None:
            raise refuse(f"{model.id} takes no reference media.")
        for item in items:
            self._check_item(item, model, account)
        _check_counts([item["kind"] for item in items], model, model.references)

    def _check_item(self, item: Any, model: Model, account: str) -> None:
        where = "params.referenceMediaItems"
        if not isinstance(item, dict) or not isinstance(item.get("url"), str):
            raise refuse(f"{where}: every item needs a url and a kind.")
        unknown = set(item) - _ITEM_KEYS
        if unknown:
            raise refuse(f"{where}: unknown key {sorted(unknown)[0]}.")
        kind = item.get("kind")
        if model.references is None or kind not in model.references.kinds:
            raise refuse(f"{where}: {model.id} does not take {kind} references.")
        file = self.by_url(item["url"])
        if file is not None and file.account == account:
            self._check_file(file, item, model.references.kinds[kind])
        elif self._world.setting["foreign_references"] == "reject":
            raise refuse(f"{where}: this url is not a file of this account, or it has expired.")

    def _check_file(self, file: StoredFile, item: dict[str, Any], rule: KindRule) -> None:
        where = "params.referenceMediaItems"
        if file.media != item["kind"]:
            raise refuse(f"{where}: this file is of kind {file.media}.")
        if file.mime_type not in rule.mime_types or file.size > rule.max_size_mb * MEGABYTE:
            raise refuse(f"{where}: this file does not fit the model's limits.")
        if file.media != "image" and item.get("durationToken") != file.duration_token:
            raise refuse(f"{where}: durationToken is missing or wrong.")


def _check_counts(kinds: list[str], model: Model, rule: ReferenceRule) -> None:
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    if len(kinds) > rule.max_items:
        raise refuse(f"{model.id} takes at most {rule.max_items} references.")
    for kind, count in counts.items():
        if count > rule.kinds[kind].max_items:
            raise refuse(f"{model.id} takes at most {rule.kinds[kind].max_items} {kind} files.")
    sets = rule.combinations or tuple({kind: rule.max_items} for kind in rule.kinds)
    if not any(all(count <= s.get(kind, 0) for kind, count in counts.items()) for s in sets):
        raise refuse(f"{model.id} does not take these references together.")


def _clean_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[-80:] or "file"
