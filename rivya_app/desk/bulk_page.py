"""The two pages of an act for several things: the one that asks, and the one that reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from rivya_app.desk import bulk, sources
from rivya_app.desk.bulk import Line, Step
from rivya_app.desk.forms import ReasonForm
from rivya_app.desk.listing import Filters
from rivya_app.desk.sources import Source
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Asked:
    """What was pressed: an act, in a list, for things that are named or found by filters."""

    step: Step
    source: Source
    filters: Filters
    posted: QueryDict
    is_confirmed: bool


def read(posted: QueryDict) -> Asked | None:
    """None for an act that the list does not have."""
    filters = Filters.read(posted)
    source = sources.find(filters.kind)
    step = bulk.step_of(posted.get("act", ""))
    if source is None or step is None or step.code not in bulk.codes_for(source, filters):
        return None
    return Asked(step, source, filters, posted, is_confirmed="confirmed" in posted)


def form_of(asked: Asked, posted: QueryDict) -> forms.Form:
    """The form of the confirmation: with a reason, where the act needs one."""
    kind = ReasonForm if asked.step.needs_reason else forms.Form
    return kind(posted if asked.is_confirmed else None)


def preview_page(member: Membership, asked: Asked, form: forms.Form) -> dict[str, Any]:
    """How many would be changed, which are left out and why. `status`: of the answer."""
    references = bulk.chosen(member, asked.source, asked.filters, asked.posted)
    lines = bulk.preview(member, asked.source, asked.step, references)
    return {
        **_shared(asked),
        "able": [line for line in lines if line.is_able],
        "left_out": [line for line in lines if not line.is_able],
        "is_full": len(references) >= bulk.MOST_AT_ONCE,
        "most": bulk.MOST_AT_ONCE,
        "form": form if asked.step.needs_reason else None,
        "status": 422 if form.is_bound and form.errors else 200,
    }


def carry_out(member: Membership, asked: Asked, form: forms.Form) -> list[Line]:
    """The names in the press alone count; each is looked at anew."""
    references = list(dict.fromkeys(asked.posted.getlist("ref")))[: bulk.MOST_AT_ONCE]
    lines = bulk.preview(member, asked.source, asked.step, references)
    reason = form.cleaned_data.get("reason", "")
    return bulk.carry_out(member, asked.source, asked.step, lines, reason)


def done_page(asked: Asked, lines: Sequence[Line]) -> dict[str, Any]:
    return {
        **_shared(asked),
        "changed": [line for line in lines if line.is_changed],
        "as_before": [line for line in lines if line.is_able and not line.is_changed],
        "left_out": [line for line in lines if not line.is_able],
    }


def _shared(asked: Asked) -> dict[str, Any]:
    return {
        "step": asked.step,
        "source": asked.source,
        "query": asked.filters.query,
        "fields": asked.filters.fields,
    }
