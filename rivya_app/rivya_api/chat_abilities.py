"""What a chat model can do beside answering, read from its entry in the model list.

ASSUMED, every name of it: Rivya's pages show no `chat_capabilities` that is not null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from rivya_app.rivya_api import assumptions, reading


@dataclass(frozen=True, slots=True)
class ChatAbilities:
    """`efforts` are the words `reasoning_effort` takes, "default" among them; () takes none.

    `max_images` is how many pictures one message may carry: 0 none, None not stated.
    """

    searches_web: bool = False
    efforts: tuple[str, ...] = ()
    max_images: int | None = 0

    @property
    def takes_images(self) -> bool:
        return self.max_images != 0

    @classmethod
    def from_json(
        cls, source: Any, *, api_inputs: Sequence[str], file_kinds: Sequence[str]
    ) -> Self:
        """Read `chat_capabilities`; where it says nothing of files the entry's own lists count."""
        body = reading.snake_keys(reading.maybe_mapping(source) or {})
        search = reading.first(body, assumptions.CHAT_SEARCH_KEYS)
        efforts = reading.texts(reading.first(body, assumptions.CHAT_EFFORT_KEYS))
        return cls(
            searches_web=search is True,
            efforts=tuple(dict.fromkeys(filter(reading.is_word, efforts))),
            max_images=_max_images(body, "file" in api_inputs or "image" in file_kinds),
        )


def _max_images(body: reading.Json, takes_files: bool) -> int | None:
    stated = reading.first(body, assumptions.CHAT_ATTACHMENTS_KEYS)
    kinds = reading.first(body, assumptions.CHAT_ATTACHMENT_KINDS_KEYS)
    if stated is False or (isinstance(kinds, list) and "image" not in kinds):
        return 0
    count = reading.maybe_count(reading.first(body, assumptions.CHAT_MAX_ATTACHMENTS_KEYS))
    if count is not None:
        return count
    return None if stated is True or takes_files else 0
