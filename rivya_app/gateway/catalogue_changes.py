"""What changed between two readings of the model list. Alone writes CatalogueChange rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from rivya_app.gateway import telling
from rivya_app.gateway.models import CatalogueChange, CatalogueModel, Workflow

Kind = CatalogueChange.Kind

TOLD = frozenset({Kind.GONE, Kind.PRICE, Kind.READINESS})
_LONGEST = 120
_OF_THEIR_OWN = frozenset({"base_credits", "billing_type", "api_status", "api_input_status"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A model as it was before a reading changed its row."""

    price: str
    readiness: str
    is_gone: bool
    payload: dict[str, Any]


def seen(row: CatalogueModel) -> Seen:
    """To be taken before the row is written."""
    price = "-" if row.base_credits is None else f"{row.base_credits:.2f}"
    return Seen(
        price=f"{price} {row.billing_type}",
        readiness=f"{row.api_status}/{row.api_input_status}",
        is_gone=row.gone_at is not None,
        payload=row.payload,
    )


def between(before: Seen | None, row: CatalogueModel) -> list[CatalogueChange]:
    """Every difference, unsaved; `before` is None for a model that was never listed."""
    now = seen(row)
    if before is None:
        return [_change(row, Kind.ADDED, "", now.price)]
    if now.is_gone:
        return [] if before.is_gone else [_change(row, Kind.GONE, before.readiness, "")]
    found = []
    if before.is_gone:
        found.append(_change(row, Kind.RETURNED, "", now.readiness))
    if before.price != now.price:
        found.append(_change(row, Kind.PRICE, before.price, now.price))
    if before.readiness != now.readiness:
        found.append(_change(row, Kind.READINESS, before.readiness, now.readiness))
    if details := _other_keys(before.payload, now.payload):
        found.append(_change(row, Kind.DETAILS, "", ", ".join(details)))
    return found


def record(changes: Sequence[CatalogueChange]) -> None:
    """Keep them, and tell the owners whose workflows name a model concerned.

    Inside the transaction that stores the list.
    """
    kept = CatalogueChange.objects.bulk_create(changes)
    told = [change for change in kept if change.kind in TOLD]
    if not told:
        return
    by_model: dict[str, list[Workflow]] = {}
    for flow in _depending({change.model_id for change in told}):
        for model_id in {flow.default_model_id, *flow.allowed_model_ids}:
            by_model.setdefault(model_id, []).append(flow)
    for change in told:
        for flow in by_model.get(change.model_id, []):
            telling.model_changed(flow.workspace, change)


def newest(model_id: str = "", *, most: int = 12) -> list[CatalogueChange]:
    """The latest differences, of one model or of all."""
    rows = CatalogueChange.objects.all()
    return list((rows.filter(model_id=model_id) if model_id else rows)[:most])


def _depending(model_ids: Iterable[str]) -> Iterable[Workflow]:
    ids = list(model_ids)
    names = Q(default_model_id__in=ids) | Q(allowed_model_ids__overlap=ids)
    in_use = Workflow.objects.filter(names, archived_at=None)
    return in_use.select_related("workspace")


def _change(row: CatalogueModel, kind: Kind, before: str, after: str) -> CatalogueChange:
    return CatalogueChange(
        model_id=row.model_id,
        display_name=row.display_name,
        kind=kind,
        before=before[:_LONGEST],
        after=after[:_LONGEST],
    )


def _other_keys(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    keys = sorted({*before, *now} - _OF_THEIR_OWN)
    return [key for key in keys if before.get(key) != now.get(key)]
