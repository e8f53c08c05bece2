"""The page for choosing what to send for review, and what one press sends. Only reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, QueryDict
from django.urls import reverse

from rivya_app.briefs import access as briefs
from rivya_app.briefs.models import Draft
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.reviews import checklist, waiting
from rivya_app.reviews.access import settings_of
from rivya_app.reviews.ask_forms import AskForm, SettingsForm
from rivya_app.reviews.asking import OPEN
from rivya_app.reviews.models import Review
from rivya_app.reviews.queue import uuid_or_nothing
from rivya_app.workspaces.models import Membership

MOST_AT_ONCE = 24  # jobs


@dataclass(frozen=True, slots=True)
class Choice:
    """One result that can be sent; `taken` is the word of the review that it is in already."""

    file: StoredFile
    draft: Draft
    number: int  # among the results of its job
    is_one_of_several: bool
    is_chosen: bool
    taken: str


def drafts_named(member: Membership, asked: QueryDict) -> list[Draft]:
    """The drafts of these jobs, in the order of their brief. Raises Http404 where there is none."""
    ids = [known for known in map(uuid_or_nothing, asked.getlist("job")) if known][:MOST_AT_ONCE]
    drafts = briefs.drafts_of_jobs(member, ids)
    if not drafts:
        raise Http404
    return drafts


def results_of(drafts: Iterable[Draft]) -> list[tuple[Draft, list[StoredFile]]]:
    """Their stored results."""
    rows = list(drafts)
    files = library.files_for([draft.generation.reference for draft in rows])
    return [
        (draft, [f for f in files if f.source == draft.generation.reference and f.is_stored])
        for draft in rows
    ]


def choices(drafts: Iterable[Draft], chosen: Iterable[str] | None = None) -> list[Choice]:
    """Every result of these drafts. At first the only result of a draft is chosen."""
    found = results_of(drafts)
    everything = [file.pk for _draft, files in found for file in files]
    rows = Review.objects.filter(file__in=everything, state__in=OPEN)
    taken = {row.file_id: str(row.get_state_display()) for row in rows}
    wanted = None if chosen is None else set(chosen)
    return [
        Choice(
            file=file,
            draft=draft,
            number=number,
            is_one_of_several=len(files) > 1,
            is_chosen=str(file.public_id) in wanted if wanted is not None else len(files) == 1,
            taken=taken.get(file.pk, ""),
        )
        for draft, files in found
        for number, file in enumerate(files, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Press:
    """What the button beside a draft sends; of several results a person has to choose first."""

    brief_id: UUID
    jobs: list[UUID]
    file_ids: list[UUID]
    must_choose: bool


def press_of(member: Membership, asked: QueryDict) -> Press:
    """Raises Http404."""
    found = results_of(drafts_named(member, asked))
    return Press(
        brief_id=found[0][0].brief.public_id,
        jobs=[draft.generation.public_id for draft, _files in found],
        file_ids=[file.public_id for _draft, files in found for file in files],
        must_choose=any(len(files) > 1 for _draft, files in found),
    )


def form_of(member: Membership, asked: QueryDict) -> AskForm:
    """The form as it was sent."""
    drafts = drafts_named(member, asked)
    return AskForm(asked, files=[file for _draft, files in results_of(drafts) for file in files])


def ask_page(member: Membership, asked: QueryDict, form: AskForm | None = None) -> dict[str, Any]:
    """The results of the named jobs to choose from, whom they will wait for, note and date."""
    drafts = drafts_named(member, asked)
    shown = choices(drafts, asked.getlist("file") if form is not None else None)
    brief = drafts[0].brief
    people = waiting.deciders_by_campaign(member.workspace, {brief.campaign_id})
    return {
        "form": form or AskForm(files=[choice.file for choice in shown]),
        "choices": shown,
        "jobs": [draft.generation.public_id for draft in drafts],
        "brief": brief,
        "back_url": reverse("briefs:show-brief", args=[brief.public_id]),
        "deciders": [str(person) for person in people[brief.campaign_id]],
        "is_anything_free": any(not choice.taken for choice in shown),
    }


def settings_page(member: Membership, form: SettingsForm | None = None) -> dict[str, Any]:
    """What holds without a campaign, and the usual checklist."""
    return {
        "form": form or SettingsForm(instance=settings_of(member.workspace)),
        "items": [
            {
                "words": checklist.words_of(item),
                "hint": checklist.hint_of(item),
                "is_required": item.is_required,
            }
            for item in checklist.USUAL
        ],
    }
