"""A trial as a person goes through it: the form, the checklist, the run or why there is none."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.core.text import credit_words
from rivya_app.credits.ledger import NotEnoughCredits, OverLimit
from rivya_app.generations.actions import NoKey
from rivya_app.generations.models import Generation
from rivya_app.library.uses import FileGone
from rivya_app.workflows import access, actions, dry_run, pages
from rivya_app.workflows.actions import ModelGone, PriceMoved, WantedTrial
from rivya_app.workflows.dry_run import Checked
from rivya_app.workflows.facts import Known
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

    def run(self) -> str:
        """Where the job is seen, made now or by an earlier press of the same button; "" where
        something stands against it, which the page says then. Raises PermissionDenied."""
        flow = self.known.flow
        return reverse("workflows:show", args=[flow.public_id]) if self._run() else ""

    def _run(self) -> Generation | None:
        token = self.form.form_token
        earlier = access.trial_with(self.known.flow, token) if token else None
        if earlier is not None:
            return earlier.generation
        if self.checked is None or token is None or not self.checked.is_clear:
            return None
        return self._made(token)

    def _made(self, token: UUID) -> Generation | None:
        flow = self.known.flow
        amount = self.checked.amount if self.checked else None
        if amount is None or self.form.price_seen != amount:
            self.form.add_error(None, moved(amount))
            return None
        wanted = WantedTrial(
            token=token,
            job_id=dry_run.job_id(flow, token),
            price=amount,
            recipe=self.form.recipe,
            body=dry_run.body_of(flow, self.form, token),
        )
        try:
            return actions.run_trial(member=self.member, flow=flow, wanted=wanted)
        except PriceMoved as refused:
            self.form.add_error(None, moved(refused.price))
        except (ModelGone, NoKey, NotEnoughCredits, OverLimit, FileGone):
            self.form.add_error(None, changed())
        return None


def changed() -> str:
    return _("Something changed meanwhile. Check it again; nothing was sent.")


def moved(price: Decimal | None) -> str:
    """Why it was not run at the price that stood on the button."""
    if price is None:
        return _("There is no price now. Check it again; nothing was sent.")
    words = _("It costs %(credits)s now. Look at the price, then press again; nothing was sent.")
    return words % {"credits": credit_words(price)}


def trial(member: Membership, known: Known, data: QueryDict | None) -> Trial:
    form = TrialForm(data, member=member, known=known)
    checked = dry_run.check(member, known, form) if data is not None else None
    return Trial(member, known, form, checked)
