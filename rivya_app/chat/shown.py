"""Which part of a conversation a page shows; of a long one, the rest is not even read."""

from dataclasses import dataclass

from rivya_app.chat.models import Conversation, Turn
from rivya_app.chat.turn_cards import folded

MOST = 40  # questions at first, and with each step back


@dataclass(frozen=True, slots=True)
class Part:
    """Questions of a conversation, up to the newest. `keys` are the row keys of their turns,
    earlier attempts too."""

    keys: tuple[int, ...]
    before: int = 0  # questions that one more step back shows
    step_back: int = 0  # the number of a turn that it begins with
    first: int = 0  # the number of the turn that this part begins with


def part_of(conversation: Conversation, asked: str = "") -> Part:
    """The newest questions; from the turn with the `asked` number on, where that is more."""
    numbers, questions = _questions(conversation)
    wanted = next((key for key, number in numbers.items() if str(number) == asked), None)
    places = (place for place, keys in enumerate(questions) if wanted in keys)
    end = max(0, len(questions) - MOST)
    start = min(end, next(places, end))
    if start == 0:
        return Part(tuple(numbers))
    back = max(0, start - MOST)
    return Part(
        _flat(questions[start:]),
        before=start - back,
        step_back=numbers[questions[back][0]],
        first=numbers[questions[start][0]],
    )


def end_of(conversation: Conversation, turn: Turn) -> Part:
    """What a new state of this turn changes on a page: itself, and the two newest questions."""
    _numbers, questions = _questions(conversation)
    own = [keys for keys in questions[:-2] if turn.pk in keys]
    return Part(_flat([*own, *questions[-2:]]))


def _questions(conversation: Conversation) -> tuple[dict[int, int], list[list[int]]]:
    """Each turn's number by its row key, and the questions as a page folds them. One query."""
    rows = list(conversation.turns.order_by("number").values_list("pk", "number", "again_of_id"))
    numbers = {key: number for key, number, _again_of in rows}
    return numbers, folded((key, again_of) for key, _number, again_of in rows)


def _flat(questions: list[list[int]]) -> tuple[int, ...]:
    return tuple(key for keys in questions for key in keys)
