"""The workflows that every workspace has from the start, with the values they begin with."""

from typing import Any

from rivya_app.gateway import access
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Workspace

Moment, Reference = Workflow.Moment, Workflow.Reference

SHIPPED: dict[str, dict[str, Any]] = {
    Moment.LISTING_IMAGES: {},
    Moment.SHORT_VIDEO: {},
    Moment.CHAT: {"reference_kinds": ["image"]},
    Moment.REFERENCE_EDIT: {"reference": Reference.REQUIRED, "reference_kinds": ["image"]},
    Moment.VOICE_OVER: {},
}


def ensure_shipped(workspace: Workspace) -> None:
    """Make what a workspace lacks of them. Harmless when repeated, or done by two at once."""
    known = set(Workflow.objects.filter(workspace=workspace).values_list("moment", flat=True))
    for moment in SHIPPED:
        if moment not in known:
            make(workspace, moment)


def make(workspace: Workspace, moment: str) -> None:
    """The main workflow of one moment, with the oldest key in use, the first owner, and the model
    that is cheapest now; left as it is where there is one."""
    keys = ApiKey.objects.filter(workspace=workspace, state=ApiKey.State.ACTIVE)
    flow = Workflow(workspace=workspace, moment=moment, **SHIPPED[moment])
    Workflow.objects.get_or_create(
        workspace=workspace,
        moment=moment,
        is_main=True,
        defaults={
            **SHIPPED[moment],
            "api_key": keys.order_by("created_at").first(),
            "owner": next(iter(owners_of(workspace)), None),
            "default_model_id": access.first_choice(flow),
        },
    )
