from datetime import UTC, datetime
from threading import Thread

import pytest

from rivya_app.core import clock

THEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_it_stands_still_within_the_block_and_goes_on_after():
    with clock.at(THEN):
        assert clock.now() == THEN
    assert clock.now() > THEN
    with pytest.raises(RuntimeError), clock.at(THEN):
        raise RuntimeError
    assert clock.now() > THEN


def test_it_stands_still_for_this_thread_alone():
    seen = []
    with clock.at(THEN):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] > THEN
