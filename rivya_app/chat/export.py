"""A conversation as a Markdown file, sent as it is read. The caller has let the reader through.

What people typed stands inside fences, so that nothing in it can be taken for the file's own words;
an answer is Markdown itself and stays as it came, but for what would run on behind its end.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import tzinfo

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from rivya_app.chat import access, rendering
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.core import clock
from rivya_app.core.text import credit_number, credit_words, moment_words
from rivya_app.gateway import catalogue
from rivya_app.library import uses

CHUNK = 20  # turns read at once
NAME_LENGTH = 80
_NOT_IN_NAMES = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069"*/:<>?\\|]+'
)
_TICKS = re.compile(r"`+")
# What Markdown and pages take for more than words where a title stands.
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


def download(conversation: Conversation) -> "MarkdownStream":
    """The file as an answer to a browser."""
    title = _NOT_IN_NAMES.sub(" ", conversation.title)
    name = " ".join(title.split())[:NAME_LENGTH].strip(". ") or "conversation"
    return MarkdownStream(_chunks(conversation), name=f"{name}.md")


class MarkdownStream(StreamingHttpResponse):
    """Pieces of text as a download, under WSGI and ASGI alike. Each is read in the view's own
    thread, and the connection goes back before it is sent, as CsvOfChunks does."""

    def __init__(self, pieces: Iterable[str], *, name: str) -> None:
        self._pieces = _as_the_reader_reads(iter(pieces))
        super().__init__(self._pieces, content_type="text/markdown; charset=utf-8")
        disposition = content_disposition_header(True, name)
        self.headers["Content-Disposition"] = disposition or "attachment"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(lambda: next(self._pieces, None), thread_sensitive=True)
        while (piece := await read()) is not None:
            yield piece.encode()


def _as_the_reader_reads(pieces: Iterator[str]) -> Iterator[str]:
    """Pieces are made after the view has answered, when its language and zone are no longer set."""
    return _made_in(pieces, get_language() or "en", timezone.get_current_timezone())


def _made_in(pieces: Iterator[str], language: str, zone: tzinfo) -> Iterator[str]:
    while True:
        with override(language), timezone.override(zone):
            piece = next(pieces, None)
        close_old_connections()
        if piece is None:
            return
        yield piece


def _chunks(conversation: Conversation) -> Iterator[str]:
    yield _head(conversation)
    number = 0
    rows = access.turns_of(conversation).select_related("member__user", "again_of")
    while turns := list(rows.filter(number__gt=number)[:CHUNK]):
        number = turns[-1].number
        yield "".join(_told(turns))


def _head(conversation: Conversation) -> str:
    facts = [
        _("Asked by: %(name)s") % {"name": _plain(str(conversation.member))},
        _("Model: %(name)s") % {"name": _plain(catalogue.name_of(conversation.model_id))},
        _("Begun: %(time)s") % {"time": moment_words(conversation.created_at)},
        _("Saved: %(time)s") % {"time": moment_words(clock.now())},
    ]
    title = _plain(conversation.title) or _("Conversation")
    return f"# {title}\n\n" + "".join(f"- {fact}\n" for fact in facts)


def _told(turns: Sequence[Turn]) -> Iterator[str]:
    files = uses.files_of_many(turn.reference for turn in turns)
    later = Turn.objects.filter(again_of__in=turns).order_by("number")
    again = {turn.again_of_id: turn.number for turn in later.only("again_of_id", "number")}
    for turn in turns:
        names = [file.name for file in files.get(turn.reference, [])]
        yield "\n\n".join(["", *_question(turn, names, again.get(turn.pk)), *_answer(turn)]) + "\n"


def _question(turn: Turn, names: Sequence[str], again: int | None) -> Iterator[str]:
    yield "---"
    yield "## " + _("Question %(number)d") % {"number": turn.number}
    yield _plain(f"{turn.member}, {moment_words(turn.created_at)}")
    if turn.again_of:
        yield "*" + _("Question %(number)d, asked again") % {"number": turn.again_of.number} + "*"
    if again:
        yield (
            "*"
            + _("An earlier attempt: asked again as question %(number)d") % {"number": again}
            + "*"
        )
    if turn.context:
        yield _("Sent ahead of it:") + "\n\n" + fenced(turn.context)
    yield fenced(turn.question)
    if names:
        yield _("Pictures:") + "".join(f"\n- {_plain(name)}" for name in names)


def _answer(turn: Turn) -> Iterator[str]:
    yield "### " + _("Answer")
    if turn.answer:
        yield rendering.closed(turn.answer).strip("\n")
    if turn.status != Status.ANSWERED:
        yield f"*{Status(turn.status).label}*"
    yield _cost(turn)


def _cost(turn: Turn) -> str:
    """Its credits, and its tokens where Rivya said them."""
    if turn.final_credits is None:
        cost = _("Not settled yet; %(amount)s expected") % {
            "amount": credit_words(turn.estimated_credits)
        }
    elif turn.is_cost_guessed:
        cost = _("%(amount)s as held; Rivya did not say what it cost") % {
            "amount": credit_words(turn.final_credits)
        }
    else:
        cost = credit_words(turn.final_credits)
    if turn.input_tokens is None or turn.output_tokens is None:
        return cost
    tokens = _("%(read)s tokens in, %(written)s out") % {
        "read": credit_number(turn.input_tokens),
        "written": credit_number(turn.output_tokens),
    }
    return f"{cost} · {tokens}"


def fenced(text: str) -> str:
    """The text between fences longer than any run of their sign in it."""
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _plain(text: str) -> str:
    """One line that Markdown takes for words alone."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
