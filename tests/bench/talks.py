"""The assistant's pages in a workspace with many conversations, one of them long."""

from collections.abc import Iterator

from rivya_app.chat.models import Conversation, Turn
from rivya_app.chat.paths import path_of, path_of_turn
from rivya_app.chat.rendering import html_of
from tests.bench import pages
from tests.bench.figures import Figure
from tests.bench.shop import BenchShop
from tests.bench.stage import say
from tests.chat.talk import Talk, like

ROLE = "researcher"
OTHERS = 2_000  # conversations of one turn each, all of one member
TURNS = 300  # of the long one
ANSWER = "\n\n".join(
    [
        "### Photographing brass",
        "Brass mirrors **everything**, so [the room](https://example.com/room) comes first.",
        "\n".join(f"{n}. Turn the lamp a little and look again, *slowly*." for n in range(1, 13)),
        "| Lens | Distance |\n|---|---|\n| 50 mm | 1.2 m |\n| 85 mm | 2.0 m |",
        "```text\nISO 100, f/8, 1/60 s\n```",
        "A white card on the left is enough for most pieces. " * 12,
    ]
)


def measure(shop: BenchShop) -> list[Figure]:
    talk = Talk(shop)
    turn = talk.answer(talk.begin(shop.cast[ROLE], "How do I photograph brass lamps?"))
    turn.answer = ANSWER
    _copy(turn, [turn.conversation] * (TURNS - 1), first=2)
    _copy(turn, _conversations(turn.conversation), first=1)
    say(f"{Turn.objects.count():,} answers of {len(ANSWER):,} characters")
    figures = [_cold(shop, turn)]
    for name, path, most in _visits(turn):
        found = pages.figures_of(shop, name, ROLE, path, most)
        say(f"{name}: {found[0].measured:.0f} ms, {found[1].measured:.0f} queries")
        figures += found
    return figures


def _conversations(first: Conversation) -> list[Conversation]:
    kept = ("workspace", "member", "workflow", "model_id", "title", "asked_at")
    same = {name: getattr(first, name) for name in kept}
    return Conversation.objects.bulk_create(Conversation(**same) for _other in range(OTHERS))


def _copy(turn: Turn, conversations: list[Conversation], first: int) -> None:
    """The same answer once more in each of these, in a row where they are the same one."""
    is_one = len(set(conversations)) == 1
    Turn.objects.bulk_create(
        like(
            turn,
            conversation_id=conversation.pk,
            number=first + (place if is_one else 0),
            answer=f"{ANSWER}\n\nAnswer {place}",
        )
        for place, conversation in enumerate(conversations)
    )


def _cold(shop: BenchShop, turn: Turn) -> Figure:
    """The first visit of a process, which renders every answer that it shows."""
    browser = shop.client(ROLE)
    pages.visit(browser, "/assistant/new/")
    html_of.cache_clear()
    taken = pages.visit(browser, path_of(turn.conversation))
    return Figure(f"conversation of {TURNS} turns, seen for the first time", taken, unit="ms")


def _visits(turn: Turn) -> Iterator[tuple[str, str, float | None]]:
    """Name, address and limit in milliseconds of each page."""
    talk = path_of(turn.conversation)
    newest = turn.conversation.turns.order_by("-number")[0]
    yield "conversations", "/assistant/", pages.MOST_MS
    yield "conversations, searched", "/assistant/?q=photograph", pages.MOST_MS
    yield f"conversation of {TURNS} turns", talk, pages.MOST_MS
    yield "the same from its first turn on", path_of_turn(turn).partition("#")[0], None
    yield "its newest turn alone", f"/assistant/turns/{newest.public_id}/", pages.MOST_MS
