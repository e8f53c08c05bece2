"""Turns what a person sent into a file we hold: checked by its bytes, stored, one row.

The bytes are looked at and written outside any transaction; only the row is made inside one.
"""

import hashlib
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction

from rivya_app.core import clock
from rivya_app.library import blobs, derivatives, media, references, signatures, troubles
from rivya_app.library.fetch import Fetched
from rivya_app.library.models import StoredFile
from rivya_app.library.troubles import Trouble
from rivya_app.rivya_api import types
from rivya_app.workspaces.models import Membership

MOST_UNUSED = 200  # uploads of one person that nothing uses; more is a mistake or a flood
# A large picture is a hundred times its file while it is looked at: one at a time in a process.
_LOOKING = threading.Lock()


class UploadRefused(Exception):
    """A file was not taken. `words` says so to the person, with the rule that was broken."""

    def __init__(self, name: str, code: str, rule: str = "") -> None:
        super().__init__(code)
        self.name = name
        self.code = code
        self.rule = rule

    @property
    def title(self) -> str:
        return str(troubles.upload_words(self.code).title)

    @property
    def words(self) -> str:
        return self.rule or troubles.upload_words(self.code).said


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived and lies in a temporary place: its name as sent, and its bytes."""

    name: str
    size: int
    path: Path


def received(sent: UploadedFile) -> Received:
    """What LimitedUploadHandler left of a sent file."""
    if not isinstance(sent, TemporaryUploadedFile):  # another handler was put into settings.py
        raise TypeError("Sent files are expected on the disk.")
    name = PurePath(sent.name or "").name[:200]
    return Received(name, sent.size or 0, Path(sent.temporary_file_path()))


def store(
    member: Membership, sent: Received, *, token: uuid.UUID, model: types.Model | None
) -> StoredFile:
    """Check the file against the model's rules and keep it. Raises UploadRefused.

    The same token of the same person again gives the first row, whatever was sent with it: a
    request that is tried again makes nothing twice. The same bytes of the same person again give
    their first row too, so that the library shows one picture once, with all its uses.
    """
    known = StoredFile.objects.filter(source=_source(member, token)).first()
    if known is not None:
        return known
    try:
        _check_room(member)
        kept = _keep(member, sent, model)
    except Trouble as trouble:
        raise UploadRefused(sent.name, trouble.code) from trouble
    return _row(member, sent, kept, token)


def _source(member: Membership, token: uuid.UUID) -> str:
    """Of this person's token, so that nobody reaches a file by sending another's."""
    return f"upload:{uuid.uuid5(member.public_id, str(token))}"


def _check_room(member: Membership) -> None:
    """Two at once may both find the last place: a bound on disks need not be exact."""
    unused = StoredFile.objects.filter(
        made_by=member, source__startswith="upload:", state=StoredFile.State.STORED, uses=None
    )
    if unused.count() >= MOST_UNUSED:
        raise Trouble("too_many_unused")


def _keep(member: Membership, sent: Received, model: types.Model | None) -> blobs.Kept:
    """Cheap questions first. Raises Trouble and UploadRefused."""
    _check_size(sent)
    with sent.path.open("rb") as file:
        found = signatures.format_of(file.read(signatures.HEAD))
    if found is None:
        raise UploadRefused(sent.name, "wrong_kind", references.unknown_format(model))
    # A container may turn out to hold sound alone: then its size is judged below.
    if not found.sound_mime_type:
        _check_rule(sent, model, found.kind, found.mime_type)
    with _LOOKING:
        facts = media.examine(sent.path)
    _check_rule(sent, model, facts.kind, facts.mime_type)
    with sent.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    workspace = str(member.workspace.public_id)
    return blobs.keep(workspace, sent.path, Fetched(digest, sent.size), facts)


def _check_size(sent: Received) -> None:
    if sent.size == 0:
        raise Trouble("empty")
    if sent.size > settings.UPLOAD_MAX_BYTES:
        rule = references.too_large(sent.size, settings.UPLOAD_MAX_BYTES)
        raise UploadRefused(sent.name, "too_large", rule)


def _check_rule(sent: Received, model: types.Model | None, kind: str, mime_type: str) -> None:
    problem = references.problem_with(model, kind, mime_type, sent.size)
    if problem:
        limits = references.limits_of(model).get(kind)
        is_size = limits is not None and limits.takes(mime_type)
        raise UploadRefused(sent.name, "too_large" if is_size else "wrong_kind", problem)


@transaction.atomic(durable=True)
def _row(member: Membership, sent: Received, kept: blobs.Kept, token: uuid.UUID) -> StoredFile:
    # Two tabs with the same picture wait for each other here, and the second finds the first.
    Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
    again = _same_bytes(member, kept)
    if again is not None:
        return _touch(again)
    now = clock.now()
    file, is_new = StoredFile.objects.get_or_create(
        source=_source(member, token),
        position=0,
        defaults={
            "workspace": member.workspace,
            "made_by": member,
            "expected_kind": kept.facts.kind,
            "title": PurePath(sent.name).stem[:200],
            "original_name": sent.name,
            "state": StoredFile.State.STORED,
            "next_copy_at": None,
            "created_at": now,
            "stored_at": now,
            "changed_at": now,
            **kept.columns(),
        },
    )
    if is_new:
        derivatives.announce(file)
    return file


def _same_bytes(member: Membership, kept: blobs.Kept) -> StoredFile | None:
    rows = StoredFile.objects.select_for_update(of=("self",)).filter(
        storage_name=kept.storage_name,
        made_by=member,
        source__startswith="upload:",
        state=StoredFile.State.STORED,
    )
    return rows.order_by("pk").first()


def _touch(file: StoredFile) -> StoredFile:
    """It was put here again: its age begins anew, and so does its claim on the bytes."""
    file.stored_at = file.changed_at = clock.now()
    file.save(update_fields=["stored_at", "changed_at"])
    return file
