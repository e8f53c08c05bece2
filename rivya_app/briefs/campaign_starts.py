"""What a campaign suggests to a new brief: model, channel, length and shape of a video.

A suggestion takes the place of what stood there by itself. What a person chose stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from rivya_app.briefs.models import Brief
from rivya_app.gateway import access, kinds, video_formats
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.controls import OWNER, PREFIX
from rivya_app.gateway.models import Workflow
from rivya_app.workspaces.models import Campaign

# Hidden fields that say for which campaign, channel and workflow the page was made.
CAMPAIGN_OF, CHANNEL_OF, WORKFLOW_OF = "campaign_of", "channel_of", "workflow_of"
USUAL_CHANNEL = Brief.Channel.MARKETPLACE.value


@dataclass(frozen=True, slots=True)
class Shown:
    """For what the page was made that is posted now."""

    campaign: Campaign | None
    channel: str
    model: ModelCard | None


def model_for(campaign: Campaign | None, flow: Workflow, kind: str) -> str:
    """The campaign's model of this kind while it can be chosen, else the workflow's first."""
    wanted = _own_model(campaign, kind)
    card = access.model_of(flow, wanted) if wanted else None
    return card.model_id if card and card.is_choosable else access.first_choice(flow)


def _own_model(campaign: Campaign | None, kind: str) -> str:
    if campaign is None:
        return ""
    return {kinds.IMAGE: campaign.still_model_id, kinds.VIDEO: campaign.video_model_id}.get(
        kind, ""
    )


def channel_for(campaign: Campaign | None) -> str:
    """The campaign's channel, its first where it has several; the usual one where it has none."""
    known = [one for one in Brief.Channel.values if campaign and one in campaign.channels]
    return known[0] if known else USUAL_CHANNEL


def params_for(
    campaign: Campaign | None, model: ModelCard | None, kind: str, channel: str
) -> dict[str, Any]:
    """The campaign's length and shape for this channel as settings of the model."""
    if campaign is None or kind != kinds.VIDEO:
        return {}
    return video_formats.as_params(model, campaign.video_formats.get(channel) or {})


def first_values(campaign: Campaign, flow: Workflow, kind: str, model_id: str) -> dict[str, Any]:
    """What a form starts from that is asked for with a campaign; `model_id` was asked for too."""
    chosen, channel = model_id or model_for(campaign, flow, kind), channel_for(campaign)
    model = access.model_of(flow, chosen)
    return {
        "campaign": campaign.public_id,
        "channel": channel,
        "model_id": chosen,
        "params": params_for(campaign, model, kind, channel),
    }


def follow_channel(data: QueryDict, shown: Shown, campaign: Campaign | None) -> None:
    """Where the page's channel stands as its campaign suggested it, take that of the new one."""
    if campaign != shown.campaign and data.get("channel", "") in ("", channel_for(shown.campaign)):
        data["channel"] = channel_for(campaign)


def follow_model(
    data: QueryDict, shown: Shown, campaign: Campaign | None, flow: Workflow, kind: str
) -> None:
    """The same for the model, as long as the kind is the same; another kind begins anew."""
    if campaign == shown.campaign or (shown.model and shown.model.media_kind != kind):
        return
    if data.get("model_id", "") in ("", model_for(shown.campaign, flow, kind)):
        data["model_id"] = model_for(campaign, flow, kind)


def follow_workflow(
    data: QueryDict, before: Workflow, flow: Workflow, campaign: Campaign | None, kind: str
) -> None:
    """Where the page's model stands as its workflow suggested it, take that of the new one."""
    if flow != before and data.get("model_id", "") in ("", model_for(campaign, before, kind)):
        data["model_id"] = model_for(campaign, flow, kind)


def follow_params(
    data: QueryDict, shown: Shown, campaign: Campaign | None, model: ModelCard | None, kind: str
) -> None:
    """The same for length and shape, each for itself."""
    shown_kind = shown.model.media_kind if shown.model else kind
    before = params_for(shown.campaign, shown.model, shown_kind, shown.channel)
    after = params_for(campaign, model, kind, data.get("channel", ""))
    for part in (video_formats.DURATION, video_formats.RATIO):
        param = video_formats.param_for(model, part)
        if param is None:
            continue
        name = PREFIX + param.key
        if data.get(name, "") in _stood_by_itself(shown.model, part, before):
            _put(data, name, after.get(param.key, param.default))


def _stood_by_itself(
    model: ModelCard | None, part: str, suggested: Mapping[str, Any]
) -> tuple[str, ...]:
    """The values of this part on the page that nobody chose."""
    param = video_formats.param_for(model, part)
    if param is None:
        return ("",)
    first = param.options[0] if param.options and param.is_required else ""
    start = suggested.get(param.key, param.default)
    return ("", first if start is None else str(start))


def _put(data: QueryDict, name: str, value: Any) -> None:
    if value is None:
        data.pop(name, None)
    else:
        data[name] = str(value)


def shown_model(data: QueryDict, flow: Workflow) -> ModelCard | None:
    """The model whose controls were on the page."""
    owner = data.get(OWNER, "")
    return access.model_of(flow, owner) if owner else None
