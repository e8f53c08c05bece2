"""A model's reference rules as a person reads them. Words only; checking is the library's."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.rivya_api import types

MEGABYTE = 1_000_000


def sentence(model: types.Model) -> str:
    """Such as "Takes up to 9 pictures, or 1 video and 5 pictures."; empty where it takes none."""
    if model.chat and model.chat.max_images is None:
        return _("Takes pictures.")  # how many is not stated
    sets = [_together(found) for found in _sets(model)]
    if not sets:
        return ""
    words = sets[0] if len(sets) == 1 else _or(sets)
    return _("Takes up to %(files)s.") % {"files": words}


def limits(model: types.Model) -> list[str]:
    """For each kind: how large a file may be, and of which types."""
    return [words for rule in model.reference_rules if (words := _limit(rule))]


def counted(kind: str, count: int) -> str:
    """A number of files of one kind, in words."""
    if kind == "image":
        words = ngettext("%(count)d picture", "%(count)d pictures", count)
    elif kind == "video":
        words = ngettext("%(count)d video", "%(count)d videos", count)
    elif kind == "audio":
        words = ngettext("%(count)d sound file", "%(count)d sound files", count)
    else:
        words = ngettext("%(count)d file", "%(count)d files", count)
    return words % {"count": count}


def _sets(model: types.Model) -> list[Mapping[str, int]]:
    """What may be given together; one kind at a time where the model states no combination."""
    if model.chat is not None:
        most = model.chat.max_images
        return [{"image": most}] if most else []
    if model.reference_combinations:
        return list(model.reference_combinations)
    if model.reference_rules:
        return [{rule.kind: rule.max_count or 1} for rule in model.reference_rules]
    return [{kind: 1} for kind in model.file_kinds]


def _together(counts: Mapping[str, int]) -> str:
    # The scarcer first: what was stored as JSON has no order of its own.
    by_count = sorted(counts.items(), key=lambda pair: (pair[1], pair[0]))
    parts = [counted(kind, count) for kind, count in by_count if count]
    if len(parts) < 2:
        return "".join(parts)
    return _("%(files)s and %(more)s") % {"files": ", ".join(parts[:-1]), "more": parts[-1]}


def _or(sets: list[str]) -> str:
    return _("%(files)s, or %(more)s") % {"files": ", ".join(sets[:-1]), "more": sets[-1]}


def _limit(rule: types.ReferenceRule) -> str:
    types_shown = ", ".join(mime.partition("/")[2] for mime in rule.mime_types)
    if not rule.max_bytes:
        return f"{_kind(rule.kind)}: {types_shown}" if types_shown else ""
    size = _("up to %(size)s MB") % {"size": f"{rule.max_bytes / MEGABYTE:.4g}"}
    return f"{_kind(rule.kind)}: {size}" + (f" ({types_shown})" if types_shown else "")


def _kind(kind: str) -> str:
    words = {"image": _("Picture"), "video": _("Video"), "audio": _("Sound")}
    return words.get(kind, kind)
