"""A trial as a person goes through it: the form, the checklist, the run or why there is none."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from rivya_app.core.text import credit_words
from rivya_app.credits.ledger import NotEnoughCredits, OverLimit
from rivya_app.generations.actions import NoKey
from rivya_app.generations.models import Generation
from rivya_app.library.uses import FileGone
from rivya_app.workflows import access, actions, dry_run, pages
from rivya_app.workflows.actions import ModelGone, PriceMoved, WantedTrial
from rivya_app.workflows.dry_run import Checked
from rivya_app.workflows.facts import Known, known_of
from rivya_app.workflows.trial_form import TrialForm
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Trial:
    """`checked` is None until the form was sent."""

    member: Membership
    known: Known
    form: TrialForm
    checked: Checked | None

    def page(self) -> dict[str, Any]:
        return pages.trial_page(self.member, self.known, self.form, self.checked)

    def run(self) -> Generation | None:
        """The job, made now or by an earlier press of the same button; None where something
        stands against it, which the page says then. Raises PermissionDenied."""
        token = self.form.form_token
        earlier = access.trial_with(self.known.flow, token) if token else None
        if earlier is not None:
            return earlier.generation
        if self.checked is None or token is None or not self.checked.is_clear:
            return None
        return self._made(token)

    def _made(self, token: UUID) -> Generation | None:
        flow, seen = self.known.flow, self.form.price_seen
        price = self.checked.price if self.checked else None
        if price is None or seen != price.expected:
            self.form.add_error(None, _moved(price.expected if price else None))
            return None
        wanted = WantedTrial(
            token=token,
            job_id=dry_run.job_id(flow, token),
            price=price.expected,
            recipe=self.form.recipe,
            body=dry_run.body_of(flow, self.form, token),
        )
        try:
            return actions.run_trial(member=self.member, flow=flow, wanted=wanted)
        except PriceMoved as moved:
            self.form.add_error(None, _moved(moved.price))
        except (ModelGone, NoKey, NotEnoughCredits, OverLimit, FileGone):
            words = _("Something changed meanwhile. Check it again; nothing was sent.")
            self.form.add_error(None, words)
        return None


def _moved(price: Any) -> str:
    if price is None:
        return _("There is no price now. Check it again; nothing was sent.")
    words = _("It costs %(credits)s now. Look at the price, then press again; nothing was sent.")
    return words % {"credits": credit_words(price)}


def trial(member: Membership, public_id: UUID, data: QueryDict | None) -> Trial:
    """Raises Http404, PermissionDenied."""
    flow = access.workflow_to_try(member, public_id)
    known = known_of(member, [flow])[0]
    form = TrialForm(data, member=member, known=known)
    checked = dry_run.check(member, known, form) if data is not None else None
    return Trial(member, known, form, checked)
