"""Makes the file that leaves, of an approved one: its original, or a cut for a channel.

Decoders and the library that writes the AI mark meet hostile bytes, so all of it is done in a
process of its own (making.py) under the limits of library/apart.py. Here, in the worker, films and
sounds are copied, and nothing is opened.
"""

import errno
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rivya_app.handoff.boxes import Box
from rivya_app.handoff.checks import Finding
from rivya_app.handoff.presets import IMAGE, Preset
from rivya_app.library import apart
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import HEAD, Format, format_of

_MAKER = "rivya_app.handoff.making"
SECONDS = 60  # for one file, start included
# The arrays of numpy are small here, and a thread for each core would cost address space.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Cut:
    """The finished file: sizes in pixels and bytes, and how it stands to the rules.

    `box` is the part of the approved picture it shows, None for an original. Width and height are
    None for films and sounds, which are copied as they are.
    """

    width: int | None
    height: int | None
    mime_type: str
    size: int
    sha256: str
    box: Box | None
    is_tagged: bool  # the AI mark was written and read back
    findings: tuple[Finding, ...]

    def as_data(self) -> dict[str, Any]:
        return {
            "width": self.width,
            "height": self.height,
            "mime_type": self.mime_type,
            "size": self.size,
            "sha256": self.sha256,
            "box": self.box.as_list() if self.box else None,
            "is_tagged": self.is_tagged,
            "findings": [finding.as_data() for finding in self.findings],
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Cut":
        box = Box.of(data["box"]) if data["box"] else None
        findings = tuple(Finding.of(finding) for finding in data["findings"])
        return cls(**{**data, "box": box, "findings": findings})


def cut(path: Path, preset: Preset, out: Path, box: Box | None = None) -> Cut:
    """Make the file of `preset` from the one at `path`, at `out`; without a box one is suggested.

    An original keeps its bytes, but for the AI mark; a box means nothing to it. Raises Trouble:
    broken_media, wrong_kind, too_many_pixels, timed_out, out_of_memory, no_space, tag_not_kept.
    What lies at `out` then is not to be used.
    """
    found = sniffed(path)
    if found.kind == IMAGE:
        asked = json.dumps(box and box.as_list())
        words = (str(path.resolve()), preset.code, str(out.resolve()), asked)
        told = apart.answer(_MAKER, *words, seconds=SECONDS, environment=_ENVIRONMENT)
        return Cut.of(json.loads(told))
    if not preset.is_original:
        raise Trouble("wrong_kind")
    _copy(path, out)
    return Cut(None, None, found.mime_type, *measured(out), None, is_tagged=False, findings=())


def sniffed(path: Path) -> Format:
    """By its first bytes, whatever it is called. Raises Trouble("wrong_kind")."""
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    if found is None:
        raise Trouble("wrong_kind")
    return found


def measured(path: Path) -> tuple[int, str]:
    """Bytes, and their SHA-256 as hex."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _copy(path: Path, out: Path) -> None:
    try:
        shutil.copyfile(path, out)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Trouble("no_space") from error
        raise
