"""A campaign in full swing, for tests that look at every page of it. Rows come from real acts."""

from dataclasses import dataclass

from rivya_app.briefs.models import Brief
from rivya_app.handoff.models import Package, PackedFile
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Campaign, Membership
from tests import packing, reviewing
from tests.campaigns.making import made
from tests.shop import Shop


@dataclass(frozen=True)
class Work:
    """One of each: waiting, sent back, approved and handed over."""

    campaign: Campaign
    brief: Brief
    pending: Review
    sent_back: Review
    approved: Review
    package: Package
    cut: PackedFile

    @property
    def paths(self) -> list[str]:
        """Its pages, as an owner may open them."""
        campaign, package = f"/campaigns/{self.campaign.public_id}/", self.package.public_id
        drafts = f"/briefs/{self.brief.public_id}/drafts"
        reviews = [self.pending, self.sent_back, self.approved]
        return [
            "/reviews/",
            "/reviews/?look=grid",
            "/reviews/?state=decided",
            "/reviews/settings/",
            f"/reviews/approve/?review={self.pending.public_id}",
            *(f"/reviews/{review.public_id}/" for review in reviews),
            "/campaigns/",
            "/campaigns/new/",
            campaign,
            f"{campaign}change/",
            f"{campaign}cost/",
            f"/briefs/{self.brief.public_id}/",
            f"/briefs/{self.brief.public_id}/chain/",
            f"{drafts}/2/attempts/",
            "/handoff/",
            f"/handoff/new/?review={self.approved.public_id}",
            f"/handoff/{package}/",
            f"/handoff/{package}/files/{self.cut.public_id}/crop/",
            "/handoff/destinations/",
        ]


def work_of(shop: Shop, seller: Membership, manager: Membership) -> Work:
    """Three drafts of one brief on their different ways."""
    campaign = made(manager, budget=200, brand_notes="Warm light")
    brief = shop.submit(seller, campaign=campaign, draft_count=3)
    shop.finish(brief)
    files = reviewing.results_of(brief)
    pending, sent_back, approved = (
        reviewing.actions.request_review(member=seller, file_ids=[file.public_id])[0]
        for file in files
    )
    reviewing.decided(manager, sent_back, "changes_wanted")
    reviewing.decided(manager, approved)
    package = packing.built(packing.asked_for(seller, approved))
    for review in (sent_back, approved):
        review.refresh_from_db()
    cut = packing.only(package, "square")
    return Work(campaign, brief, pending, sent_back, approved, package, cut)
