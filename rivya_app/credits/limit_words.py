"""Limits in words: whose they are, for how long they count, and what they do."""

from collections.abc import Callable

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rivya_app.core.text import credit_words
from rivya_app.credits.limits import Bound
from rivya_app.credits.models import Limit
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Campaign, Membership

Scope = Limit.Scope

_MONTHLY: dict[str, Callable[[], str]] = {
    Scope.WORKSPACE: lambda: _("the monthly limit of the whole workspace"),
    Scope.CAMPAIGN: lambda: _("the monthly limit of the campaign %(name)s"),
    Scope.MEMBER: lambda: _("the monthly limit of %(name)s"),
    Scope.KEY: lambda: _("the monthly limit of the key %(name)s"),
}
_IN_ALL: dict[str, Callable[[], str]] = {
    Scope.WORKSPACE: lambda: _("the limit of the whole workspace"),
    Scope.CAMPAIGN: lambda: _("the limit of the campaign %(name)s"),
    Scope.MEMBER: lambda: _("the limit of %(name)s"),
    Scope.KEY: lambda: _("the limit of the key %(name)s"),
}


def whose(bound: Bound, reader: Membership) -> str:
    """What stands in the way, within a sentence: "the monthly limit of Asha". One query."""
    if bound.limit_id is None:
        return _("the budget of %(name)s") % {"name": _name(bound)}
    if bound.scope == Scope.MEMBER and bound.subject_id == reader.pk:
        return _("your own monthly limit") if bound.period else _("your own limit")
    words = (_MONTHLY if bound.period else _IN_ALL)[bound.scope]()
    return words % {"name": _name(bound)} if bound.scope != Scope.WORKSPACE else words


def facts_of(bound: Bound) -> dict[str, str]:
    """For a notice: `campaign` where its budget is meant, else whose limit it is. One query."""
    if bound.limit_id is None:
        return {"campaign": _name(bound)}
    return {"scope": str(bound.scope), "name": _name(bound)}


def _name(bound: Bound) -> str:
    """As its campaign, person or key is called."""
    if bound.scope == Scope.CAMPAIGN:
        return Campaign.objects.get(pk=bound.subject_id).name
    if bound.scope == Scope.MEMBER:
        return str(Membership.objects.select_related("user").get(pk=bound.subject_id))
    if bound.scope == Scope.KEY:
        return ApiKey.objects.values_list("purpose", flat=True).get(pk=bound.subject_id)
    return ""


def title(limit: Limit) -> str:
    """Whose it is, as a heading."""
    if limit.scope == Scope.WORKSPACE:
        return _("The whole workspace")
    return capfirst(limit.name)


def in_short(limit: Limit) -> str:
    """ "100 credits each month, refuses" """
    return _("%(amount)s %(period)s, %(kind)s") % {
        "amount": credit_words(limit.amount),
        "period": period_words(limit),
        "kind": _("refuses") if limit.is_hard else _("only warns"),
    }


def period_words(limit: Limit) -> str:
    """Within a sentence."""
    return _("each month") if limit.period == Limit.Period.MONTH else _("in all")
