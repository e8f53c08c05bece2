"""What the assistant can be told of a brief or a job: facts as text that the person may edit, and
pictures that are here. Reads only."""

from collections.abc import Iterable, Sequence

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs import access, recipes
from rivya_app.briefs.chain import Step, added_steps
from rivya_app.briefs.draft_words import numbers, said, words_for
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.talk_reading import fitted
from rivya_app.chat.abouts import About
from rivya_app.gateway import catalogue, kinds
from rivya_app.generations import access as jobs
from rivya_app.generations.models import Generation
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership

MOST_FACTS = 2000  # characters
MOST_PART = 700  # of one of them, so that no long one drives the others out
MOST_PICTURES = 4
MOST_DECISIONS = 5  # the newest
_Row = tuple[str, str]


def of_brief(member: Membership, reference: str) -> About | None:
    """`brief:<uuid>`, with the newest picture of each draft."""
    try:
        brief = access.brief(member, _id_in(reference))
    except Http404:
        return None
    newest = {draft.position: draft for draft in access.drafts_of(brief)}
    pictures = _pictures([draft.generation for draft in newest.values()])
    rows = [*_of_brief(brief), *_model_rows(brief.model_id, brief.prompt), *_decided(brief)]
    url = reverse("briefs:show-brief", args=[brief.public_id])
    return About(brief.product, url, _facts(rows), pictures[:MOST_PICTURES])


def of_job(member: Membership, reference: str) -> About | None:
    """`generation:<uuid>`, with its first picture; a job of no brief as well."""
    try:
        job = jobs.job(member, _id_in(reference))
    except Http404:
        return None
    draft = access.draft_of_job(member, job.public_id)
    recipe = recipes.of_job_with(job, [])
    about_brief = _of_brief(draft.brief) if draft else []
    decided = _decided(draft.brief) if draft else []
    rows = [*about_brief, *_model_rows(recipe.model_id, recipe.prompt), *decided]
    title = f"{job.title}, {_draft_name(draft)}" if draft else job.title
    url = reverse("generations:show-job", args=[job.public_id])
    return About(title, url, _facts(rows), _pictures([job])[:1])


def _id_in(reference: str) -> str:
    return reference.partition(":")[2]


def _draft_name(draft: Draft) -> str:
    number = numbers(access.drafts_of(draft.brief))[draft.position]
    return said(words_for(draft.generation.media_kind).name, number=number)


def _of_brief(brief: Brief) -> list[_Row]:
    return [
        (_("Product"), brief.product),
        (_("What it should show"), brief.points),
        (_("Audience"), brief.audience),
        (_("Channel"), str(brief.get_channel_display())),
        (_("Style"), str(brief.get_style_display()) if brief.style else ""),
        (_("Language"), str(brief.get_language_display())),
    ]


def _model_rows(model_id: str, prompt: str) -> list[_Row]:
    return [(_("Model"), catalogue.name_of(model_id)), (_("Text for the model"), prompt)]


def _decided(brief: Brief) -> list[_Row]:
    """The newest decisions of its reviews, in their order."""
    steps = [step for step in added_steps(brief) if step.kind == "decision"]
    newest = sorted(steps, key=lambda step: step.at)[-MOST_DECISIONS:]
    return [(_("What was decided"), "\n".join(map(_decision, newest)))]


def _decision(step: Step) -> str:
    said_so = [step.words, step.note, *step.lines]
    return " – ".join(" ".join(part.split()) for part in said_so if part)


def _facts(rows: Iterable[_Row]) -> str:
    """A line each, or a heading with lines under it."""
    said_so = [(label, fitted("", text.strip(), MOST_PART)) for label, text in rows if text.strip()]
    lines = [f"{label}:{_between(text)}{text}" for label, text in said_so]
    return fitted("", "\n".join(lines), MOST_FACTS)


def _between(text: str) -> str:
    return "\n" if "\n" in text else " "


def _pictures(generations: Sequence[Generation]) -> list[StoredFile]:
    """The first picture of each that is here, in their order."""
    found: dict[str, StoredFile] = {}
    for file in library.files_for([job.reference for job in generations]):
        if file.kind == kinds.IMAGE and file.is_stored:
            found.setdefault(file.source, file)
    return [found[job.reference] for job in generations if job.reference in found]
