"""What the pages about models show: the list as filtered in the URL, and one model. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.gateway import (
    access,
    catalogue,
    catalogue_changes,
    kinds,
    model_words,
    param_words,
    records,
    reference_words,
    rivya_pages,
)
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import CatalogueChange, Workflow
from rivya_app.gateway.records import Record
from rivya_app.rivya_api.types import Param
from rivya_app.workspaces.models import Membership, Role

MOST_LINES = 200  # models on one page; the search finds the others
MOST_PARAMS = 200
MOST_OPTIONS = 60


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for in the URL."""

    kind: str = ""
    q: str = ""
    usable: bool = False

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        return cls(
            kind=asked.get("kind", "")[:40],
            q=asked.get("q", "").strip()[:80],
            usable=asked.get("usable") == "yes",
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.kind or self.q or self.usable)

    def let(self, card: ModelCard) -> bool:
        """Whether the model is among those asked for."""
        words = f"{card.name} {card.model_id}".casefold()
        is_of_kind = not self.kind or self.kind == card.media_kind
        is_usable = not self.usable or card.row.api_status == "available"
        return is_of_kind and is_usable and self.q.casefold() in words


@dataclass(frozen=True, slots=True)
class Line:
    """One model on the list, as one workspace may use it."""

    card: ModelCard
    record: Record | None
    is_start: bool

    @property
    def url(self) -> str:
        return reverse("models:show-model", args=[self.card.model_id])

    @property
    def status(self) -> str:
        return model_words.status(self.card.row.api_status)

    @property
    def needs(self) -> str:
        return model_words.input_status(self.card.row.api_input_status)

    @property
    def inputs(self) -> str:
        return model_words.inputs(self.card.model.supported_api_inputs)

    @property
    def billing(self) -> str:
        return model_words.billing(self.card.billing_type)

    @property
    def rivya_url(self) -> str:
        return rivya_pages.model_page(self.card.model_id)

    @property
    def studio_url(self) -> str:
        return rivya_pages.studio_page(self.card.media_kind, self.card.model_id)


@dataclass(frozen=True, slots=True)
class Permits:
    """What the owner decided for one kind, with every model to decide about."""

    kind: str
    flow: Workflow
    cards: list[ModelCard]

    @property
    def is_limited(self) -> bool:
        return bool(self.flow.allowed_model_ids)

    @property
    def allowed_count(self) -> int:
        return len(self.flow.allowed_model_ids)

    @property
    def gone(self) -> list[str]:
        """Permitted models that are no longer listed."""
        listed = {card.model_id for card in self.cards}
        return [one for one in self.flow.allowed_model_ids if one not in listed]

    @property
    def startable(self) -> list[ModelCard]:
        return [card for card in self.cards if card.is_choosable or self.is_start(card)]

    def is_start(self, card: ModelCard) -> bool:
        return card.model_id == self.flow.default_model_id


@dataclass(frozen=True, slots=True)
class Section:
    """The models of one kind."""

    kind: str
    title: str
    lines: list[Line]
    permits: Permits | None


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One difference of the list, in words."""

    name: str
    url: str
    words: str
    found_at: datetime
    model_id: str


@dataclass(frozen=True, slots=True)
class ShownParam:
    """One parameter of a model, in words; `key` is Rivya's own name for it."""

    key: str
    label: str
    kind: str
    is_required: bool
    default: str
    limits: str
    options: list[str]
    description: str


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The whole list, or what the URL narrows it to."""
    filters = Filters.read(asked)
    every = catalogue.listed()
    shown = [card for card in every if filters.let(card)]
    permits = {kind: _permits(member, kind, every) for kind in kinds.KINDS}
    kept = records.of(member.workspace, [card.model_id for card in shown[:MOST_LINES]])
    lines = [_line(card, kept, permits.get(card.media_kind)) for card in shown[:MOST_LINES]]
    return {
        "filters": filters,
        "sections": _sections(lines, permits),
        "left_out": max(0, len(shown) - MOST_LINES),
        "standing": catalogue.standing(),
        "changes": _shown_changes(catalogue_changes.newest()),
        "kind_choices": _kind_choices(every),
        "is_owner": member.has_role(Role.OWNER),
    }


def _permits(member: Membership, kind: str, every: list[ModelCard]) -> Permits:
    flow = access.workflow_for(member.workspace, kind)
    cards = [access.as_used_by(flow, card) for card in every if card.media_kind == kind]
    return Permits(kind, flow, catalogue.ranked(cards))


def _line(card: ModelCard, kept: Any, permits: Permits | None) -> Line:
    if permits is None:
        return Line(card, kept.get(card.model_id), is_start=False)
    seen = access.as_used_by(permits.flow, card)
    return Line(seen, kept.get(card.model_id), is_start=permits.is_start(card))


def _sections(lines: list[Line], permits: dict[str, Permits]) -> list[Section]:
    """Kinds we make first, then conversation, then whatever else Rivya has."""
    found = dict.fromkeys([*kinds.KINDS, kinds.CHAT, *(line.card.media_kind for line in lines)])
    by_kind = {kind: [line for line in lines if line.card.media_kind == kind] for kind in found}
    return [
        Section(kind, kind_label(kind), mine, permits.get(kind))
        for kind, mine in by_kind.items()
        if mine
    ]


def kind_label(kind: str) -> str:
    """A kind's name; a word of Rivya's that we do not know stays as it is."""
    return str(kinds.LABELS.get(kind, kind[:40] or _("Of no stated kind")))


def _kind_choices(every: list[ModelCard]) -> list[tuple[str, str]]:
    found = dict.fromkeys([*kinds.KINDS, kinds.CHAT, *(card.media_kind for card in every)])
    return [(kind, kind_label(kind)) for kind in list(found)[:12] if kind]


def show_page(member: Membership, model_id: str) -> dict[str, Any]:
    """One model with every parameter, rule and change. Raises Http404 for one never listed."""
    card = catalogue.find(model_id)
    if card is None:
        raise Http404
    kind = card.media_kind
    permits = _permits(member, kind, [card]) if kind in kinds.KINDS else None
    line = _line(card, records.of(member.workspace, [model_id]), permits)
    params = card.params[:MOST_PARAMS]
    return {
        "line": line,
        "card": line.card,
        "kind_label": kind_label(kind),
        "params": [_shown_param(param) for param in params],
        "left_out": len(card.params) - len(params),
        "reference_limits": reference_words.limits(card.model),
        "notices": [str(said)[:300] for said in card.model.notices[:10]],
        "changes": _shown_changes(catalogue_changes.newest(model_id)),
        "nearest": access.nearest_of(permits.flow, model_id) if permits else None,
        "may_start": permits is not None and line.card.is_choosable and not line.is_start,
        "is_owner": member.has_role(Role.OWNER),
    }


def _shown_changes(found: list[CatalogueChange]) -> list[ShownChange]:
    return [
        ShownChange(
            name=change.display_name,
            url=reverse("models:show-model", args=[change.model_id]),
            words=model_words.change(change),
            found_at=change.found_at,
            model_id=change.model_id,
        )
        for change in found
    ]


def _shown_param(param: Param) -> ShownParam:
    options = [str(param_words.option(value)) for value in param.options[:MOST_OPTIONS]]
    further = len(param.options) - len(options)
    return ShownParam(
        key=param.key,
        label=str(param_words.label(param.key)),
        kind=param.type[:40],
        is_required=param.is_required,
        default="" if param.default is None else param_words.shown(param.key, _text(param.default)),
        limits=_limits(param),
        options=[*options, _("and %(count)d more") % {"count": further}] if further else options,
        description=param.description[:400],
    )


def _text(default: Any) -> str:
    return ("true" if default else "false") if isinstance(default, bool) else str(default)[:200]


def _limits(param: Param) -> str:
    if param.minimum is None and param.maximum is None:
        return ""
    low = "…" if param.minimum is None else f"{param.minimum:f}"
    high = "…" if param.maximum is None else f"{param.maximum:f}"
    words = f"{low} – {high}"
    if param.step:
        words += " " + _("in steps of %(step)s") % {"step": f"{param.step:f}"}
    return words
