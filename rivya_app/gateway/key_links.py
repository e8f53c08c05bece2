"""What rooms above know of a key: registered there, asked here when a key changes or is shown."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Membership, Workspace


@dataclass(frozen=True, slots=True)
class Use:
    """One line of a key's page: what uses it, in words, and where that is shown ("" nowhere)."""

    title: str
    words: str
    url: str = ""


# Which of these keys still have work at Rivya that was sent with them.
Needing = Callable[[Collection[int]], set[int]]
# These keys can send again: what waited for them may be brought forward. In the caller's
# transaction.
Waking = Callable[[Collection[int]], object]
# `old` was replaced by `new`, in the caller's transaction.
Following = Callable[[ApiKey, ApiKey], object]
# A task of the workspace that Rivya should still know, or "".
Knowing = Callable[[Workspace], str]
Telling = Callable[[Membership, ApiKey], list[Use]]


@dataclass(frozen=True, slots=True)
class Links:
    """What one room has to do with keys; a part that is None it has not."""

    needing: Needing | None = None
    waking: Waking | None = None
    following: Following | None = None
    knowing: Knowing | None = None
    telling: Telling | None = None


_links: dict[str, Links] = {}


def register(name: str, links: Links) -> None:
    """Higher apps say in `ready()` what they have to do with keys. Once a name."""
    if _links.get(name, links) != links:
        raise ImproperlyConfigured(f"'{name}' speaks of keys already.")
    _links[name] = links


def still_needed(key_ids: Collection[int]) -> set[int]:
    """Those of these keys whose secret some running work needs."""
    asked = [links.needing for links in _links.values() if links.needing]
    return {key for needing in asked for key in needing(key_ids)}


def wake(key_ids: Collection[int]) -> None:
    """Whatever waits for one of these keys is tried again at once."""
    for links in _links.values():
        if links.waking:
            links.waking(key_ids)


def follow(old: ApiKey, new: ApiKey) -> None:
    """What was bound to `old` and is meant for its purpose goes over to `new`."""
    for links in _links.values():
        if links.following:
            links.following(old, new)


def known_task(workspace: Workspace) -> str:
    """A recent task of this workspace at Rivya, or ""."""
    found = (links.knowing(workspace) for links in _links.values() if links.knowing)
    return next((task for task in found if task), "")


def uses_of(member: Membership, key: ApiKey) -> list[Use]:
    """Every line the rooms above have for a key's page."""
    asked = [links.telling for links in _links.values() if links.telling]
    return [line for telling in asked for line in telling(member, key)]
