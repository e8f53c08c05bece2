"""Tells a job's page that it was made to try a workflow, and that it belongs there."""

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.generations.models import Generation
from rivya_app.generations.origins import Origin
from rivya_app.workflows import access
from rivya_app.workspaces.models import Membership


def of_job(_member: Membership, generation: Generation) -> Origin | None:
    """None for a job that is no trial."""
    run = access.trial_of(generation)
    if run is None:
        return None
    return Origin(
        words=_("To try the workflow “%(name)s”") % {"name": run.workflow},
        by=str(generation.requested_by),
        at=run.made_at,
        url=reverse("workflows:show", args=[run.workflow.public_id]),
        is_home=True,
    )
