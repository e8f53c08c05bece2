"""What a reviewer looks at, as data: the usual items, or a campaign's own."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.workspaces.models import Campaign


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. A code of `USUAL` brings its own words; others bring `text`."""

    code: str
    text: str = ""
    is_required: bool = True

    def as_data(self) -> dict[str, Any]:
        """As it is kept in `Campaign.checklist`."""
        return asdict(self)


USUAL = (
    Item("product"),
    Item("claims"),
    Item("rights"),
    Item("artefacts"),
    Item("brand", is_required=False),
    Item("channel", is_required=False),
)
_TITLES: dict[str, str | Promise] = {
    "product": _("The product is shown as it is"),
    "claims": _("Nothing is claimed that is not true"),
    "rights": _("No person, mark or work of others without permission"),
    "artefacts": _("No odd hands, letters or shapes"),
    "brand": _("It looks like our brand"),
    "channel": _("It fits the place it is made for"),
}
_HINTS: dict[str, str | Promise] = {
    "product": _("Shape, colour, material, number of parts and size, against the photograph."),
    "claims": _("Words, badges, prices and effects that a buyer could take at face value."),
    "rights": _("Faces, logos, art and places that somebody could own or mind."),
    "artefacts": _("Zoom in: edges, reflections, text and what lies behind the product."),
    "brand": _("Colours, mood and tone, as the campaign's notes describe them."),
    "channel": _("Proportions, quiet space and safe areas of the channel."),
}


def items_of(campaign: Campaign | None) -> list[Item]:
    """A campaign's own list, or the usual one where it has none."""
    own = campaign.checklist if campaign else []
    return [_item(entry) for entry in own] or list(USUAL)


def words_of(item: Item) -> str:
    """What stands beside the tick, in the reader's language; own items as they were typed."""
    return str(_TITLES.get(item.code) or item.text)


def hint_of(item: Item) -> str:
    """What to look at in detail; "" for own items."""
    return str(_HINTS.get(item.code, ""))


def unticked(items: Iterable[Item], ticked: Collection[str]) -> list[Item]:
    """The required items that are not ticked: they stand against an approval."""
    return [item for item in items if item.is_required and item.code not in ticked]


def answers(items: Iterable[Item], ticked: Collection[str]) -> list[dict[str, Any]]:
    """The list as it was answered, for the decision that keeps it."""
    return [{**item.as_data(), "is_ticked": item.code in ticked} for item in items]


def _item(entry: dict[str, Any]) -> Item:
    return Item(
        code=str(entry.get("code", "")),
        text=str(entry.get("text", "")),
        is_required=bool(entry.get("is_required", True)),
    )
