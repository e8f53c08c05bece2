"""What the product says of workflows: the sentence of each moment, and the names of noted acts."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.gateway.models import Workflow

Moment = Workflow.Moment

SENTENCES: dict[str, Promise] = {
    Moment.LISTING_IMAGES: _("A seller submits a brief, and drafts of product pictures are made."),
    Moment.SHORT_VIDEO: _("A manager approves a still, and a short video is made from it."),
    Moment.VOICE_OVER: _("A seller writes what is to be heard, and a voice or sound is made."),
    Moment.REFERENCE_EDIT: _(
        "Somebody gives a reference picture, a model that takes it is asked, and they are told "
        "when the result is ready."
    ),
    Moment.CHAT: _("A member asks the assistant, and the answer appears as it is written."),
}

ACTS: dict[str, str | Promise] = {
    "workflow.added": _("Added a workflow"),
    "workflow.changed": _("Changed a workflow"),
    "workflow.archived": _("Archived a workflow"),
    "workflow.unarchived": _("Took a workflow out of the archive"),
    "workflow.made_main": _("Made a workflow the main one"),
    "workflow.tried": _("Ran a workflow once on trial"),
}


def sentence_of(flow: Workflow) -> str:
    """Its own sentence, else that of its moment, in the reader's language."""
    return flow.sentence or str(SENTENCES[flow.moment])
