"""A brief and the owner's gate: what needs a yes, what is asked, what an answer brings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs import access, recipes
from rivya_app.briefs.chain import Step
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.recipes import Recipe
from rivya_app.briefs.standing import (
    LOW_CREDITS_CODE,
    NEEDS_YES,
    YES_EXPIRED,
    YES_REFUSED,
    Fact,
    Person,
    person,
)
from rivya_app.core import clock
from rivya_app.core.text import credit_words
from rivya_app.credits import gate
from rivya_app.credits.gate import About, Spend
from rivya_app.credits.gate_words import rule_words
from rivya_app.credits.models import Ask, GateRule
from rivya_app.gateway.access import model_of
from rivya_app.generations import price
from rivya_app.library import uses
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Membership

ZERO = Decimal(0)


def rule_for(
    brief: Brief,
    member: Membership,
    asked: Mapping[int, Recipe],
    total: Decimal,
    *,
    is_what_waited: bool,
) -> GateRule | None:
    """The rule that keeps the member from starting this without an owner's yes.

    A yes counts for what waited when it was given, for as much, and until something was started on
    it: `is_what_waited` says that the press brings nothing new. Inside the caller's transaction.
    """
    spend = _spend(brief, member, asked, total)
    rule = gate.rule_for(spend)
    if rule is None or not is_what_waited:
        return rule
    answer = gate.newest(brief.reference, lock=True)
    return None if gate.covers(answer, spend) and not _is_used(brief, answer) else rule


def _is_used(brief: Brief, answer: Ask | None) -> bool:
    """Whether drafts were started since; one that Rivya refused for credits cost nothing."""
    if answer is None or answer.answered_at is None:
        return False
    since = brief.drafts.filter(generation__created_at__gte=answer.answered_at)
    refused = {"generation__error_code": LOW_CREDITS_CODE, "generation__finished_at__isnull": False}
    return since.exclude(**refused).exists()


def ask(brief: Brief, member: Membership, rule: GateRule, newest: Mapping[int, Draft]) -> Ask:
    """Ask about everything of the brief that waits now. Under the brief's lock."""
    whole = recipes.for_positions(brief, brief.waiting_positions, newest)
    return gate.ask(_spend(brief, member, whole, price_of(brief, whole, newest)), rule)


def _spend(brief: Brief, member: Membership, asked: Mapping[int, Recipe], total: Decimal) -> Spend:
    return Spend(
        member=member,
        amount=total,
        reference=brief.reference,
        title=brief.product,
        link=reverse("briefs:show-brief", args=[brief.public_id]),
        campaign=brief.campaign,
        model_ids=tuple(sorted({recipe.model_id for recipe in asked.values()})),
    )


def price_of(brief: Brief, asked: Mapping[int, Recipe], newest: Mapping[int, Draft]) -> Decimal:
    """Credits of these drafts as prices are now; of those whose model can be used."""
    total = ZERO
    known: dict[str, Decimal] = {}
    for position, recipe in asked.items():
        kind = newest[position].generation.media_kind if position in newest else brief.media_kind
        key = f"{kind} {recipe.model_id} {sorted(recipe.params.items(), key=str)}"
        if key not in known:
            model = model_of(access.pays_for(brief, kind), recipe.model_id)
            unit = price.unit_price(model, recipe.params) if model and model.is_choosable else None
            known[key] = unit.expected if unit else ZERO
        total += known[key]
    return total


# --- What an owner is told, and what their answer does --------------------------------------------


def brief_of(asked: Ask, *, lock: bool = False) -> Brief:
    """The brief that waits for this ask, under its lock if wanted."""
    rows = Brief.objects.select_related(
        "workspace", "campaign", "workflow", "created_by__user", "handed_to__user"
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.get(public_id=asked.reference.partition(":")[2])


def _waiting(brief: Brief) -> tuple[dict[int, Recipe], dict[int, Draft]]:
    newest = {draft.position: draft for draft in access.drafts_of(brief)}
    return recipes.for_positions(brief, brief.waiting_positions, newest), newest


def price_now(asked: Ask) -> Decimal | None:
    """What waits, at today's prices; None where nothing waits, or its models cannot be used."""
    brief = brief_of(asked)
    whole, newest = _waiting(brief)
    return price_of(brief, whole, newest) or None


def about(asked: Ask) -> About:
    """The drafts that wait: how many, with what text, after which pictures."""
    brief = brief_of(asked)
    whole, _newest = _waiting(brief)
    texts = list(dict.fromkeys(recipe.prompt for recipe in whole.values() if recipe.prompt))
    files = {file.pk: file for recipe in whole.values() for file in recipe.references}
    pictures = files.values() if whole else uses.files_of(brief.reference)
    rows = [
        (_("Drafts"), str(len(whole)) if whole else ""),
        (_("Channel"), str(brief.get_channel_display())),
        (_("Text for the model"), "\n\n".join(texts)),
    ]
    return About(tuple(pictures), tuple(row for row in rows if row[1]))


@transaction.atomic(durable=True)
def carry_out(asked: Ask) -> None:
    """Start what a yes was given to; a no, or no answer, is only seen on the brief. Once."""
    from rivya_app.briefs.actions import start_what_waits  # its gate is this module

    brief = brief_of(asked, lock=True)
    if not gate.take_up(asked) or not brief.is_waiting:
        return
    if asked.state == Ask.State.GRANTED:
        start_what_waits(brief, asked.asked_by)
    else:
        brief.changed_at = clock.now()
        brief.save(update_fields=["changed_at"])


# --- Where it stands ------------------------------------------------------------------------------


def facts_of(briefs: Sequence[Brief]) -> dict[int, list[Fact]]:
    """Of those that wait for a yes: whose turn it is. Two queries, none where none waits."""
    waiting = [brief for brief in briefs if brief.state == Brief.State.NEEDS_YES]
    asks = gate.newest_of([brief.reference for brief in waiting])
    if not waiting:
        return {}
    owners = tuple(map(person, owners_of(waiting[0].workspace)))
    return {brief.pk: [_fact(brief, asks.get(brief.reference), owners)] for brief in waiting}


def _fact(brief: Brief, asked: Ask | None, owners: tuple[Person, ...]) -> Fact:
    if asked is None or asked.state in (Ask.State.PENDING, Ask.State.GRANTED):
        return Fact(NEEDS_YES, asked.asked_at if asked else brief.changed_at, owners)
    code = YES_REFUSED if asked.state == Ask.State.REFUSED else YES_EXPIRED
    return Fact(code, asked.answered_at or brief.changed_at, (person(brief.keeper),))


def steps_of(brief: Brief) -> list[Step]:
    """What was asked and answered, for the chain of the brief."""
    return steps_about([brief.reference])


def steps_about(references: Sequence[str]) -> list[Step]:
    """The same for any references. One query."""
    rows = Ask.objects.filter(reference__in=references).order_by("id")
    related = rows.select_related("asked_by__user", "answered_by__user", "rule__campaign")
    return [step for asked in related for step in _steps(asked)]


def _steps(asked: Ask) -> list[Step]:
    words = _("The owners were asked: %(credits)s") % {"credits": credit_words(asked.amount)}
    why = (rule_words(asked.rule),)
    steps = [Step(asked.asked_at, "ask", words, by=str(asked.asked_by), lines=why)]
    if asked.answered_at:
        said = _SAID[Ask.State(asked.state)]()
        by = str(asked.answered_by or "")
        steps.append(Step(asked.answered_at, "ask", said, by=by, note=asked.note))
    return steps


_SAID = {
    Ask.State.GRANTED: lambda: _("The owner said yes"),
    Ask.State.REFUSED: lambda: _("The owner said no"),
    Ask.State.EXPIRED: lambda: _("Nobody answered in time"),
    Ask.State.WITHDRAWN: lambda: _("The question was taken back"),
}
