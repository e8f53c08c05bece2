"""What a card says comes from the row as it is now, however often rows of the model were read."""

import pytest

from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import CatalogueModel


def row(**payload: object) -> CatalogueModel:
    return CatalogueModel(model_id="still-1", payload={"id": "still-1", **payload})


def test_an_entry_is_parsed_once_for_the_same_words() -> None:
    first, again = (ModelCard(row(params=[{"key": "size"}])).model for _ in range(2))
    assert first is again


@pytest.mark.parametrize("key", ["size", "ratio"])
def test_a_changed_entry_is_read_anew(key: str) -> None:
    ModelCard(row(params=[{"key": "other"}])).model  # noqa: B018  as a page before did
    assert [param.key for param in ModelCard(row(params=[{"key": key}])).params] == [key]
