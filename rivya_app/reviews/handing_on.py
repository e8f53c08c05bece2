"""Reviews that only somebody who left could decide on: whoever decides now is told."""

from rivya_app.reviews import telling
from rivya_app.reviews.models import Review
from rivya_app.workspaces.leaving import Departure


def hand_on(departure: Departure) -> None:
    """Of each campaign that lost its only decider, what still waits."""
    for campaign, member in departure.decides_now.items():
        waiting = Review.objects.filter(campaign=campaign, state=Review.State.PENDING)
        for review in waiting.select_related("brief").order_by("pk"):
            telling.waits_for(member, review)
