"""One brief of the demo's story: what was asked for, by whom, when, and how it went."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from rivya_app.briefs.models import Brief


class Turn(Enum):
    """How a brief went."""

    WELL = "every draft succeeded"
    ONE_FAILED = "the model failed one draft"
    TRIED_AGAIN = "one draft failed and a new attempt succeeded"
    CHANGED = "a draft was asked for again with other words and settings"
    SEVERAL = "each draft gave several results"
    REFERENCE_REFUSED = "Rivya did not take the reference"
    REFUSED_BY_RIVYA = "Rivya's wallet was too low for one draft"
    REFUSED_BY_US = "the balance was too low for any draft"
    OWNER_SAID_NO = "an owner was asked first, and said no"
    OWNER_IS_ASKED = "an owner is asked first, and has not answered yet"
    OVERDUE = "still being made, and far longer than usual"
    RUNNING = "still being made"


@dataclass(frozen=True, slots=True)
class Episode:
    """One brief. `days_ago` may be a fraction of a day."""

    days_ago: float
    product: str
    points: str
    turn: Turn = Turn.WELL
    drafts: int = 2
    model_id: str = "z-image"
    kind: str = "image"
    ratio: str = "1:1"
    """Empty: whatever the model does by itself."""
    audience: str = ""
    channel: str = Brief.Channel.MARKETPLACE
    style: str = Brief.Style.STUDIO
    language: str = "en"
    campaign: str = ""
    by: str = "seller"
    params: dict[str, Any] = field(default_factory=dict)
    prompt: str | None = None
    """None: the text the product suggests."""
    photos: tuple[str, ...] = ()
    """References: photographs of these products, as somebody uploads them."""
    from_talk: str = ""
    """The conversation whose first answer the brief was made of."""
    change: dict[str, Any] = field(default_factory=dict)
    """Of a new attempt: `prompt`, and any params."""


_RATIO_KEY = {"4o-image": "size", "nano-banana": "imageSize", "runway": "aspectRatio"}


def params_of(episode: Episode) -> dict[str, Any]:
    """The model's own settings, under the name this model gives its proportions."""
    key = _RATIO_KEY.get(episode.model_id, "aspect_ratio")
    return {**({key: episode.ratio} if episode.ratio else {}), **episode.params}
