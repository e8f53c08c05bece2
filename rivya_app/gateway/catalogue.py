"""Rivya's public model list as we last read it. Alone writes CatalogueModel rows."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import Count, Max, Q

from rivya_app.core import clock
from rivya_app.gateway import catalogue_changes, kinds
from rivya_app.gateway.cards import ModelCard, card_of
from rivya_app.gateway.clients import is_inside_transaction, public_client
from rivya_app.gateway.models import CatalogueChange, CatalogueModel
from rivya_app.rivya_api import errors, types

logger = logging.getLogger(__name__)

_FIRST_READ = "gateway:first-catalogue-read"
_FIRST_READ_PAUSE = 10  # seconds between attempts while the table is still empty
_MOST_CREDITS = Decimal(10) ** 10  # what the column holds
_LONGEST_PROMPT = 2**31 - 1


@dataclass(slots=True)
class Changes:
    """Model ids by what a refresh found. `left_out` could not be stored and keep their old row."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone or self.returned)


def refresh() -> Changes:
    """Read the list from Rivya and store it, entry by entry.

    Raises errors.RivyaError where it cannot be read; the list as stored stays in use then. An
    empty answer changes nothing either: no model is given up on the word of an empty page.
    """
    with public_client() as rivya:
        models = rivya.models.list()
    if not models:
        logger.warning("Rivya listed no model; the list as last read stays in use")
        return Changes()
    return _store(models)


@dataclass(frozen=True, slots=True)
class ListStanding:
    """The model list as it is here: how many models, how many of them usable, read when."""

    count: int
    usable: int
    read_at: datetime | None


def standing() -> ListStanding:
    """Asks nobody; models that left Rivya's list do not count."""
    usable = Count("pk", filter=Q(api_status="available"))
    found = CatalogueModel.objects.filter(gone_at=None).aggregate(
        count=Count("pk"), usable=usable, read_at=Max("read_at")
    )
    return ListStanding(**found)


def models_for(kind: str = "image") -> list[ModelCard]:
    """Listed models of one kind, those that can be chosen first, then cheaper first."""
    cards = (card_of(row) for row in _rows(category__in=kinds.categories_of(kind)))
    return ranked(card for card in cards if card.row.gone_at is None)


def listed() -> list[ModelCard]:
    """Every model of the list as last read, of whatever kind."""
    return ranked(card_of(row) for row in _rows(gone_at=None))


def ranked(cards: Iterable[ModelCard]) -> list[ModelCard]:
    """Those that can be chosen first, then cheaper first."""
    return sorted(cards, key=_rank)


def find(model_id: str) -> ModelCard | None:
    """One model by Rivya's id, gone or not; None where it was never listed."""
    if not model_id.isprintable():  # typed into an address; a database takes no NUL
        return None
    return next((card_of(row) for row in _rows(model_id=model_id)), None) if model_id else None


def found(model_ids: Iterable[str]) -> dict[str, ModelCard]:
    """Those of these models that were ever listed, gone or not, by id. One query."""
    wanted = [model_id for model_id in model_ids if model_id]
    rows = CatalogueModel.objects.filter(model_id__in=wanted) if wanted else []
    return {row.model_id: card_of(row) for row in rows}


def name_of(model_id: str) -> str:
    """What people call the model; its id where it was never listed."""
    card = find(model_id)
    return card.name if card else model_id


def names() -> dict[str, str]:
    """What people call each model that was ever listed, by id; asks Rivya for nothing."""
    return dict(CatalogueModel.objects.values_list("model_id", "display_name"))


def names_of(model_ids: Iterable[str]) -> dict[str, str]:
    """The same for several models at once, one query."""
    wanted = set(model_ids)
    found = {row.model_id: card_of(row).name for row in _rows(model_id__in=list(wanted))}
    return {model_id: found.get(model_id, model_id) for model_id in wanted}


def default_model_id(kind: str = "image") -> str:
    """The model to start from where nobody chose one: the cheapest that can be chosen, or ""."""
    return next((card.model_id for card in models_for(kind) if card.is_choosable), "")


def nearest(model_id: str, among: Sequence[ModelCard]) -> ModelCard | None:
    """The choosable model most like this one: its kind, most parameters shared, nearest price.

    `among` are the candidates. A model that was never listed is nearest to the cheapest.
    """
    lost = find(model_id)
    keys = {param.key for param in lost.params} if lost else set()
    price = (lost.base_credits if lost else None) or Decimal(0)
    kind = lost.media_kind if lost else ""

    def distance(card: ModelCard) -> tuple[bool, int, Decimal, str]:
        shared = len(keys.intersection(param.key for param in card.params))
        apart = abs((card.base_credits or Decimal(0)) - price)
        return card.media_kind != kind, -shared, apart, card.model_id

    others = (card for card in among if card.is_choosable and card.model_id != model_id)
    return min(others, key=distance, default=None)


def _rank(card: ModelCard) -> tuple[bool, bool, Decimal, str]:
    price = card.base_credits
    return not card.is_choosable, price is None, price or Decimal(0), card.name


def _rows(**wanted: str | list[str] | None) -> list[CatalogueModel]:
    """Finding nothing is the only reason to ask whether the list was ever read."""
    found = list(CatalogueModel.objects.filter(**wanted))
    if found:
        return found
    _read_if_never_read()
    return list(CatalogueModel.objects.filter(**wanted))


def _read_if_never_read() -> None:
    """On an empty table the first reader fetches the list; the others do without for a moment."""
    if CatalogueModel.objects.exists() or is_inside_transaction():
        return
    if not cache.add(_FIRST_READ, 1, _FIRST_READ_PAUSE):
        return
    try:
        refresh()
    except errors.RivyaError as error:
        logger.warning("the model list could not be read for the first time: %s", error)


# --- Storing ------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _store(models: Sequence[types.Model]) -> Changes:
    changes = Changes()
    differences: list[CatalogueChange] = []
    by_id = {model.id: model for model in models}
    rows = {
        row.model_id: row for row in CatalogueModel.objects.select_for_update().order_by("model_id")
    }
    for model_id in sorted(by_id):
        differences += _store_one(by_id[model_id], rows.get(model_id), changes)
    for row in rows.values():
        if row.model_id not in by_id and row.gone_at is None:
            differences += _give_up(row)
            changes.gone.append(row.model_id)
    if rows:  # the first reading of all has nothing to be compared with
        catalogue_changes.record(differences)
    return changes


def _give_up(row: CatalogueModel) -> list[CatalogueChange]:
    before = catalogue_changes.seen(row)
    row.gone_at = clock.now()
    row.save(update_fields=["gone_at"])
    return catalogue_changes.between(before, row)


def _store_one(
    model: types.Model, row: CatalogueModel | None, changes: Changes
) -> list[CatalogueChange]:
    """In a savepoint of its own: what PostgreSQL will not hold must not cost the other entries."""
    before = catalogue_changes.seen(row) if row else None
    try:
        with transaction.atomic():
            written = _write(model, row, changes)
    except (DatabaseError, ValueError) as error:
        logger.warning("left out a model of Rivya's list: %s", type(error).__name__)
        changes.left_out.append(model.id)
        return []
    return catalogue_changes.between(before, written)


def _write(model: types.Model, row: CatalogueModel | None, changes: Changes) -> CatalogueModel:
    columns = _columns(model)
    if row is None:
        row = CatalogueModel.objects.create(model_id=model.id, read_at=clock.now(), **columns)
        changes.added.append(model.id)
        return row
    was_gone = row.gone_at is not None
    is_changed = any(getattr(row, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(row, name, value)
    row.read_at, row.gone_at = clock.now(), None
    row.save()
    if was_gone:
        changes.returned.append(model.id)
    elif is_changed:
        changes.changed.append(model.id)
    return row


def _columns(model: types.Model) -> dict[str, Any]:
    price, limit = model.base_credits, model.max_prompt_length
    return {
        "display_name": model.display_name[:160],
        "category": model.category[:40],
        "runtime": model.runtime[:40],
        "base_credits": price if price is not None and price < _MOST_CREDITS else None,
        "billing_type": model.billing_type[:40],
        "max_prompt_length": limit if limit and limit <= _LONGEST_PROMPT else None,
        "api_status": model.api_status[:40],
        "api_input_status": model.api_input_status[:60],
        "payload": dict(model.raw),
    }
