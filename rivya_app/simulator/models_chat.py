"""The chat models of the catalogue."""

from typing import Final

from rivya_app.simulator.catalogue import Chat, Model

# ASSUMED: which of them search the web, and which efforts each takes ("where supported").
_NO_SEARCH = Chat(web_search=False)
_PLAIN = Chat(efforts=("default", "low", "medium", "high"))


def _chat(model_id: str, name: str, price: int, chat: Chat) -> Model:
    return Model(model_id, name, "chat", price, 20000, chat=chat, billing="TOKEN_BASED")


MODELS: Final = (
    _chat("gpt-5-2-chat", "GPT-5.2", 3, Chat()),
    _chat("gpt-5-codex-chat", "GPT-5 Codex", 3, _NO_SEARCH),
    _chat("gpt-5-3-codex-chat", "GPT-5.3 Codex", 4, _NO_SEARCH),
    _chat("gpt-5.4-codex-chat", "GPT-5.4 Codex", 4, _NO_SEARCH),
    _chat("gemini-2-5-flash-chat", "Gemini 2.5 Flash", 1, _PLAIN),
    _chat(
        "claude-sonnet-4-6-chat",
        "Claude Sonnet 4.6",
        4,
        Chat(attachments=0, web_search=False, efforts=("default", "low", "medium", "high")),
    ),
)
