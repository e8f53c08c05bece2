"""Why a review could not be asked for, decided or taken back, in the reader's words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core.text import credit_words, moment_words
from rivya_app.generations import failures
from rivya_app.reviews import checklist, refusals
from rivya_app.reviews.models import Review

_SIMPLE = {
    refusals.NothingToReview: gettext_lazy(
        "There is no finished file to decide on. Wait until the draft is here, or choose another."
    ),
    refusals.BytesChanged: gettext_lazy(
        "The stored file is not the one that was sent for review, so nothing was decided. "
        "Ask for a new attempt, or tell support."
    ),
    refusals.OwnWork: gettext_lazy(
        "You made this draft yourself. Somebody else has to approve it here."
    ),
    refusals.WordsMissing: gettext_lazy(
        "Say what you mean: changes need a note or a pin, a rejection or a reversal a reason."
    ),
    refusals.TooLate: gettext_lazy(
        "It is too late to take this back: its time is over, its video is on its way, or somebody "
        "decided anew."
    ),
}
_FIRST = {
    "approved": gettext_lazy("Someone already did this: %(by)s approved it, %(at)s."),
    "changes_wanted": gettext_lazy("Someone already did this: %(by)s asked for changes, %(at)s."),
    "rejected": gettext_lazy("Someone already did this: %(by)s rejected it, %(at)s."),
}


def words_of(refusal: refusals.ReviewRefused) -> str:
    """One or two sentences: why, and what the reader can do."""
    if isinstance(refusal, refusals.AlreadyDecided):
        return _who_was_first(refusal)
    if isinstance(refusal, refusals.ChecklistOpen):
        return _unticked(refusal)
    if isinstance(refusal, refusals.ModelRefused):
        return failures.in_short(refusal.code)
    if isinstance(refusal, refusals.PriceMoved):
        return _("The video costs %(price)s now. Nothing was decided; look at the new price.") % {
            "price": credit_words(refusal.price)
        }
    return str(_SIMPLE[type(refusal)])


def _who_was_first(refusal: refusals.AlreadyDecided) -> str:
    decision = refusal.decision
    is_withdrawn = refusal.review.state == Review.State.WITHDRAWN
    if decision is None or is_withdrawn or decision.kind not in _FIRST:
        return _("This was withdrawn meanwhile. There is nothing to decide any more.")
    said = {"by": decision.member, "at": moment_words(decision.created_at)}
    return str(_FIRST[decision.kind]) % said


def _unticked(refusal: refusals.ChecklistOpen) -> str:
    names = "; ".join(checklist.words_of(item) for item in refusal.items)
    return _("Tick what an approval needs: %(names)s.") % {"names": names}
