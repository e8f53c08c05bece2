"""The eight answers of a workflow for its page: what the record says, what is wrong, where it is
mended, and Rivya's own page about it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from rivya_app.core.buttons import Action
from rivya_app.core.text import credit_words
from rivya_app.gateway import kinds, rivya_pages
from rivya_app.gateway.models import Workflow
from rivya_app.workflows import answer_words, readiness
from rivya_app.workflows.facts import Known
from rivya_app.workflows.readiness import Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the table. `wrong` is "" where nothing is; `mend` only for who may mend it."""

    topic: str
    title: str
    question: str
    says: str
    level: str
    level_words: str
    wrong: str
    mend: Action | None
    page: Action  # at Rivya

    @property
    def state(self) -> str:
        return STATES[self.level]


@dataclass(frozen=True, slots=True)
class Standing:
    """Ready, ready with warnings or not ready, and why in one line."""

    level: str
    words: str
    why: str

    @property
    def state(self) -> str:
        return STATES[self.level]


STATES = {"ok": "succeeded", "warns": "warning", "stops": "failed"}  # as in _state.html


def standing_of(known: Known) -> Standing:
    """The gravest of its verdicts, said in one line."""
    verdict = readiness.worst(readiness.judge(known.facts))
    found = answer_words.wrong(verdict.code)
    why = found.words(known) if found else ""
    return Standing(verdict.level, str(answer_words.READINESS[verdict.level]), why)


def answers_of(known: Known, *, may_change: bool) -> list[Answer]:
    return [_answer(known, one, may_change) for one in readiness.judge(known.facts)]


def _answer(known: Known, verdict: Verdict, may_change: bool) -> Answer:
    found = answer_words.wrong(verdict.code)
    return Answer(
        topic=verdict.topic,
        title=str(answer_words.TITLES[verdict.topic]),
        question=str(answer_words.QUESTIONS[verdict.topic]),
        says=_SAYS[verdict.topic](known),
        level=verdict.level,
        level_words=str(answer_words.LEVELS[verdict.level]),
        wrong=found.words(known) if found else "",
        mend=mending(known, verdict) if found and may_change else None,
        page=_rivya_page(known, verdict.topic),
    )


def mending(known: Known, verdict: Verdict) -> Action | None:
    """Our page, or Rivya's for a balance, that mends what a verdict finds; None where there is
    no such page."""
    found = answer_words.wrong(verdict.code)
    return PLACES[found.place](known.flow) if found else None


def _part(part: str, words: Callable[[], str]) -> Callable[[Workflow], Action]:
    def place(flow: Workflow) -> Action:
        url = reverse("workflows:change", args=[flow.public_id])
        return Action(words(), f"{url}#part-{part}")

    return place


def _page(name: str, words: Callable[[], str]) -> Callable[[Workflow], Action | None]:
    def place(_flow: Workflow) -> Action | None:
        try:
            return Action(words(), reverse(name))
        except NoReverseMatch:
            return None

    return place


def _its_key(flow: Workflow) -> Action:
    """The page of its key, where it is checked, rotated and seen."""
    if flow.api_key is None:
        return Action(_("Look at the keys"), reverse("gateway:keys"))
    url = reverse("gateway:show-key", args=[flow.api_key.public_id])
    return Action(_("Look at its key"), url)


PLACES: dict[str, Callable[[Workflow], Action | None]] = {
    "key": _part("key", lambda: _("Choose a key")),
    "model": _part("model", lambda: _("Choose a model")),
    "reference": _part("reference", lambda: _("Change what it takes")),
    "owner": _part("owner", lambda: _("Say who answers for it")),
    "keys": _its_key,
    "models": _page("models:index", lambda: _("Look at the models")),
    "webhooks": _page("webhooks:index", lambda: _("Look at the webhooks")),
    "limits": _page("credits:limits", lambda: _("Look at the limits")),
    "pauses": _page("pauses:index", lambda: _("Look at the pause")),
    "top_up": lambda _flow: Action(_("Add credits"), rivya_pages.rivya_page(rivya_pages.TOP_UP)),
}


# --- What the record says -----------------------------------------------------------------------


def _account(known: Known) -> str:
    key = known.flow.api_key
    facts = {"account": known.flow.workspace.name}
    if key is None:
        return _("The account of %(account)s; no key is chosen.") % facts
    facts |= {"key": key.purpose, "environment": key.get_environment_display()}
    return _("The account of %(account)s, with the key %(key)s (%(environment)s).") % facts


def _model(known: Known) -> str:
    if known.card:
        return f"{known.card.name}, {known.card.price_words}"
    if known.cheapest:
        facts = {"model": f"{known.cheapest.name}, {known.cheapest.price_words}"}
        return _("The cheapest that may be used: %(model)s") % facts
    return known.flow.default_model_id or _("None")


def _reference(known: Known) -> str:
    flow = known.flow
    said = str(flow.get_reference_display())
    if flow.reference == Workflow.Reference.NONE:
        return said
    return f"{said} ({kinds_words(flow.reference_kinds)})"


def kinds_words(chosen: list[str]) -> str:
    """Kinds of reference file in words."""
    named = [str(kinds.LABELS[kind]) for kind in kinds.KINDS if kind in chosen]
    return ", ".join(named) or _("of any kind the model takes")


def _generation(known: Known) -> str:
    if known.facts.is_chat:
        return _("No file is made.")
    return _("Asked for once, made at Rivya in its own time, then copied to our storage.")


def _chat(known: Known) -> str:
    if not known.facts.is_chat:
        return _("No conversation.")
    if known.flow.is_streamed:
        said = _("One turn in a conversation, answered as it is written.")
    else:
        said = _("One turn in a conversation, shown once the whole answer is there.")
    return " ".join([said, *_abilities(known)])


def _abilities(known: Known) -> list[str]:
    """What its model can do beside answering, as Rivya's list says it now."""
    card = known.card or known.cheapest
    abilities = card.model.chat if card else None
    if abilities is None:
        return []
    said = []
    if abilities.searches_web:
        said.append(_("It can search the web."))
    if abilities.efforts:
        said.append(_("How long it thinks can be chosen."))
    return said


def _status(known: Known) -> str:
    if known.facts.is_chat:
        return _("The answer itself shows it.")
    return _("We ask Rivya for the job’s state, and its page follows live.")


def _completion(known: Known) -> str:
    if known.facts.is_chat:
        return _("The answer ends.")
    return str(known.flow.get_completion_display())


def _one_job() -> str:
    return _("One job: at least %(credits)s.")


def _credits(known: Known) -> str:
    flow = known.flow
    said = str(flow.get_at_low_credits_display())
    price = known.facts.price
    parts = [_("Usage: %(name)s.") % {"name": flow.owner}] if flow.owner else []
    if price is not None:
        one = _("One question: from %(credits)s.") if known.facts.is_chat else _one_job()
        parts.append(one % {"credits": credit_words(price)})
    return " ".join([*parts, _("At low credits: %(what)s.") % {"what": said}])


_SAYS: dict[str, Callable[[Known], str]] = {
    readiness.ACCOUNT: _account,
    readiness.MODEL: _model,
    readiness.REFERENCE: _reference,
    readiness.GENERATION: _generation,
    readiness.CHAT: _chat,
    readiness.STATUS: _status,
    readiness.COMPLETION: _completion,
    readiness.CREDITS: _credits,
}


# --- Rivya's own pages --------------------------------------------------------------------------


def _rivya_page(known: Known, topic: str) -> Action:
    if topic == readiness.MODEL and known.flow.default_model_id:
        return Action(_("This model"), rivya_pages.model_page(known.flow.default_model_id))
    if topic == readiness.REFERENCE and "video" in known.flow.reference_kinds:
        return Action(_("About video references"), rivya_pages.rivya_page("/docs/video-references"))
    label, path = _RIVYA_PAGES[topic]
    return Action(label(), rivya_pages.rivya_page(path))


_RIVYA_PAGES: dict[str, tuple[Callable[[], str], str]] = {
    readiness.ACCOUNT: (lambda: _("About keys"), "/docs/api-authentication"),
    readiness.MODEL: (lambda: _("About models"), "/docs/api-models"),
    readiness.REFERENCE: (lambda: _("About image references"), "/docs/image-references"),
    readiness.GENERATION: (lambda: _("About generations"), "/docs/api-generations"),
    readiness.CHAT: (lambda: _("About chat"), "/docs/api-chat"),
    readiness.STATUS: (lambda: _("About queue and waiting"), "/docs/generation-queue-and-waiting"),
    readiness.COMPLETION: (lambda: _("About webhooks"), "/docs/api-webhooks"),
    readiness.CREDITS: (lambda: _("About credits"), "/docs/api-credits"),
}
