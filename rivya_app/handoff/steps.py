"""What the way out adds to the chain of a brief: when something of it was packed and given away."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.briefs.chain import Step
from rivya_app.briefs.models import Brief
from rivya_app.handoff import history
from rivya_app.handoff.models import PackageEvent

_WORDS: dict[str, str | Promise] = {
    history.PACKED: _("Packed in “%(title)s”"),
    "shared": _("A link to “%(title)s” was made"),
    "sent": _("“%(title)s” was sent to another system"),
}


def of_brief(brief: Brief) -> list[Step]:
    """In one query. Who packed is who asked for the package."""
    rows = PackageEvent.objects.filter(package__items__brief=brief, kind__in=_WORDS).distinct()
    related = rows.select_related("package__made_by__user", "member__user")
    return [_step(event) for event in related]


def _step(event: PackageEvent) -> Step:
    package = event.package
    return Step(
        at=event.created_at,
        kind="handoff",
        words=str(_WORDS[event.kind]) % {"title": package.title},
        by=str(event.member or package.made_by),
        url=reverse("handoff:show-package", args=[package.public_id]),
    )
