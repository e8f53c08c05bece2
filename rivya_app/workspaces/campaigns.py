"""What managers and owners do with campaigns: make, change, archive. Each act leaves a trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from rivya_app.core import clock
from rivya_app.workspaces import access
from rivya_app.workspaces.models import Campaign, CampaignChange, Membership, Role

MAY_CHANGE = (Role.MANAGER, Role.OWNER)
Kind = CampaignChange.Kind


class NameTaken(Exception):
    """Another campaign of the workspace has this name, in whatever case."""


class ChangedMeanwhile(Exception):
    """Somebody changed the campaign after the form was shown. `change` is the newest one."""

    def __init__(self, change: CampaignChange) -> None:
        super().__init__(str(change))
        self.change = change


@dataclass(frozen=True, slots=True)
class WantedCampaign:
    """A campaign as typed and checked by the form. `budget` is credits, None for no limit; empty
    people leave it to everybody whose role allows it; an empty checklist is the usual one."""

    name: str
    starts_on: date | None = None
    ends_on: date | None = None
    channels: tuple[str, ...] = ()
    brand_notes: str = ""
    checklist: tuple[dict[str, Any], ...] = ()
    budget: Decimal | None = None
    submitters: tuple[Membership, ...] = ()
    deciders: tuple[Membership, ...] = ()
    makers_may_approve: bool = False
    still_model_id: str = ""
    video_model_id: str = ""
    video_formats: dict[str, dict[str, str]] | None = None


_PEOPLE = ("submitters", "deciders")
_COLUMNS = [name for name in WantedCampaign.__slots__ if name not in _PEOPLE]


@transaction.atomic(durable=True)
def make_campaign(*, member: Membership, wanted: WantedCampaign) -> Campaign:
    """A new campaign. Raises PermissionDenied, NameTaken."""
    _require_changer(member)
    _require_own_people(member, wanted)
    campaign = Campaign(workspace=member.workspace, created_by=member)
    _write(campaign, wanted)
    _note(campaign, member, Kind.MADE, {})
    return campaign


@transaction.atomic(durable=True)
def change_campaign(
    *,
    member: Membership,
    public_id: UUID | str,
    wanted: WantedCampaign,
    seen_at: datetime | None = None,
) -> Campaign:
    """Change what differs; a change that changes nothing leaves no trace.

    A budget may fall below what is used: nothing more starts then. `seen_at` is the campaign's
    `changed_at` as the person saw it. Raises PermissionDenied, NameTaken, ChangedMeanwhile.
    """
    _require_changer(member)
    _require_own_people(member, wanted)
    campaign = access.campaign(member, public_id, lock=True)
    if seen_at is not None and campaign.changed_at != seen_at and (last := _newest(campaign)):
        raise ChangedMeanwhile(last)
    differences = _differences(_facts(campaign), _wanted_facts(wanted))
    if differences:
        _write(campaign, wanted)
        _note(campaign, member, Kind.CHANGED, differences)
    return campaign


@transaction.atomic(durable=True)
def archive_campaign(*, member: Membership, public_id: UUID | str) -> Campaign:
    """Put it away: it takes no briefs and starts nothing new. What runs and waits goes on."""
    return _set_archived(member, public_id, is_archived=True)


@transaction.atomic(durable=True)
def unarchive_campaign(*, member: Membership, public_id: UUID | str) -> Campaign:
    """Take it out again, as it was."""
    return _set_archived(member, public_id, is_archived=False)


def without(leaver: Membership, *, heir: Membership, by: Membership) -> dict[Campaign, Membership]:
    """Take somebody who leaves off the lists of campaigns, inside the caller's transaction.

    Where they were the only one named, the heir is named, or an owner where the heir's role does
    not reach: an empty list would open the campaign to everybody. Returns who decides since then
    where the leaver alone did.
    """
    named = Q(submitters=leaver) | Q(deciders=leaver)
    keys = Campaign.objects.filter(named, workspace=leaver.workspace_id).values("pk")
    taken: dict[Campaign, Membership] = {}
    for campaign in Campaign.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        before = _facts(campaign)
        _replace(campaign.submitters, leaver, heir)
        decides = _replace(campaign.deciders, leaver, _decider_after(heir))
        if decides:
            taken[campaign] = decides
        _set(campaign, changed_at=clock.now())
        _note(campaign, by, Kind.CHANGED, _differences(before, _facts(campaign)))
    return taken


def _decider_after(heir: Membership) -> Membership:
    if heir.has_role(*access.MAY_DECIDE):
        return heir
    return access.owners_of(heir.workspace)[0]


def _replace(people: Any, leaver: Membership, instead: Membership) -> Membership | None:
    """Take the leaver off a list; who stands there now if nobody else of it is in the team."""
    named = list(people.all())
    if leaver.pk not in {person.pk for person in named}:
        return None
    people.remove(leaver)
    if any(person.is_active and person.pk != leaver.pk for person in named):
        return None
    people.add(instead)
    return instead


def _set_archived(member: Membership, public_id: UUID | str, *, is_archived: bool) -> Campaign:
    _require_changer(member)
    campaign = access.campaign(member, public_id, lock=True)
    if campaign.is_archived != is_archived:
        _set(campaign, is_archived=is_archived, changed_at=clock.now())
        _note(campaign, member, Kind.ARCHIVED if is_archived else Kind.UNARCHIVED, {})
    return campaign


def _write(campaign: Campaign, wanted: WantedCampaign) -> None:
    try:
        with transaction.atomic():
            _set(campaign, **_values(wanted), changed_at=clock.now())
    except IntegrityError as error:
        if "campaign_name_once" not in str(error):
            raise
        raise NameTaken(wanted.name) from None
    campaign.submitters.set(wanted.submitters)
    campaign.deciders.set(wanted.deciders)


def _values(wanted: WantedCampaign) -> dict[str, Any]:
    """By column, as the row keeps them."""
    values = {name: getattr(wanted, name) for name in _COLUMNS}
    values["channels"], values["checklist"] = list(wanted.channels), list(wanted.checklist)
    return {**values, "video_formats": wanted.video_formats or {}}


def _set(campaign: Campaign, **values: Any) -> None:
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save()


def _facts(campaign: Campaign) -> dict[str, Any]:
    """Everything that can be changed, as it is kept in the trace: amounts, days and names as
    texts, so that it reads the same however people are called later."""
    found = {name: _plain(getattr(campaign, name)) for name in _COLUMNS}
    for name in _PEOPLE:
        found[name] = _names(getattr(campaign, name).select_related("user"))
    return found


def _wanted_facts(wanted: WantedCampaign) -> dict[str, Any]:
    found = {name: _plain(value) for name, value in _values(wanted).items()}
    return found | {name: _names(getattr(wanted, name)) for name in _PEOPLE}


def _names(people: Iterable[Membership]) -> list[str]:
    return sorted(str(person) for person in people)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def _note(
    campaign: Campaign, member: Membership, kind: CampaignChange.Kind, facts: dict[str, Any]
) -> None:
    CampaignChange.objects.create(campaign=campaign, member=member, kind=kind, facts=facts)


def _newest(campaign: Campaign) -> CampaignChange | None:
    return campaign.changes.select_related("member__user").first()


def _require_changer(member: Membership) -> None:
    if not member.has_role(*MAY_CHANGE):
        raise PermissionDenied


def _require_own_people(member: Membership, wanted: WantedCampaign) -> None:
    people = (*wanted.submitters, *wanted.deciders)
    if any(person.workspace_id != member.workspace_id for person in people):
        raise PermissionDenied
