"""What the brief itself and its drafts add to its chain: submitted, asked for, ready, failed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs import from_talk, wishes
from rivya_app.briefs.chain import Step
from rivya_app.briefs.draft_words import numbers, said, words_for
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.wishes import Answer
from rivya_app.chat import access as chat
from rivya_app.chat.models import Conversation
from rivya_app.chat.paths import path_of_turn
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces.models import Membership

AT_ONCE = timedelta(seconds=5)  # first attempts asked for within it were one press


def own_steps(brief: Brief, drafts: Sequence[Draft]) -> list[Step]:
    """In no order; one query, and one for a brief that was made of an answer.

    `drafts` by position and attempt.
    """
    number_at = numbers(drafts)
    answers = wishes.answers_of([draft.generation for draft in drafts if draft.attempt > 1])
    first = [draft for draft in drafts if draft.attempt == 1]
    later = [draft for draft in drafts if draft.attempt > 1]
    return [
        _submitted(brief),
        *_first_asked(first, number_at),
        *(_asked(draft, number_at, answers.get(draft.generation_id, ())) for draft in later),
        *(_ended(draft, number_at) for draft in drafts if draft.generation.finished_at),
    ]


def _submitted(brief: Brief) -> Step:
    """With the way back to the answer it was made of, for who may read that."""
    turn = from_talk.turn_of(brief)
    by = str(brief.created_by)
    if turn is None:
        return Step(brief.created_at, "brief", _("Brief submitted"), by=by)
    return Step(
        brief.created_at,
        "brief",
        _("Brief submitted, made of an answer of the assistant"),
        by=by,
        url=path_of_turn(turn),
        lines=(_("From a conversation of %(name)s") % {"name": turn.member},),
        may_open=partial(_may_read, turn.conversation),
    )


def _may_read(conversation: Conversation, member: Membership) -> bool:
    return chat.may_read(member, conversation)


def _first_asked(drafts: Iterable[Draft], number_at: Mapping[int, int]) -> list[Step]:
    """One step for the first attempts that were asked for together."""
    steps: list[Step] = []
    by_kind = sorted(drafts, key=lambda one: (one.generation.media_kind, one.generation.created_at))
    for kind, rows in groupby(by_kind, key=lambda one: one.generation.media_kind):
        together: list[Draft] = []
        for draft in rows:
            if together and not _is_same_press(together[-1].generation, draft.generation):
                steps.append(_together(kind, together, number_at))
                together = []
            together.append(draft)
        steps.append(_together(kind, together, number_at))
    return steps


def _is_same_press(one: Generation, other: Generation) -> bool:
    is_near = other.created_at - one.created_at < AT_ONCE
    return is_near and one.requested_by_id == other.requested_by_id


def _together(kind: str, drafts: Sequence[Draft], number_at: Mapping[int, int]) -> Step:
    words, job = words_for(kind), drafts[0].generation
    if len(drafts) > 1:
        sentence = said(words.asked_together, count=len(drafts))
    else:
        sentence = said(words.asked_first, number=number_at[drafts[0].position])
    return Step(
        job.created_at,
        "attempt",
        sentence,
        by=str(job.requested_by),
        also_paid=tuple(draft.generation.reference for draft in drafts),
    )


def _asked(draft: Draft, number_at: Mapping[int, int], answers: Sequence[Answer]) -> Step:
    job = draft.generation
    facts = {"number": number_at[draft.position], "attempt": draft.attempt}
    return Step(
        job.created_at,
        "attempt",
        said(words_for(job.media_kind).asked, **facts),
        by=str(job.requested_by),
        url=_job_url(job),
        reference=job.reference,
        lines=tuple(answer.line for answer in answers),
    )


def _ended(draft: Draft, number_at: Mapping[int, int]) -> Step:
    job, words = draft.generation, words_for(draft.generation.media_kind)
    is_ready = job.status == Status.SUCCEEDED
    facts = {"number": number_at[draft.position], "attempt": draft.attempt}
    assert job.finished_at is not None  # noqa: S101  (the caller asked)
    return Step(
        job.finished_at,
        "result" if is_ready else "failure",
        said(words.ready if is_ready else words.failed, **facts),
        url=_job_url(job),
        reference=job.reference,
    )


def _job_url(job: Generation) -> str:
    return reverse("generations:show-job", args=[job.public_id])
