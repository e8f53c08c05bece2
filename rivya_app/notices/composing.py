"""The letter of one or more notices, in the reader's own language and time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from rivya_app.notices import unsubscribing
from rivya_app.notices.folding import Told, folded
from rivya_app.notices.models import Notice
from rivya_app.workspaces.middleware import zone_of
from rivya_app.workspaces.models import Membership


class Letter(TypedDict):
    """What `letters.write` takes beside key and address."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Line:
    """One sentence of the letter and where it leads: one address, or one for each notice."""

    told: Told
    urls: tuple[str, ...]


def compose(member: Membership, notices: Sequence[Notice]) -> Letter:
    """One letter about all of `notices` (at least one), for `member` alone."""
    language = member.user.language or settings.LANGUAGE_CODE
    with override(language), timezone.override(zone_of(member.user)):
        return _compose(member, notices)


def _compose(member: Membership, notices: Sequence[Notice]) -> Letter:
    lines = [_line(member, told) for told in folded(notices)]
    # One kind can be stopped alone; of a letter about several only all of them.
    only_kind = notices[0].kind if len({notice.kind for notice in notices}) == 1 else ""
    stop = unsubscribing.url_of(member, only_kind)
    subject = _subject(member, lines)
    told: dict[str, Any] = {
        "subject": subject,
        "lines": lines,
        "workspace": member.workspace.name,
        "kind": notices[0].get_kind_display() if only_kind else "",
        "settings_url": address(member, reverse("notices:settings")),
        "stop_url": stop,
        "stop_all_url": unsubscribing.url_of(member),
    }
    return {
        "subject": subject,
        "text": render_to_string("letters/notices.txt", told),
        "html": render_to_string("letters/notices.html", told),
        "headers": {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }


def _subject(member: Membership, lines: Sequence[Line]) -> str:
    if len(lines) == 1:
        return lines[0].told.sentence
    return ngettext(
        "%(count)d thing for you in %(workspace)s",
        "%(count)d things for you in %(workspace)s",
        len(lines),
    ) % {"count": len(lines), "workspace": member.workspace.name}


def _line(member: Membership, told: Told) -> Line:
    links = dict.fromkeys(notice.link or reverse("notices:index") for notice in told.notices)
    return Line(told, tuple(address(member, link) for link in links))


def address(member: Membership, path: str) -> str:
    """A path of ours as an address that opens in the member's workspace, whichever they were in."""
    parts = urlsplit(path)
    query = [*parse_qsl(parts.query), ("workspace", str(member.workspace.public_id))]
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{settings.SITE_URL}{parts.path}?{urlencode(query)}{fragment}"
