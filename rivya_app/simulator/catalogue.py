"""The models: what each takes and costs. Lists, validation, prices and openapi.json read it.

Numbers are of Rivya's model pages (read 2026-05-10); ASSUMED marks what the pages do not show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

MEGABYTE: Final = 1024 * 1024  # ASSUMED: the pages say MB and no more
IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/webp")
VIDEO_TYPES: Final = ("video/mp4", "video/quicktime", "video/webm")
AUDIO_TYPES: Final = (
    "audio/mpeg",
    "audio/mp4",
    "audio/wav",
    "audio/x-wav",
    "audio/aac",
    "audio/ogg",
)
DEFAULT_LIMITS: Final[dict[str, tuple[int, tuple[str, ...]]]] = {
    "image": (10, IMAGE_TYPES),
    "video": (50, VIDEO_TYPES),
    "audio": (10, AUDIO_TYPES),
}
RUNTIMES: Final = {"chat": "chat"}  # ASSUMED; every other category runs as async_task


@dataclass(frozen=True)
class Param:
    key: str
    type: str
    """``select``, ``text`` or ``number``."""
    default: Any = None
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None
    description: str = ""
    required: bool = False

    def wire(self) -> dict[str, Any]:
        """ASSUMED shape, from the columns in which the model pages show a parameter."""
        return {
            "key": self.key,
            "type": self.type,
            "required": self.required,
            "default": self.default,
            "options": list(self.options) or None,
            "min": self.low,
            "max": self.high,
            "step": self.step,
            "description": self.description,
        }


@dataclass(frozen=True)
class KindRule:
    """How many files of one kind, how large (MB) and of which types."""

    max_items: int
    max_size_mb: int
    mime_types: tuple[str, ...]

    def wire(self) -> dict[str, Any]:
        return {
            "max_items": self.max_items,
            "max_size_mb": self.max_size_mb,
            "mime_types": list(self.mime_types),
        }


@dataclass(frozen=True)
class ReferenceRule:
    max_items: int
    kinds: dict[str, KindRule]
    combinations: tuple[dict[str, int], ...] = ()
    """The sets allowed together (most of each kind); empty: one kind at a time."""
    required: bool = False

    def wire(self) -> dict[str, Any]:
        """ASSUMED shape."""
        return {
            "required": self.required,
            "max_items": self.max_items,
            "combinations": [dict(c) for c in self.combinations],
        } | {kind: rule.wire() for kind, rule in self.kinds.items()}


@dataclass(frozen=True)
class Chat:
    attachments: int = 5  # ASSUMED: no page names a number
    web_search: bool = True
    efforts: tuple[str, ...] = ("default", "minimal", "low", "medium", "high", "xhigh")

    def wire(self) -> dict[str, Any]:
        """ASSUMED shape."""
        return {
            "streaming": True,
            "web_search": self.web_search,
            "reasoning_efforts": list(self.efforts),
            "attachments": self.attachments > 0,
            "max_attachments": self.attachments,
            "attachment_kinds": ["image"] if self.attachments else [],
        }


@dataclass(frozen=True)
class Model:
    id: str
    name: str
    category: str
    credits: int
    prompt_max: int | None
    params: tuple[Param, ...] = ()
    references: ReferenceRule | None = None
    chat: Chat | None = None
    billing: str = "FIXED"
    status: str = "available"
    prompt_required: bool = True
    notices: tuple[str, ...] = field(default=())
    is_extra: bool = False
    """Listed only where the setting ``extra_models`` names it."""

    @property
    def is_available(self) -> bool:
        return self.status == "available"

    @property
    def file_kinds(self) -> list[str]:
        if self.chat and self.chat.attachments:
            return ["image"]
        return list(self.references.kinds) if self.references else []

    def filled(self, params: dict[str, Any]) -> dict[str, Any]:
        """The params with this model's defaults for those left out."""
        usual = {p.key: p.default for p in self.params if p.default is not None}
        return usual | params

    def param(self, key: str) -> Param | None:
        return next((p for p in self.params if p.key == key), None)

    @property
    def _needs_files(self) -> bool:
        return self.references is not None and self.references.required

    @property
    def _input_status(self) -> str:
        if self._needs_files:
            return "requires_files_api"
        return "partial_requires_files" if self.file_kinds else "available_text"

    def wire(self) -> dict[str, Any]:
        """One entry of GET /api/v1/models."""
        kinds = self.file_kinds
        text, reference = _modes(self.category)
        return {
            "id": self.id,
            "display_name": self.name,
            "category": self.category,
            "runtime": RUNTIMES.get(self.category, "async_task"),
            "base_credits": self.credits,
            "billing_type": self.billing,
            "supported_modes": [text] + ([reference] if kinds else []),
            "max_prompt_length": self.prompt_max,
            "reference_media": self.references.wire() if self.references else None,
            "params": [p.wire() for p in self.params],
            "api_status": self.status,
            "api_input_status": self._input_status,
            "supported_api_inputs": ["text", "file"] if kinds else ["text"],
            "requires_files_api": self._needs_files,
            "requires_upload_for_modes": [reference] if kinds else [],
            "url_input_supported": False,
            "file_kinds": kinds,
            "chat_capabilities": self.chat.wire() if self.chat else None,
            "notices": list(self.notices),
        }


def _modes(category: str) -> tuple[str, str]:
    """ASSUMED beyond text-to-image."""
    if category == "chat":
        return "chat", "chat-with-images"
    return f"text-to-{category}", f"image-to-{category}"


def select(key: str, *options: str, description: str = "", default: str = "") -> Param:
    """A select whose default is its first option unless one is named."""
    return Param(key, "select", default or options[0], options, description=description)


def switch(key: str, *, on: bool = False, description: str = "") -> Param:
    """Booleans travel as the strings true and false."""
    options = ("true", "false") if on else ("false", "true")
    return select(key, *options, description=description)


def text(key: str, description: str = "") -> Param:
    return Param(key, "text", description=description)


def number(
    key: str, low: float, high: float, step: float | None, default: float | None, description: str
) -> Param:
    return Param(key, "number", default, (), low, high, step, description)


def images(count: int, size: int = 10) -> ReferenceRule:
    return ReferenceRule(count, {"image": KindRule(count, size, IMAGE_TYPES)})


def _load() -> dict[str, Model]:
    from rivya_app.simulator import (
        models_audio,
        models_chat,
        models_extra,
        models_image,
        models_video,
    )

    modules = (models_image, models_video, models_audio, models_chat, models_extra)
    return {model.id: model for module in modules for model in module.MODELS}


MODELS: dict[str, Model] = {}


def models() -> dict[str, Model]:
    """Every model by its id, in the order of the list; what is listed says `listing.listed`."""
    if not MODELS:
        MODELS.update(_load())
    return MODELS
