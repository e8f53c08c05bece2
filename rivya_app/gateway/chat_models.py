"""The models of conversations, as a type of their own: nothing else can be asked as one."""

from dataclasses import dataclass

from rivya_app.gateway import access
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import Workflow
from rivya_app.rivya_api.chat_abilities import ChatAbilities


class NotAChatModel(TypeError):
    """This model makes media; it is never asked in a conversation."""


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model that answers. Made from a card by `as_chat_model` alone."""

    card: ModelCard
    abilities: ChatAbilities

    @property
    def model_id(self) -> str:
        return self.card.model_id

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def effort_words(self) -> tuple[str, ...]:
        """What `reasoning_effort` may say beside the model's own choice."""
        return tuple(word for word in self.abilities.efforts if word != "default")


def as_chat_model(card: ModelCard) -> ChatModel:
    """Raises NotAChatModel."""
    abilities = card.model.chat
    if abilities is None:
        raise NotAChatModel(card.model_id)
    return ChatModel(card, abilities)


def chat_models_of(flow: Workflow) -> list[ChatModel]:
    """Every model a conversation of this workflow may have, those that may be chosen first."""
    return [as_chat_model(card) for card in access.models_of(flow) if card.model.is_chat]


def chat_model_of(flow: Workflow, model_id: str) -> ChatModel | None:
    """One model as this workflow may use it; None where it was never listed or makes media."""
    card = access.model_of(flow, model_id)
    return as_chat_model(card) if card is not None and card.model.is_chat else None
