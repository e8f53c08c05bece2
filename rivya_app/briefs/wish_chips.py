"""Wishes on the form of a new attempt: taken into its text, reworded or dropped.

A chip remembers the sentence it last put into the text. So the text can be written on by hand: what
a person changed there is theirs, and is neither put in again nor taken out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rivya_app.briefs.wishes import DROPPED, EDITED, TAKEN, Answer, Wish

_TAKE, _WORDS, _PUT = "take:", "words:", "put:"  # each before a wish's code
MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Chip:
    """One wish as it stands on the page. `put` is its sentence in the text, "" while in none."""

    wish: Wish
    number: int
    is_taken: bool
    words: str
    put: str = ""

    @property
    def take_name(self) -> str:
        return _TAKE + self.wish.code

    @property
    def words_name(self) -> str:
        return _WORDS + self.wish.code

    @property
    def put_name(self) -> str:
        return _PUT + self.wish.code

    @property
    def sentence(self) -> str:
        return self.wish.sentence(self.words)


def first(wishes: Sequence[Wish], *, taken: bool) -> list[Chip]:
    """As the page starts: every wish taken up, or none where its text is not a description."""
    return [Chip(wish, number, taken, wish.words) for number, wish in enumerate(wishes, start=1)]


def typed(wishes: Sequence[Wish], posted: Mapping[str, Any]) -> list[Chip]:
    """As they were posted. A wish that was not on that page is on none of its answers either."""
    return [
        Chip(
            wish,
            number,
            is_taken=_TAKE + wish.code in posted,
            words=str(posted[_WORDS + wish.code])[:MOST_CHARACTERS].strip() or wish.words,
            put=str(posted.get(_PUT + wish.code, ""))[: 2 * MOST_CHARACTERS],
        )
        for number, wish in enumerate(wishes, start=1)
        if _WORDS + wish.code in posted
    ]


def woven(text: str, chips: Iterable[Chip], limit: int | None = None) -> tuple[str, list[Chip]]:
    """The text with what is taken in it and what is dropped out of it, and the chips after that.

    With a `limit` in characters a wish that no longer fits is left out.
    """
    done = []
    for chip in chips:
        after = _with(text, chip) if chip.is_taken else _without(text, chip.put)
        if limit and chip.is_taken and len(after) > limit:
            done.append(replace(chip, is_taken=False, put=""))
            continue
        text = after
        done.append(replace(chip, put=chip.sentence if chip.is_taken else ""))
    return text, done


def _with(text: str, chip: Chip) -> str:
    if chip.put and chip.put in text:
        return text.replace(chip.put, chip.sentence, 1)
    if chip.put == chip.sentence or chip.sentence in text:
        return text  # put in before and changed there by hand, or there already
    return f"{text.rstrip()}\n{chip.sentence}".strip()


def _without(text: str, sentence: str) -> str:
    if not sentence or sentence not in text:
        return text
    before, _sentence, after = text.partition(sentence)
    start, end = before.rstrip(), after.lstrip()
    if not start or not end:
        return start or end
    is_own_line = "\n" in before[len(start) :] or "\n" in after[: len(after) - len(end)]
    return f"{start}\n{end}" if is_own_line else f"{start} {end}"


def answers(chips: Iterable[Chip], text: str) -> tuple[Answer, ...]:
    """What became of each wish, given the text that is sent."""
    return tuple(_answer(chip, text) for chip in chips)


def _answer(chip: Chip, text: str) -> Answer:
    wish = chip.wish
    if not chip.is_taken:
        return Answer(wish.code, wish.words, DROPPED, spot=wish.spot)
    if wish.sentence() in text:
        return Answer(wish.code, wish.words, TAKEN, wish.sentence(), wish.spot)
    kept = chip.sentence if chip.sentence in text else ""
    return Answer(wish.code, wish.words, EDITED, kept, wish.spot)
