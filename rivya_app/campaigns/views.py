"""The campaign pages. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rivya_app.campaigns import pages
from rivya_app.campaigns.forms import CampaignForm
from rivya_app.campaigns.money import money_of
from rivya_app.core.guard import members
from rivya_app.core.text import credit_words
from rivya_app.workspaces import access, campaigns
from rivya_app.workspaces.campaigns import ChangedMeanwhile, NameTaken
from rivya_app.workspaces.models import Campaign
from rivya_app.workspaces.requests import MemberRequest

changers = members(*campaigns.MAY_CHANGE)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "campaigns/index.html", pages.index_page(request.member, request.GET))


@require_safe
@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The board, or one stage of it with everything in it."""
    context = pages.show_page(request.member, public_id, request.GET)
    page = "campaigns/stage.html" if "stage" in context else "campaigns/show.html"
    return render(request, page, context)


@require_safe
@members()
def show_cost(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "campaigns/cost.html", pages.cost_page(request.member, public_id))


@form_methods
@changers
def new(request: MemberRequest) -> HttpResponse:
    """The form, and its sending. A refusal keeps everything that was typed."""
    form = CampaignForm(_typed(request), member=request.member)
    if _is_sent(request, form):
        try:
            campaign = campaigns.make_campaign(member=request.member, wanted=form.wanted())
        except NameTaken:
            form.explain_taken()
        else:
            return redirect("campaigns:show-campaign", campaign.public_id)
    return _form_answer(request, form)


@form_methods
@changers
def change(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The same for one that is there."""
    before = access.campaign(request.member, public_id)
    form = CampaignForm(_typed(request), member=request.member, campaign=before)
    if _is_sent(request, form):
        try:
            campaign = campaigns.change_campaign(
                member=request.member, public_id=public_id, wanted=form.wanted(), seen_at=form.seen
            )
        except NameTaken:
            form.explain_taken()
        except ChangedMeanwhile as refusal:
            form.explain_change(refusal, before.changed_at)
        else:
            _say_what_is_left(request, campaign)
            return redirect("campaigns:show-campaign", public_id)
    return _form_answer(request, form)


def _typed(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _is_sent(request: MemberRequest, form: CampaignForm) -> bool:
    """Whether it was sent to be kept, and nothing in it is wrong."""
    return request.method == "POST" and not form.is_refresh and form.is_valid()


def _say_what_is_left(request: MemberRequest, campaign: Campaign) -> None:
    """A budget below what is used is allowed, and said."""
    over = money_of([campaign])[campaign.pk].over
    if over:
        said = _("The budget is %(over)s below what is used already. Nothing new starts in it.")
        messages.warning(request, said % {"over": credit_words(over)})


def _form_answer(request: MemberRequest, form: CampaignForm) -> HttpResponse:
    is_wrong = request.method == "POST" and not form.is_refresh
    if form.is_bound and not is_wrong:
        form.stay_silent()
    context = pages.form_page(form)
    return render(request, "campaigns/form.html", context, status=422 if is_wrong else 200)


@form_methods
@changers
def archive(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks, then puts the campaign away; for one that is away, takes it out again."""
    if request.method != "POST":
        campaign = access.campaign(request.member, public_id)
        return render(request, "campaigns/archive.html", {"campaign": campaign})
    if request.POST.get("to") == "in_use":
        campaigns.unarchive_campaign(member=request.member, public_id=public_id)
        messages.success(request, _("The campaign is in use again."))
    else:
        campaigns.archive_campaign(member=request.member, public_id=public_id)
        messages.success(request, _("The campaign is archived. What runs and waits goes on."))
    return redirect("campaigns:show-campaign", public_id)
