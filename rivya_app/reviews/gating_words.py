"""What pages say of a video that waits for an owner's yes, and the buttons there. Reads only."""

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.core.buttons import Action
from rivya_app.core.text import moment_words
from rivya_app.credits import gate
from rivya_app.credits.models import Ask
from rivya_app.reviews.models import VideoConcept
from rivya_app.workspaces.models import Membership, Role


def ask_actions(member: Membership, concept: VideoConcept) -> list[Action]:
    """An owner answers; where nobody did in time, who decides may ask again."""
    asked = gate.newest(concept.ask_reference)
    if asked is None or asked.state == Ask.State.GRANTED:
        return []
    if asked.state != Ask.State.PENDING:
        url = reverse("reviews:try-video-again", args=[concept.public_id])
        return [Action(_("Ask again"), url, "post", primary=True)]
    if member.has_role(Role.OWNER):
        url = reverse("credits:show-ask", args=[asked.public_id])
        return [Action(_("Answer"), url, primary=True)]
    return []


def words_of(concept: VideoConcept) -> str:
    """Where the question stands, or what was said; "" where nothing was asked."""
    asked = gate.newest_of([concept.ask_reference]).get(concept.ask_reference)
    if asked is None:
        return ""
    facts = {"name": asked.answered_by, "note": asked.note, "time": moment_words(asked.expires_at)}
    if asked.state == Ask.State.PENDING:
        return _("The video needs an owner’s yes; an answer is awaited until %(time)s.") % facts
    if asked.state == Ask.State.GRANTED:
        return _("The owner said yes to the video.")
    if asked.state == Ask.State.REFUSED:
        words = _("%(name)s said no to the video: “%(note)s”") if asked.note else ""
        return (words or _("%(name)s said no to the video.")) % facts
    if asked.state == Ask.State.EXPIRED:
        return _("Nobody answered in time whether the video may be made.")
    return _("The owners are not asked about the video any more.")
