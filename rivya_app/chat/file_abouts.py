"""What the assistant can be told of a file of the library."""

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.chat.abouts import About
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership


def of_file(member: Membership, reference: str) -> About | None:
    """`file:<uuid>`; only a picture that is here is attached."""
    found = library.chosen(member, [reference.partition(":")[2]])
    if not found:
        return None
    file = found[0]
    is_picture = file.kind == "image" and file.is_stored
    url = reverse("library:show-file", args=[file.public_id])
    return About(file.name, url, _facts(file), [file] if is_picture else [])


def _facts(file: StoredFile) -> str:
    size = f"{file.width} × {file.height} px" if file.width and file.height else ""
    rows = [
        (_("File"), file.name),
        (_("Kind"), str(file.get_kind_display())),
        (_("Size in pixels"), size),
    ]
    return "\n".join(f"{label}: {text}" for label, text in rows if text)
