"""When a job is looked at next, and when it has taken too long. Seconds everywhere.

Rivya advises to wait two to three seconds after submission, then to ask every five to ten, slower
for long jobs (its page on generation status). Where a healthy webhook announces the end, one early
look makes sure that the job really runs, and slow ones stand behind the webhook.
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
REFERENCES_CHECK = 15  # behind the word of the library that a file is at Rivya

# By media kind: the safety look at a job that a webhook announces, after its submission.
SAFETY_CHECK = {"image": 30, "audio": 45, "video": 90}
ANNOUNCED_CHECK = 300  # after the safety look
FAIR_TIME = 60  # a webhook may take this long after Rivya's own end before it counts as missed

# By media kind: running longer is for a person to look at, unless the model itself takes longer.
MOST_RUNNING = {"image": 15 * 60, "audio": 30 * 60, "video": 60 * 60}
LEAST_MOST_RUNNING = min(MOST_RUNNING.values())
MOST_TIMES_P95 = 3
MOST_WAITING = 15 * 60  # before it was ever sent, for a key or for its references


def first_check(media_kind: str, *, is_announced: bool) -> float:
    """From Rivya's acceptance to the first look."""
    if not is_announced:
        return FIRST_CHECK
    return SAFETY_CHECK.get(media_kind, max(SAFETY_CHECK.values()))


def most_running(media_kind: str, p95: float | None) -> float:
    """How long a job may run before a person is asked; `p95` is the model's own, where known."""
    limit = MOST_RUNNING.get(media_kind, max(MOST_RUNNING.values()))
    return max(limit, MOST_TIMES_P95 * (p95 or 0))


# The same rules as SQL, so that a claim writes the next time in one statement: a sixth of the
# job's age, between the two bounds; slowly where a person was asked or a webhook tells; all of it
# spread by a tenth either way.
NEXT_CHECK_SQL = f"""
    %(now)s + make_interval(secs => (0.9 + 0.2 * random()) * CASE
        WHEN look_reason = 'overdue' THEN {SLOW_CHECK}
        WHEN api_key_id = ANY(%(announced)s) THEN {ANNOUNCED_CHECK}
        ELSE greatest({SHORTEST}, least({LONGEST},
            extract(epoch from %(now)s - coalesce(submitted_at, created_at)) / 6)) END)
"""
# Nobody plans a look later than this without an announcement or a question to a person.
LATEST_UNANNOUNCED = LONGEST * 1.1


def back_off(troubles: int, retry_after: float | None = None) -> float:
    """Seconds until the next try after `troubles` failures in a row: full jitter, from one up."""
    ceiling = min(2.0 ** min(troubles, 9), SLOW_CHECK)
    return max(retry_after or 0, 1 + random.random() * ceiling)  # noqa: S311  spreads retries, keeps no secret
