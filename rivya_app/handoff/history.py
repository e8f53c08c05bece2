"""What happened to a package: written by whoever did it, said in the reader's language."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.handoff.models import Package, PackageEvent
from rivya_app.workspaces.models import Membership

MADE, PACKED, PACKED_AGAIN = "made", "packed", "packed_again"
BROKEN, TRIED_AGAIN = "broken", "tried_again"
CHANGED_BYTES = "changed_bytes"  # found while they were about to leave
WORDS_CHANGED, CROP_CHANGED, OVERRIDDEN = "words_changed", "crop_changed", "overridden"

_WORDS: dict[str, str | Promise] = {
    MADE: gettext_lazy("Package asked for"),
    PACKED: gettext_lazy("Packed"),
    PACKED_AGAIN: gettext_lazy("Packed anew"),
    BROKEN: gettext_lazy("Could not be packed"),
    TRIED_AGAIN: gettext_lazy("Tried again"),
    WORDS_CHANGED: gettext_lazy("Words changed"),
    CROP_CHANGED: gettext_lazy("Crop changed"),
    OVERRIDDEN: gettext_lazy("A failed check was answered for"),
    CHANGED_BYTES: gettext_lazy("Refused: a packed file is not what was packed"),
    "downloaded": gettext_lazy("Downloaded"),
    "shared": gettext_lazy("A link was made"),
    "revoked": gettext_lazy("A link was taken back"),
    "opened": gettext_lazy("Opened by a link"),
    "taken": gettext_lazy("Downloaded by a link"),
    "sent": gettext_lazy("Sent to another system"),
}


def note(
    package: Package, kind: str, *, member: Membership | None = None, **facts: Any
) -> PackageEvent:
    """Write what happened, inside the transaction that makes it happen. `facts` are safe words."""
    return PackageEvent.objects.create(package=package, kind=kind, member=member, facts=facts)


def words_of(event: PackageEvent) -> str:
    """What happened, as one line of the history."""
    words = str(_WORDS.get(event.kind) or _("Something changed"))
    about = event.facts.get("name") or event.facts.get("to")
    return f"{words}: {about}" if about else words


def damaged_among(packages: Iterable[Package]) -> set[int]:
    """The keys of those whose packed bytes were found changed, and not packed anew since."""
    kinds = (PACKED, PACKED_AGAIN, CHANGED_BYTES)
    rows = PackageEvent.objects.filter(package__in=list(packages), kind__in=kinds)
    newest = rows.order_by("package_id", "-pk").distinct("package_id")
    return {event.package_id for event in newest if event.kind == CHANGED_BYTES}


def broken_about(package: Package) -> str:
    """What the item is called that could not be packed; "" where the package is not broken."""
    if package.state != Package.State.BROKEN:
        return ""
    event = package.events.filter(kind=BROKEN).order_by("-pk").first()
    return str(event.facts.get("name", "")) if event else ""
