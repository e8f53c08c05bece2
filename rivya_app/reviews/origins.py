"""The decision that led to a job: the approval that ordered a video, or the notes it answers."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from rivya_app.briefs.wishes import Answer, answers_of
from rivya_app.generations.models import Generation
from rivya_app.generations.origins import Origin
from rivya_app.reviews import access, telling
from rivya_app.reviews.models import Decision
from rivya_app.workspaces.models import Membership


def of_job(member: Membership, generation: Generation) -> Origin | None:
    """None for a job that no decision led to."""
    answers = answers_of([generation]).get(generation.pk, [])
    decision = _decision(generation, answers)
    if decision is None:
        return None
    may_open = access.reviews(member).filter(pk=decision.review_id).exists()
    words = _("Ordered with the approval of its still") if not answers else _("Changes were wanted")
    return Origin(
        words=words,
        by=str(decision.member),
        at=decision.created_at,
        url=telling.path_of(decision.review) if may_open else "",
        lines=[answer.line for answer in answers],
    )


def _decision(generation: Generation, answers: Sequence[Answer]) -> Decision | None:
    rows = Decision.objects.filter(review__workspace=generation.workspace_id)
    related = rows.select_related("review", "member__user")
    if answers:  # the code of a wish begins with the decision that brought it
        return related.filter(public_id=answers[0].code.partition(":")[0]).first()
    return related.filter(concept__generation=generation).first()
