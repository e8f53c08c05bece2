"""What the layout needs on every page: where a person may go. By names of URLs; imports no app."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from rivya_app.core.guard import HasRoles, Policy, policy_of
from rivya_app.core.text import up_to_words


@dataclass(frozen=True)
class Entry:
    """One place in the rail. `section` holds the URL namespaces it stands for."""

    url_name: str
    icon: str
    label: Any
    section: tuple[str, ...] = ()
    is_primary: bool = False
    is_wide_only: bool = False
    instead_of: str = ""  # shown to those alone who may not open that entry


ENTRIES = (
    Entry("home", "house", _("Home")),
    Entry("briefs:index", "layers", _("Briefs"), ("briefs", "generations")),
    Entry("briefs:new", "plus", _("New brief"), is_primary=True),
    Entry("chat:index", "message-circle", _("Assistant"), ("chat",)),
    Entry("reviews:queue", "list-checks", _("Reviews"), ("reviews",)),
    Entry("campaigns:index", "megaphone", _("Campaigns"), ("campaigns",), is_wide_only=True),
    Entry("handoff:index", "package", _("Handoff"), ("handoff",), is_wide_only=True),
    Entry("library:index", "images", _("Library"), ("library",), is_wide_only=True),
    Entry("notices:index", "bell", _("Notifications"), ("notices",)),
    Entry("credits:cockpit", "wallet", _("Credits"), ("credits",), is_wide_only=True),
    Entry(
        "credits:mine",
        "wallet",
        _("Your credits"),
        ("credits",),
        is_wide_only=True,
        instead_of="credits:cockpit",
    ),
    Entry("workflows:index", "workflow", _("Workflows"), ("workflows",), is_wide_only=True),
    Entry("models:index", "shapes", _("Models"), ("models",), is_wide_only=True),
    Entry("gateway:keys", "key-round", _("Keys"), ("gateway",), is_wide_only=True),
    Entry("webhooks:index", "webhook", _("Webhooks"), ("webhooks",), is_wide_only=True),
    Entry("team:index", "users", _("Team"), ("team",), is_wide_only=True),
    Entry("desk:index", "life-buoy", _("Desk"), ("desk",), is_wide_only=True),
)


MOST_COUNTED = 99  # more are said as "99+"
Counter = Callable[[Any], int]
_counters: dict[str, Counter] = {}


def count_for(url_name: str, counter: Counter) -> None:
    """An app says in `ready()` how many things wait for a member behind an entry.

    Asked on every page, so it is one query that may stop behind MOST_COUNTED.
    """
    if _counters.get(url_name, counter) is not counter:
        raise ImproperlyConfigured(f"'{url_name}' is counted already.")
    _counters[url_name] = counter


@dataclass(frozen=True)
class Link:
    """An entry as one reader sees it. `count`: what waits there, "" where nothing does."""

    entry: Entry
    url: str
    is_current: bool
    count: str = ""


def _is_current(entry: Entry, request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    if match.view_name in {other.url_name for other in ENTRIES}:
        return match.view_name == entry.url_name
    return bool(set(match.namespaces) & set(entry.section))


@lru_cache
def _policy_at(url: str) -> Policy | None:
    match = resolve(url)
    return policy_of(match.func, match.view_name)


def _is_open_to(member: HasRoles, url: str) -> bool:
    """Whether the guard would let the member in: the rail asks the same table."""
    policy = _policy_at(url)
    return policy is not None and (not policy.roles or member.has_role(*policy.roles))


def _links(request: HttpRequest) -> list[Link]:
    member = getattr(request, "member", None)
    if member is None:
        return []
    links = []
    for entry in ENTRIES:
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        if _is_open_to(member, url):
            count = _count_at(entry, member)
            links.append(Link(entry, url, _is_current(entry, request), count))
    offered = {link.entry.url_name for link in links}
    return [link for link in links if link.entry.instead_of not in offered]


def _count_at(entry: Entry, member: HasRoles) -> str:
    counter = _counters.get(entry.url_name)
    count = counter(member) if counter else 0
    return up_to_words(count, MOST_COUNTED) if count else ""


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav` (built only where a template asks), `is_demo`, `rivya_site`."""
    return {
        "nav": SimpleLazyObject(lambda: _links(request)),
        "is_demo": settings.DEMO,
        "rivya_site": settings.RIVYA_SITE_URL,
    }
