"""Whether this workspace knows a package that came back, and still stands by it. Reads only."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from rivya_app.handoff import access, gate, manifest
from rivya_app.handoff.models import Package
from rivya_app.handoff.verifying import Report


def doubts(report: Report) -> Iterator[str]:
    """What stands against a zip whose files hold: one plain line each."""
    package = _package(report.package_id)
    if package is None:
        yield "No workspace here knows this package."
        return
    if package.state != Package.State.READY:
        yield "The package is being packed anew here."
        return
    for name, text in manifest.texts(package):
        found = report.text_sha256s.get(name)
        if found and found != hashlib.sha256(text).hexdigest():
            yield f"Not as it was written here (older, or changed since): {name}"
    items = access.items_of(package)
    for item in gate.no_longer_approved(items):
        yield f"Not approved any more: {item.brief.product}"
    for question in gate.open_questions(items):
        yield f"A failed check has no answer: {question.packed.name}"


def _package(public_id: str) -> Package | None:
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return Package.objects.select_related("workspace").filter(public_id=wanted).first()
