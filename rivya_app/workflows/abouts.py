"""Leads a conversation that tried a workflow back to its page."""

from django.http import Http404
from django.urls import reverse

from rivya_app.chat.abouts import About
from rivya_app.gateway import access
from rivya_app.workspaces.models import Membership


def of_workflow(member: Membership, reference: str) -> About | None:
    """`workflow:<uuid>`; there is nothing to tell the assistant of it."""
    try:
        flow = access.workflow_named(member, reference.partition(":")[2])
    except Http404:
        return None
    return About(str(flow), reverse("workflows:show", args=[flow.public_id]))
