"""What a video is told that a limit or a campaign's budget has no room for. Reads only."""

from django.utils.translation import gettext as _

from rivya_app.briefs.over_budget import OverBudget, over_budget
from rivya_app.core.buttons import Action
from rivya_app.core.text import credit_words
from rivya_app.credits import limits
from rivya_app.credits.limits import Payers
from rivya_app.reviews.models import VideoConcept
from rivya_app.workspaces.models import Membership


def words_for(reader: Membership, concept: VideoConcept) -> str:
    """Whose limit it is, how much is left, and who can raise it."""
    found = _found(reader, concept)
    if found is None:
        return _("There is room for the video again. It starts by itself in a moment.")
    said = _(
        "%(whose)s leaves %(left)s. The video starts by itself once there is room; %(names)s can "
        "raise it, and an owner can let this one through."
    )
    return said % {
        "whose": found.title,
        "left": credit_words(max(found.left or 0, 0)),
        "names": ", ".join(found.raisers),
    }


def changes_for(reader: Membership, concept: VideoConcept) -> list[Action]:
    """The way to what could be raised, for those who may."""
    found = _found(reader, concept)
    return [found.change] if found and found.change else []


def _found(reader: Membership, concept: VideoConcept) -> OverBudget | None:
    """None where nothing is in its way any more."""
    account = limits.account_of(reader)
    if account is None:
        return None
    payers = Payers(concept.ordered_by_id, concept.brief.campaign_id, concept.workflow.api_key_id)
    bound = limits.tightest(limits.bounds_for(account, payers), concept.price)
    return over_budget(reader, bound, need=concept.price) if bound else None
