"""What a report can be narrowed to and cut by, with the names people know. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rivya_app.gateway import access as gateway
from rivya_app.gateway import catalogue
from rivya_app.workspaces import access
from rivya_app.workspaces.models import Membership

NONE = "none"  # in an address: entries that name no campaign (or no model, as the case may be)

# What people cut by, and the column of the ledger that says it.
COLUMNS = {
    "person": "member_id",
    "campaign": "campaign_id",
    "workflow": "workflow_id",
    "model": "model_id",
    "key": "api_key_id",
}


@dataclass(frozen=True, slots=True)
class Pick:
    """One person, campaign, workflow, model or key: as addresses, the ledger and people name it."""

    value: str
    key: int | str | None
    name: str


class Choices:
    """Everything of one workspace that an entry can name, by dimension."""

    def __init__(self, member: Membership) -> None:
        self._picks = {
            "person": _rows(access.everybody(member)),
            "campaign": [Pick(NONE, None, _("No campaign")), *_rows(access.campaigns(member))],
            "workflow": _rows(gateway.workflows(member)),
            "model": [Pick(key, key, name) for key, name in catalogue.names().items()],
            "key": [
                Pick(str(one.public_id), one.pk, f"{one.purpose} …{one.last_four}")
                for one in gateway.keys_of(member)
            ],
        }
        self._by_key = {
            name: {pick.key: pick for pick in picks} for name, picks in self._picks.items()
        }

    def offered(self, dimension: str) -> list[Pick]:
        """For the reader to choose from, by name."""
        return sorted(
            self._picks[dimension], key=lambda pick: (pick.value != NONE, pick.name.lower())
        )

    def picked(self, dimension: str, value: str) -> Pick | None:
        """What an address names; None where the workspace has no such thing. Models come and go,
        so that one which is not listed is taken by its id."""
        if value == NONE:
            return self.of(dimension, None)
        found = next((one for one in self._picks[dimension] if one.value == value), None)
        if found is None and dimension == "model" and value.isprintable() and len(value) <= 120:
            return Pick(value, value, value)
        return found

    def of(self, dimension: str, key: int | str | None) -> Pick:
        """What an entry of the ledger names."""
        found = self._by_key[dimension].get(key or None)
        if found is not None:
            return found
        return Pick(str(key), key, str(key)) if key else Pick(NONE, None, _("Not named"))


def _rows(rows: Iterable[object]) -> list[Pick]:
    return [Pick(str(row.public_id), row.pk, str(row)) for row in rows]  # type: ignore[attr-defined]
