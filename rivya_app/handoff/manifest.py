"""The texts that go into every package."""

import json
from typing import Any

from rivya_app.handoff.models import Package


def document(package: Package) -> dict[str, Any]:
    """The content of manifest.json; empty where the package was never packed."""
    kept: dict[str, Any] = (package.manifest or {}).get("document", {})
    return kept


def texts(package: Package) -> list[tuple[str, bytes]]:
    """Name in the zip and bytes of each."""
    written = json.dumps(document(package), ensure_ascii=False, indent=2)
    readme = str((package.manifest or {}).get("readme", ""))
    return [("manifest.json", written.encode()), ("README.txt", readme.encode())]
