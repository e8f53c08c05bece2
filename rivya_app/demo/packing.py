"""Plays what people did with packages, through the product's acts, at its time, once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.demo.packages import AnsweredFor, Handing, Packed, Result, Shared
from rivya_app.handoff import access, actions, alt_words, building, gate, links
from rivya_app.handoff.actions import WantedItem, WantedPackage
from rivya_app.handoff.models import Package
from rivya_app.workspaces.models import Membership

_BUILT_AFTER = timedelta(seconds=4)
_BETWEEN_VIEWS = timedelta(hours=7)


def play(handing: Handing, people: Mapping[str, Membership]) -> None:
    """One of them, at its time."""
    with clock.at(clock.now() - timedelta(days=handing.days_ago)):
        _ACTS[type(handing)](handing, people[handing.by])


def _token(handing: Handing) -> UUID:
    return uuid5(NAMESPACE_URL, f"demo:package:{handing.title}")


def _pack(handing: Packed, member: Membership) -> None:
    wanted = WantedPackage(
        form_token=_token(handing),
        title=handing.title,
        presets=handing.presets,
        items=tuple(_item(member, result) for result in handing.results),
    )
    package = actions.make_package(member=member, wanted=wanted)
    with clock.at(clock.now() + _BUILT_AFTER):
        building.build(package.pk)


def _item(member: Membership, result: Result) -> WantedItem:
    product, position, attempt = result
    found = access.approved(member).get(
        brief__product=product,
        generation__draft__position=position,
        generation__draft__attempt=attempt,
    )
    words, caption = alt_words.alt_text(found.brief), alt_words.caption(found.brief)
    return WantedItem(found.public_id, words, caption)


def _answer(handing: AnsweredFor, member: Membership) -> None:
    package = _package(member, handing)
    for question in gate.open_questions(access.items_of(package)):
        actions.override(
            member=member,
            package_id=package.public_id,
            packed_id=question.packed.public_id,
            check_code=question.finding.code,
            sha256=question.packed.sha256,
            reason=handing.reason,
        )


def _share(handing: Shared, member: Membership) -> None:
    """Those it was made for look in the days that follow."""
    package = _package(member, handing)
    if package.links.exists():
        return
    wanted = links.WantedLink(handing.given_to, handing.days, Secret(""))
    made = links.make_link(member=member, package_id=package.public_id, wanted=wanted)
    for view in range(1, handing.views + 1):
        with clock.at(clock.now() + view * _BETWEEN_VIEWS):
            links.count_view(links.opened(made.token.reveal()))
    with clock.at(clock.now() + handing.views * _BETWEEN_VIEWS):
        links.count_download(made.link)


def _package(member: Membership, handing: Handing) -> Package:
    return access.packages(member).get(form_token=_token(handing))


_ACTS: dict[type[Handing], Callable[[Any, Membership], None]] = {
    Packed: _pack,
    AnsweredFor: _answer,
    Shared: _share,
}
