"""Whether files may be given to a model: the truth for every form, and numbers for the browser."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rivya_app.core.text import size_words
from rivya_app.gateway import reference_words
from rivya_app.library.models import StoredFile
from rivya_app.rivya_api import types
from rivya_app.rivya_api.assumptions import MEGABYTE
from rivya_app.rivya_api.catalogue import ReferenceRule

# Two names of one type, and what a phone or an encoder calls it.
_SAME_TYPE = {"audio/x-wav": "audio/wav", "image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file of one kind may be: bytes, and MIME types by signature."""

    max_bytes: int
    mime_types: tuple[str, ...]

    def takes(self, mime_type: str) -> bool:
        return _plain(mime_type) in {_plain(each) for each in self.mime_types}


_IMAGES = ("image/jpeg", "image/png", "image/webp")
_VIDEOS = ("video/mp4", "video/quicktime", "video/webm")
_SOUNDS = ("audio/mpeg", "audio/mp4", "audio/wav", "audio/x-wav", "audio/aac", "audio/ogg")

# Where a model says nothing itself (Rivya's docs/api-files, "default limits").
USUAL = {
    "image": Limits(10 * MEGABYTE, _IMAGES),
    "video": Limits(50 * MEGABYTE, _VIDEOS),
    "audio": Limits(10 * MEGABYTE, _SOUNDS),
}
# What any model takes (Rivya's model pages): for a file that is put here before a model is chosen.
WIDEST = {
    "image": Limits(30 * MEGABYTE, _IMAGES),
    "video": Limits(95 * MEGABYTE, (*_VIDEOS, "video/x-matroska")),
    "audio": Limits(10 * MEGABYTE, _SOUNDS),
}


def limits_of(model: types.Model | None) -> dict[str, Limits]:
    """By kind; a kind that is missing is not taken. Without a model, whatever any model takes."""
    if model is None:
        return WIDEST
    if model.chat is not None:
        return {"image": USUAL["image"]} if model.chat.takes_images else {}
    rules = {rule.kind: rule for rule in model.reference_rules}
    kinds = dict.fromkeys([*rules, *model.file_kinds])
    return {kind: _limits(kind, rules.get(kind)) for kind in kinds if kind in USUAL}


def _limits(kind: str, rule: ReferenceRule | None) -> Limits:
    usual = USUAL[kind]
    if rule is None:
        return usual
    return Limits(rule.max_bytes or usual.max_bytes, rule.mime_types or usual.mime_types)


def most_files(model: types.Model) -> int | None:
    """How many files of all kinds together; None where Rivya states no number."""
    if model.chat is not None:
        return model.chat.max_images
    sums = [sum(each.values()) for each in model.reference_combinations]
    stated = model.max_reference_count
    counts = [rule.max_count for rule in model.reference_rules]
    if sums:
        return min(max(sums), stated) if stated else max(sums)
    if stated or not counts or None in counts:
        return stated
    return sum(count for count in counts if count)


def problem_with(model: types.Model | None, kind: str, mime_type: str, size: int) -> str:
    """Why a file of this kind, type and size (bytes) is not for this model; "" where it is."""
    limits = limits_of(model).get(kind)
    if limits is None:
        return _not_this_kind(model, kind)
    if not limits.takes(mime_type):
        return _("This format (%(format)s) is not taken here. Taken: %(formats)s.") % {
            "format": format_words([mime_type]),
            "formats": format_words(limits.mime_types),
        }
    return too_large(size, limits.max_bytes) if size > limits.max_bytes else ""


def too_large(size: int, most: int) -> str:
    """The rule about size (bytes), in words."""
    facts = {"size": size_words(size), "most": size_words(most)}
    return _("The file has %(size)s; at most %(most)s are taken here.") % facts


def unknown_format(model: types.Model | None) -> str:
    """The rule about formats, for bytes that no known format begins with."""
    formats = [each for limits in limits_of(model).values() for each in limits.mime_types]
    if not formats:
        return _not_this_kind(model, "")
    return _(
        "What is inside this file is not a format taken here, whatever its name says. "
        "Taken: %(formats)s."
    ) % {"formats": format_words(formats)}


def file_problem(model: types.Model, file: StoredFile) -> str:
    """Why this file cannot be given to this model; "" where it can."""
    if file.removed_at:
        return file.removed_words
    if not file.is_stored:
        return _("This file is not here yet.")
    return problem_with(model, file.kind, file.mime_type, file.size or 0)


def problems(
    rules: tuple[ReferenceRule, ...], model: types.Model, files: Sequence[StoredFile]
) -> list[str]:
    """Every rule of the model that these files break together, in the reader's language.

    `rules` are the model's own, or what a workflow makes of them; limits of a single file come
    from the model. Empty means that they may be sent.
    """
    if not files:
        return [_("This model needs a reference file.")] if model.is_reference_required else []
    if not limits_of(model):
        return [_("This model takes no reference files. Remove them or choose another model.")]
    single = ((file, file_problem(model, file)) for file in files)
    named = [f"{file.name}: {problem}" for file, problem in single if problem]
    return named + problems_together(rules, model, files)


def problems_together(
    rules: tuple[ReferenceRule, ...], model: types.Model, files: Sequence[StoredFile]
) -> list[str]:
    """The rules about numbers that these files break, at most one sentence."""
    counts = Counter(file.kind for file in files)
    if _fit(rules, model, counts) and not _too_many(model, len(files)):
        return []
    chosen = _joined([reference_words.counted(kind, count) for kind, count in counts.items()])
    rule = reference_words.sentence(model)
    return [_("You chose %(files)s. %(rule)s") % {"files": chosen, "rule": rule}]


def _fit(rules: tuple[ReferenceRule, ...], model: types.Model, counts: Counter[str]) -> bool:
    """Within each kind's own number, and within one of the sets the model states, if it does."""
    most = {rule.kind: rule.max_count for rule in rules}
    for kind, count in counts.items():
        limit = most.get(kind)
        if limit is not None and count > limit:
            return False
    sets = model.reference_combinations
    return not sets or any(all(n <= s.get(k, 0) for k, n in counts.items()) for s in sets)


def _too_many(model: types.Model, count: int) -> bool:
    most = most_files(model)
    return most is not None and count > most


def rule_words(model: types.Model | None) -> str:
    """What the model takes, in a sentence or two; "" where it takes nothing."""
    if model is None or not limits_of(model):
        return ""
    parts = [reference_words.sentence(model)]
    for kind, limits in limits_of(model).items():
        parts.append(
            _("%(kind)s: %(formats)s, up to %(most)s.")
            % {
                "kind": StoredFile.MediaKind(kind).label,
                "formats": format_words(limits.mime_types),
                "most": size_words(limits.max_bytes),
            }
        )
    return " ".join(part for part in parts if part)


def for_browser(model: types.Model | None) -> dict[str, object]:
    """The same rules as numbers, for checks in the browser that only spare a wait."""
    limits = limits_of(model)
    return {
        "kinds": {
            kind: {"bytes": each.max_bytes, "types": [_plain(t) for t in each.mime_types]}
            for kind, each in limits.items()
        },
        "most": most_files(model) if model else None,
    }


def format_words(mime_types: Sequence[str]) -> str:
    """The formats as people call them, each once: JPEG, PNG, MP4."""
    return ", ".join(dict.fromkeys(_FORMATS.get(_plain(each), each) for each in mime_types))


_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "video/x-matroska": "MKV",
    "audio/mpeg": "MP3",
    "audio/mp4": "M4A",
    "audio/wav": "WAV",
    "audio/aac": "AAC",
    "audio/ogg": "OGG",
    "audio/flac": "FLAC",
    "audio/webm": "WebM",
}


def _plain(mime_type: str) -> str:
    return _SAME_TYPE.get(mime_type, mime_type)


def _not_this_kind(model: types.Model | None, kind: str) -> str:
    if model is not None and not limits_of(model):
        return _("This model takes no reference files.")
    taken = [str(StoredFile.MediaKind(each).label) for each in limits_of(model)]
    return _("A file of this kind (%(kind)s) is not taken here. Taken: %(kinds)s.") % {
        "kind": _kind_words(kind),
        "kinds": ", ".join(taken),
    }


def _kind_words(kind: str) -> str:
    known = kind in StoredFile.MediaKind.values
    return str(StoredFile.MediaKind(kind).label) if known else kind


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(files)s and %(more)s") % {"files": ", ".join(parts[:-1]), "more": parts[-1]}
