"""Tells a job's page that its text began with an answer of the assistant."""

from django.utils.translation import gettext as _

from rivya_app.briefs import access, from_talk
from rivya_app.generations.models import Generation
from rivya_app.generations.origins import Origin
from rivya_app.workspaces.models import Membership


def of_job(member: Membership, generation: Generation) -> Origin | None:
    """None for every other job. A conversation the reader may not open is not named."""
    draft = access.draft_of_job(member, generation.public_id)
    link = from_talk.link_of(member, draft) if draft else None
    if link is None:
        return None
    words = _("Its text began with an answer of the assistant")
    if link.url:
        words = _("Its text began with an answer in “%(title)s”") % {"title": link.title}
    return Origin(words=words, by=link.by, at=link.at, url=link.url)
