"""Everything that is known before a call, checked in the call's own order. Writes and sends
nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from rivya_app.core.buttons import Action
from rivya_app.core.text import credit_words
from rivya_app.credits import gate_rules, limits, wallet
from rivya_app.credits.models import CreditAccount
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import Workflow
from rivya_app.generations.price import UnitPrice, unit_price
from rivya_app.library.models import StoredFile
from rivya_app.workflows import access, answer_words, answers, readiness
from rivya_app.workflows.facts import Known
from rivya_app.workflows.readiness import OK, STOPS, WARNS
from rivya_app.workflows.trial_form import TrialForm
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at, what was found, and what mends it."""

    title: str
    level: str
    words: str
    mend: Action | None = None

    @property
    def state(self) -> str:
        return answers.STATES[self.level]

    @property
    def level_words(self) -> str:
        return str(answer_words.LEVELS[self.level])


class Price(Protocol):
    """Of a job or of a question, as the page names it."""

    @property
    def range_words(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def is_known(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """The checklist, the price and the credits that are held for it, and the body as it would be
    sent but for the links in it."""

    lines: list[Line]
    price: Price | None
    amount: Decimal | None
    body: str

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands against sending it."""
        return all(line.level != STOPS for line in self.lines)

    @property
    def stop_count(self) -> int:
        return sum(line.level == STOPS for line in self.lines)


def job_id(flow: Workflow, token: UUID) -> UUID:
    """Who the job of one form will be: pressed twice it is the same."""
    return uuid5(flow.public_id, f"trial:{token}")


def check(member: Membership, known: Known, form: TrialForm) -> Checked:
    """Hold a sent form against everything that could refuse it."""
    form.is_valid()
    price = _price(form)
    amount = price.expected if price else None
    lines = [
        *judged(known, may_change=access.may_change(member)),
        *_of_form(form),
        price_line(price),
        *money(member, known, amount),
        *gate(member, form.model.model_id if form.model else "", amount),
    ]
    return Checked(lines, price, amount, _body(known.flow, form))


def judged(known: Known, *, may_change: bool) -> list[Line]:
    """What readiness says, but for what is not asked of it at all, for the credits, which are held
    against the real price below, and for files, of which it says only what is wrong."""
    other = readiness.GENERATION if known.facts.is_chat else readiness.CHAT
    told_elsewhere = (readiness.CREDITS, other)
    return [
        Line(row.title, row.level, row.wrong or row.says, row.mend)
        for row in answers.answers_of(known, may_change=may_change)
        if row.topic not in told_elsewhere and (row.topic != readiness.REFERENCE or row.wrong)
    ]


def _of_form(form: TrialForm) -> list[Line]:
    controls = [error for errors in form.controls.errors.values() for error in errors]
    text = [str(error) for error in form.errors.get("prompt", [])]
    files = [str(error) for errors in form.references.errors.values() for error in errors]
    files += form.reference_problems()
    settings = _("The model takes these settings.")
    return [
        line(_("Settings"), [str(error) for error in controls], settings),
        line(_("Text"), text, text_words(form.recipe.prompt, form.model)),
        line(_("Reference files"), files, _file_words(form.references.chosen)),
    ]


def line(title: str, problems: Sequence[str], fine: str) -> Line:
    said = " ".join(dict.fromkeys(problems))
    return Line(title, STOPS if said else OK, said or fine)


def text_words(text: str, model: ModelCard | None) -> str:
    length = len(text)
    limit = model.prompt_limit if model else None
    if not limit:
        return _("%(length)d characters.") % {"length": length}
    return _("%(length)d of at most %(limit)d characters.") % {"length": length, "limit": limit}


def _file_words(files: Sequence[StoredFile]) -> str:
    return ", ".join(file.name for file in files) or _("None chosen, none needed.")


def _price(form: TrialForm) -> UnitPrice | None:
    if form.model is None or not form.model.is_choosable:
        return None
    return unit_price(form.model, form.recipe.params)


def price_line(price: Price | None) -> Line:
    title = _("Price")
    if price is None:
        return Line(title, STOPS, _("Without a model that can be used there is no price."))
    level = OK if price.is_known else WARNS
    return Line(title, level, f"{price.range_words} · {price.words}")


def money(member: Membership, known: Known, amount: Decimal | None) -> list[Line]:
    if amount is None:
        return []
    return [_balance(known.flow, amount), _limits(member, known.flow, amount)]


def _balance(flow: Workflow, amount: Decimal) -> Line:
    title, standing = _("Balance"), wallet.standing(flow.workspace)
    facts = {"balance": credit_words(standing.available)}
    facts["after"] = credit_words(standing.available - amount)
    if standing.available < amount:
        words = _("%(balance)s; this does not cover it.") % facts
        return Line(title, STOPS, words, answers.PLACES["top_up"](flow))
    words = _("%(balance)s now, %(after)s after it.") % facts
    if not standing.is_known:
        return Line(title, WARNS, _("The balance has not been read yet."))
    return Line(title, WARNS if standing.available - amount < standing.low_mark else OK, words)


def _limits(member: Membership, flow: Workflow, amount: Decimal) -> Line:
    title = _("Limits")
    account = CreditAccount.objects.get(workspace=flow.workspace)
    account.workspace = flow.workspace
    payers = limits.Payers(member_id=member.pk, api_key_id=flow.api_key_id)
    states = limits.bounds_for(account, payers)
    short = limits.tightest(states, amount)
    if short is not None:
        left = credit_words(max(short.left, Decimal(0)))
        words = _("%(left)s are left of a limit that must not be passed.") % {"left": left}
        return Line(title, STOPS, words, answers.PLACES["limits"](flow))
    if any(state.left < amount for state in states):
        words = _("It goes beyond a limit that only warns.")
        return Line(title, WARNS, words, answers.PLACES["limits"](flow))
    return Line(title, OK, _("Within every limit.") if states else _("No limit is set for it."))


def gate(member: Membership, model_id: str, amount: Decimal | None) -> list[Line]:
    """Nothing where no rule wants an owner's yes; owners are never asked."""
    if amount is None or not model_id:
        return []
    if gate_rules.stands_in_the_way(member, amount, None, [model_id]) is None:
        return []
    words = _("This needs an owner’s yes. Ask an owner to run it.")
    return [Line(_("The owner’s yes"), STOPS, words)]


def body_of(flow: Workflow, form: TrialForm, token: UUID) -> dict[str, Any]:
    """The request but for its references, which are put in when it is sent."""
    return form.recipe.body(str(job_id(flow, token)))


def _body(flow: Workflow, form: TrialForm) -> str:
    """Laid out for reading; a reference's link is made only when it is sent."""
    if form.model is None or form.form_token is None:
        return ""
    body = body_of(flow, form, form.form_token)
    if form.recipe.references:
        items = [
            {"kind": file.kind, "mimeType": file.mime_type, "name": file.name, "url": "…"}
            for file in form.recipe.references
        ]
        body = {**body, "params": {**body.get("params", {}), "referenceMediaItems": items}}
    return json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True)
