"""Whether a chat session shows what a turn that broke off is settled by. Reads alone, and reports
none of its words."""

from collections.abc import Iterator

from rivya_app.rivya_api.chat_types import ChatMessage, ChatSession
from rivya_app.rivya_api.client import RivyaClient
from rivya_app.rivya_api.errors import RivyaError
from rivya_app.rivya_api.findings import Finding, agrees, cannot_tell, differs

AREA = "chat sessions"
LOOKED_AT = 3  # of the newest sessions


def examine(client: RivyaClient) -> Iterator[Finding]:
    """Nothing is relied on: where a session shows less, a turn ends with what is known."""
    try:
        session = _with_answer(client)
    except RivyaError as error:
        yield cannot_tell(AREA, "GET /chat/sessions", str(error))
        return
    if session is None:
        yield cannot_tell(AREA, "messages", "no session with an answer to look at")
        return
    yield from _compare(session)


def _with_answer(client: RivyaClient) -> ChatSession | None:
    """One of the newest sessions that has messages."""
    for listed in client.chat.sessions.list()[:LOOKED_AT]:
        session = client.chat.sessions.get(listed.id)
        if session.messages:
            return session
    return None


def _compare(session: ChatSession) -> Iterator[Finding]:
    yield _says("roles", session.messages[0].role == "user", "a question does not come first")
    answers = [message for message in session.messages if message.role != "user"]
    if not answers:
        yield cannot_tell(AREA, "answers", "no answer to look at")
        return
    yield _says("text", all(one.text for one in answers), "an answer without words")
    yield _says("ids", all(one.id for one in answers), "an answer without an id")
    yield _says("credits", all(map(_has_cost, answers)), "an answer without its final credits")
    yield _says("tokens", all(one.usage for one in answers), "an answer without its tokens")


def _has_cost(message: ChatMessage) -> bool:
    return message.final_credits is not None


def _says(name: str, is_there: bool, else_: str) -> Finding:
    return agrees(AREA, name) if is_there else differs(AREA, name, else_, is_relied_on=False)
