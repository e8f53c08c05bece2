"""What the gate says in words: a rule, what became of an ask. Pure but for the model list."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core.text import credit_words
from rivya_app.credits.models import Ask, GateRule
from rivya_app.gateway import catalogue
from rivya_app.workspaces.models import Role

ACTS: dict[str, str | Promise] = {
    "gate.rule_added": gettext_lazy("Made a rule: an owner is asked first"),
    "gate.rule_ended": gettext_lazy("Ended a rule: an owner is asked first"),
    "gate.granted": gettext_lazy("Said yes to what somebody asked for"),
    "gate.refused": gettext_lazy("Said no to what somebody asked for"),
}
# The tone of `_state.html`.
TONES = {
    Ask.State.PENDING: "needs_yes",
    Ask.State.GRANTED: "succeeded",
    Ask.State.REFUSED: "failed",
    Ask.State.EXPIRED: "warning",
    Ask.State.WITHDRAWN: "withdrawn",
}


def title_of(ask: Ask) -> str:
    """What it is about. Without a title it is private: only what kind of thing it is is said."""
    return ask.title or _("A question to the assistant")


def named(ask: Ask) -> dict[str, str]:
    """The same as facts of a notice, which is read in another language."""
    return {"title": ask.title} if ask.title else {"title": "", "of": "turn"}


def conditions_of(rule: GateRule) -> list[tuple[str, str]]:
    """Each condition that is set, as a label and its words."""
    roles = [str(Role(role).label) for role in rule.roles if role in Role.values]
    models = [catalogue.name_of(model_id) for model_id in rule.model_ids]
    rows = [
        (_("Price"), _("more than %(credits)s") % {"credits": credit_words(rule.above)})
        if rule.above is not None
        else None,
        (_("Asked by"), _(" or ").join(roles)) if roles else None,
        (_("Campaign"), rule.campaign.name) if rule.campaign else None,
        (_("Model"), _(" or ").join(models)) if models else None,
    ]
    return [row for row in rows if row is not None]


def rule_words(rule: GateRule) -> str:
    """The rule in one line: "more than 30 credits · Seller · Diwali"."""
    words = " · ".join(value for _label, value in conditions_of(rule))
    return words or _("everything")
