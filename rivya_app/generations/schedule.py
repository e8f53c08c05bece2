"""When a job is looked at next. Seconds everywhere.

Rivya advises to wait two to three seconds after submission, then to ask every five to ten, slower
for long jobs (its page on generation status).
"""

import random
from datetime import timedelta

SUBMIT_LEASE = 90  # longer than one call can take; after it the caller is taken for dead
FIRST_CHECK = 2.5
SHORTEST, LONGEST = 5, 60
NEEDS_LOOK_AFTER = 8  # failures in a row
CONFLICTS_BEFORE_LOOK = 4
KEY_REFUSED_PAUSE = 60
SLOW_CHECK = 600
PUBLISH_PAUSE = timedelta(seconds=30)

# The same rule as SQL, so that a claim writes the next time in one statement: a sixth of the
# job's age, between the two bounds, spread by a tenth either way.
NEXT_CHECK_SQL = f"""
    %(now)s + make_interval(secs => (0.9 + 0.2 * random()) * greatest({SHORTEST}, least({LONGEST},
        extract(epoch from %(now)s - coalesce(submitted_at, created_at)) / 6)))
"""


def back_off(troubles: int, retry_after: float | None = None) -> float:
    """Seconds until the next try after `troubles` failures in a row: full jitter, from one up."""
    ceiling = min(2.0 ** min(troubles, 9), SLOW_CHECK)
    return max(retry_after or 0, 1 + random.random() * ceiling)  # noqa: S311  spreads retries, keeps no secret
