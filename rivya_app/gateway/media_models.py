"""The models that make media, as a type of their own: nothing that answers can be asked as one."""

from dataclasses import dataclass

from rivya_app.gateway import kinds
from rivya_app.gateway.cards import ModelCard


class NotAMediaModel(TypeError):
    """This model makes no media; a generation is never asked of it."""


@dataclass(frozen=True, slots=True)
class MediaModel:
    """A model that makes files. Made from a card by `as_media_model` alone."""

    card: ModelCard

    @property
    def model_id(self) -> str:
        return self.card.model_id


def as_media_model(card: ModelCard) -> MediaModel:
    """Raises NotAMediaModel."""
    if card.media_kind not in kinds.KINDS:
        raise NotAMediaModel(card.model_id)
    return MediaModel(card)
