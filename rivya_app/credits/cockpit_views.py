"""The owner's first look at credits, and the wallet against the ledger. Support reads along."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page
from rivya_app.core.text import credit_words
from rivya_app.credits import access, cockpit, differences, expiries, wallet
from rivya_app.credits.cockpit_forms import ExpiryForm, MarksForm, NameForm
from rivya_app.credits.wallet import Asked
from rivya_app.credits.wallet_page import wallet_page
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

owners = members(Role.OWNER)
readers = members(Role.OWNER, Role.SUPPORT)
form_methods = require_http_methods(["GET", "HEAD", "POST"])

_SAID = {
    Asked.JUST_READ: (
        messages.INFO,
        gettext_lazy("Rivya was asked a moment ago. The balance below is as fresh as it gets."),
    ),
    Asked.UNREACHABLE: (
        messages.ERROR,
        gettext_lazy(
            "Rivya could not be reached, so the balance below is the one read before. "
            "Try again in a few minutes."
        ),
    ),
    Asked.NO_KEY: (
        messages.ERROR,
        gettext_lazy("There is no key to ask Rivya with. Add one under Keys."),
    ),
}


def _typed(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@require_safe
@readers
def show(request: MemberRequest) -> HttpResponse:
    return render(request, "credits/cockpit.html", cockpit.cockpit_page(request.member))


@require_POST
@owners
def refresh(request: MemberRequest) -> HttpResponse:
    """Ask Rivya for the balance now."""
    asked = wallet.ask_now(member=request.member)
    if asked is Asked.READ:
        left = credit_words(wallet.standing(request.member.workspace).available)
        said = _("Rivya’s balance was read: %(left)s left to spend.") % {"left": left}
        messages.success(request, said)
    else:
        level, words = _SAID[asked]
        messages.add_message(request, level, str(words))
    return redirect("credits:wallet" if request.POST.get("back") == "wallet" else "credits:cockpit")


@form_methods
@owners
def change_marks(request: MemberRequest) -> HttpResponse:
    """When owners are told of a low balance and of differences."""
    form = MarksForm.of(wallet.account_of(request.member.workspace), _typed(request))
    if form.is_bound and form.is_valid():
        wallet.change_marks(member=request.member, **form.cleaned_data)
        messages.success(request, _("Kept. Owners are told at these marks from now on."))
        return redirect("credits:cockpit")
    return form_page(request, "credits/marks.html", form)


@form_methods
@owners
def add_expiry(request: MemberRequest) -> HttpResponse:
    """Write down when a plan or a pack ends."""
    form = ExpiryForm(_typed(request))
    if form.is_bound and form.is_valid():
        expiries.add(member=request.member, wanted=form.wanted())
        messages.success(request, _("Written down. It is counted from now on."))
        return redirect("credits:cockpit")
    return form_page(request, "credits/add_expiry.html", form)


@require_POST
@owners
def remove_expiry(request: MemberRequest, public_id: UUID) -> HttpResponse:
    expiries.remove(member=request.member, public_id=public_id)
    messages.success(request, _("Taken away. Nothing changed at Rivya."))
    return redirect("credits:cockpit")


@require_safe
@readers
def show_wallet(request: MemberRequest) -> HttpResponse:
    return render(request, "credits/wallet.html", wallet_page(request.member, request.GET))


@form_methods
@owners
def name_difference(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Say why the balance moved."""
    row = access.difference(request.member, public_id)
    form = NameForm(_typed(request), difference=row)
    if form.is_bound and form.is_valid():
        differences.name(member=request.member, public_id=public_id, named=form.named())
        messages.success(request, _("Kept, with your name and the time."))
        return redirect("credits:wallet")
    return form_page(
        request, "credits/name_difference.html", form, {"difference": row, "size": abs(row.amount)}
    )
