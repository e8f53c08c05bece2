"""A next step offered to a person, as data a template can draw."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """A link, or with `method` "post" a form with the one hidden field where `name` is given."""

    label: str
    url: str
    method: str = "get"
    primary: bool = False
    name: str = ""
    value: str = ""
