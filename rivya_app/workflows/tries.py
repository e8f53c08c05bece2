"""Which way a workflow is tried: as a job, or as a question to the assistant."""

from uuid import UUID

from django.http import QueryDict

from rivya_app.workflows import access, talk_trials, trials
from rivya_app.workflows.facts import known_of
from rivya_app.workspaces.models import Membership


def trial_of(
    member: Membership, public_id: UUID, data: QueryDict | None
) -> trials.Trial | talk_trials.TalkTrial:
    """The form and, where it was sent, its checklist. Raises Http404, PermissionDenied."""
    flow = access.workflow_to_try(member, public_id)
    known = known_of(member, [flow])[0]
    made = talk_trials.trial if access.is_chat(flow) else trials.trial
    return made(member, known, data)
