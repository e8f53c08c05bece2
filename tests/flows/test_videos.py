"""A worker dies by -9 while an approval's video is started or sent for review: one video, ever."""

import pytest

from rivya_app.generations.models import Generation
from rivya_app.reviews import actions
from rivya_app.reviews.models import Review, VideoConcept
from tests.flows.crash_points import VIDEO_POINTS
from tests.flows.proof import assert_one_of_each
from tests.reviewing import asked, decided, video_order
from tests.waiting import wait_for


@pytest.fixture
def approved(shop, seller, manager, owner):
    """A still approved with a video, its undo window over."""
    actions.change_settings(member=owner, makers_may_approve=False, undo_seconds=0)
    review = asked(shop, seller)
    decided(manager, review, video=video_order(review))
    return review


def film_is_in_the_queue() -> bool:
    return Review.objects.filter(media_kind="video", state="pending").exists()


@pytest.mark.parametrize("step", VIDEO_POINTS)
def test_it_makes_one_film_though_its_worker_was_killed(shop, approved, plant, step):
    plant.clock()
    doomed = plant.worker(die_at=step)
    plant.wait_until_dead(doomed, step)
    assert not film_is_in_the_queue()
    plant.worker()
    wait_for(film_is_in_the_queue, what="the film's review")
    assert_one_of_each(shop, count=2)
    assert Generation.objects.filter(media_kind="video").count() == 1
    assert VideoConcept.objects.get().state == "started"
    assert Review.objects.filter(media_kind="video").count() == 1
    assert approved.brief.drafts.count() == 2
