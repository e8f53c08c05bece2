"""What a new conversation starts with where Rivya no longer continues the old one. The person reads
and edits it before it is sent.
"""

import re

from django.db.models import Exists, OuterRef
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from rivya_app.chat.models import Conversation, Turn

LONGEST = 4000  # characters, all in all
_QUESTION, _ANSWER = 400, 1000  # characters of each that are kept
_SENTENCE_END = re.compile(r"[.!?।॥…。！？]+[\"'”’)\]*_]*(?=\s|$)|\n")


def summary_of(conversation: Conversation) -> str:
    """The conversation in short, in the reader's language; the newest questions survive."""
    head = _("This goes on from an earlier conversation, “%(title)s”. In short:") % {
        "title": conversation.title
    }
    left_out = _("(Earlier questions are left out.)")
    room = LONGEST - len(head) - len(left_out) - 4
    kept: list[str] = []
    for turn in _turns_of(conversation):
        told = _told(turn)
        if len(told) + 2 > room:
            kept.append(left_out)
            break
        room -= len(told) + 2
        kept.append(told)
    return "\n\n".join([head, *reversed(kept)])


def _turns_of(conversation: Conversation) -> list[Turn]:
    """Those that were answered, the newest first, without what was asked again later."""
    again = Turn.objects.filter(again_of=OuterRef("pk")).exclude(answer="")
    rows = conversation.turns.exclude(answer="").filter(~Exists(again)).order_by("-number")
    short = rows.annotate(asked=Left("question", _QUESTION * 2), said=Left("answer", _ANSWER * 2))
    return list(short.only("number")[:50])


def _told(turn: Turn) -> str:
    question = shortened(getattr(turn, "asked", ""), _QUESTION)
    answer = shortened(getattr(turn, "said", ""), _ANSWER)
    return _("Question: %(question)s\nAnswer: %(answer)s") % {
        "question": question,
        "answer": answer,
    }


def shortened(text: str, most: int) -> str:
    """At most so many characters: to the end of a sentence where one is near, else of a word."""
    line = text.strip()
    if len(line) <= most:
        return line
    cut = line[: most - 2]
    ends = [found.end() for found in _SENTENCE_END.finditer(cut)]
    if ends and ends[-1] >= most // 2:
        return f"{cut[: ends[-1]].rstrip()} …"
    words = cut.rsplit(None, 1)[0] if " " in cut[most // 2 :] else cut
    return f"{words.rstrip()} …"
