"""The kinds of media the product makes, and which of Rivya's categories each stands for."""

from django.utils.translation import gettext_lazy as _

from rivya_app.gateway.models import Workflow
from rivya_app.rivya_api import assumptions

IMAGE, VIDEO, AUDIO = KINDS = ("image", "video", "audio")
CHAT = "chat"

LABELS = {IMAGE: _("Pictures"), VIDEO: _("Videos"), AUDIO: _("Sound"), CHAT: _("Conversation")}
MOMENTS = {
    IMAGE: Workflow.Moment.LISTING_IMAGES,
    VIDEO: Workflow.Moment.SHORT_VIDEO,
    AUDIO: Workflow.Moment.VOICE_OVER,
}
_KIND_OF_MOMENT: dict[str, str] = {
    **{moment.value: kind for kind, moment in MOMENTS.items()},
    Workflow.Moment.REFERENCE_EDIT.value: IMAGE,
    Workflow.Moment.CHAT.value: CHAT,
}


def kind_of(category: str) -> str:
    """Our kind for a category of the list; a category we know nothing of stands for itself."""
    return assumptions.CATEGORY_KINDS.get(category.lower(), category.lower())


def kind_made_by(moment: str) -> str:
    """What a workflow makes; CHAT for one that makes no media. Raises KeyError."""
    return _KIND_OF_MOMENT[moment]


def categories_of(kind: str) -> list[str]:
    """Every category that stands for `kind`."""
    return [kind, *(word for word, ours in assumptions.CATEGORY_KINDS.items() if ours == kind)]
