"""The desk's other lists: briefs and videos that wait for somebody, and events of Rivya that could
not be applied. They are put right elsewhere; here is who asked, why, and where."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Case, CharField, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rivya_app.briefs import access as briefs
from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.core.text import credit_words
from rivya_app.desk.sources import CAMPAIGN, MODEL, PERSON, Item, Source, by_public_id
from rivya_app.gateway import catalogue
from rivya_app.gateway.access import inbox_of
from rivya_app.gateway.webhook_models import WITHOUT_EFFECT, InboxEvent
from rivya_app.gateway.webhook_words import REASONS
from rivya_app.generations import access
from rivya_app.generations.models import Generation
from rivya_app.reviews import access as reviews
from rivya_app.reviews.models import VideoConcept
from rivya_app.workspaces.models import Membership

EVENT_IS_LATE = timedelta(minutes=1)

_WAITS = {
    "needs_credits": _("Waits for credits"),
    "needs_budget": _("Waits for the budget to be raised"),
    "needs_yes": _("Waits for the owner’s yes"),
    "needs_look": _("The video could not be started"),
}


def _named(prefix: str, column: str = "public_id") -> Concat:
    return Concat(Value(f"{prefix}:"), Cast(column, TextField()), output_field=CharField())


def waits_words(code: str) -> str:
    return str(_WAITS.get(code, code))


def waiting_briefs(member: Membership) -> QuerySet[Brief]:
    """Found by a partial index: whatever has not started waits."""
    return briefs.briefs(member).exclude(state=Brief.State.STARTED)


def brief_items(_member: Membership, rows: Sequence[Brief]) -> list[Item]:
    names = catalogue.names_of(brief.model_id for brief in rows)
    return [
        Item(
            reference=brief.reference,
            title=brief.product,
            url=reverse("briefs:show-brief", args=[brief.public_id]),
            at=brief.created_at,
            who=str(brief.created_by),
            credits="" if brief.needed_credits is None else credit_words(brief.needed_credits),
            campaign=brief.campaign.name if brief.campaign else "",
            model=names[brief.model_id],
            media_kind=brief.media_kind,
        )
        for brief in rows
    ]


def waiting_videos(member: Membership) -> QuerySet[VideoConcept]:
    rows = reviews.waiting_videos(member).select_related("brief__campaign", "ordered_by__user")
    return rows.select_related("still").defer("still__remote_url")


def video_items(_member: Membership, rows: Sequence[VideoConcept]) -> list[Item]:
    names = catalogue.names_of(video.model_id for video in rows)
    return [
        Item(
            reference=f"video:{video.public_id}",
            title=video.brief.product,
            url=reverse("briefs:show-brief", args=[video.brief.public_id]),
            at=video.created_at,
            who=str(video.ordered_by),
            credits=credit_words(video.price),
            campaign=video.brief.campaign.name if video.brief.campaign else "",
            model=names[video.model_id],
            media_kind="video",
            picture=video.still if video.still.thumbnail_name else None,
        )
        for video in rows
    ]


def lost_events(member: Membership) -> QuerySet[InboxEvent]:
    """Waiting for longer than a moment, or given up without effect."""
    late = Q(state=InboxEvent.State.WAITING, received_at__lt=clock.now() - EVENT_IS_LATE)
    given_up = Q(state=InboxEvent.State.IGNORED, reason__in=WITHOUT_EFFECT)
    return inbox_of(member).filter(late | given_up)


def event_words(code: str) -> str:
    if code in REASONS and code:
        said = str(REASONS[code])
        return said[:1].upper() + said[1:]
    return str(_("Has not been looked at yet"))


def event_items(member: Membership, rows: Sequence[InboxEvent]) -> list[Item]:
    """An event leads to its job, where it names one of ours."""
    subjects = {row.subject for row in rows if row.subject}
    jobs = access.jobs(member).filter(task_id__in=subjects)
    found = {job.task_id: job for job in jobs.select_related("requested_by__user")}
    return [_event_item(row, found.get(row.subject)) for row in rows]


def _event_item(row: InboxEvent, job: Generation | None) -> Item:
    return Item(
        reference=f"event:{row.event_id}",
        title=job.title if job else row.event_type or row.event_id,
        url=reverse("desk:show", args=[job.public_id]) if job else "",
        at=row.received_at,
        who=str(job.requested_by) if job else "",
        media_kind=job.media_kind if job else "image",
    )


SOURCES = (
    Source(
        kind="briefs",
        label=_("Briefs"),
        about=_("Briefs that were kept and not started. Who pays can let them go on."),
        tone="low_credits",
        rows=lambda member: waiting_briefs(member).select_related("created_by__user", "campaign"),
        cause=F("state"),
        words=waits_words,
        reference=_named("brief"),
        named=by_public_id,
        at="created_at",
        tie="public_id",
        items=brief_items,
        columns={PERSON: "created_by", CAMPAIGN: "campaign", MODEL: "model_id"},
    ),
    Source(
        kind="videos",
        label=_("Videos"),
        about=_("Short videos that an approval ordered and that have not started."),
        tone="low_credits",
        rows=waiting_videos,
        cause=F("state"),
        words=waits_words,
        reference=_named("video"),
        named=by_public_id,
        at="created_at",
        tie="public_id",
        items=video_items,
        columns={PERSON: "ordered_by", CAMPAIGN: "brief__campaign", MODEL: "model_id"},
    ),
    Source(
        kind="events",
        label=_("Messages"),
        about=_("Messages from Rivya that had no effect. Jobs are asked about all the same."),
        tone="queued",
        rows=lost_events,
        cause=Case(
            When(~Q(reason=""), then=F("reason")), default=Value(""), output_field=CharField()
        ),
        words=event_words,
        reference=_named("event", "event_id"),
        named=lambda reference: Q(event_id=reference.partition(":")[2]),
        at="received_at",
        tie="event_id",
        items=event_items,
        acts=("replay",),
    ),
)
