"""When a turn is looked at next, and when it has waited too long. Seconds everywhere."""

import random

LEASE = 30  # of a worker that writes an answer; renewed while it lives
RENEW_EVERY = 8
SAVE_EVERY = 2.0  # from the live text to the row
PUBLISH_PAUSE = 20  # a task that has not begun by then is published again
KEY_REFUSED_PAUSE = 60
LONGEST_BACK_OFF = 60
MOST_WAITING = 3600  # for Rivya to take it; a question is of its hour

# Looks at the session after an end whose cost is not known, then as the last one says.
CHECKS = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
# So many looks without an answer end the search: Rivya said itself that the turn failed, or the
# stream broke and Rivya may go on writing for a while.
LOOKS_AFTER_FAILURE = 3
LOOKS_AFTER_BREAK = 8
MOST_LOOKS = 150  # about a day; then a session that cannot be reached counts as one that is gone
LOOKS_FOR_COST = 4  # the answer is there, its cost is not
SESSION_PAUSE = 2  # until the session of a broken question is found
CONFLICT_PAUSE = 5  # the session is still busy with a turn that was interrupted
MOST_CONFLICTS = 12


def next_check(check_count: int) -> float:
    """From one look at the session to the next one."""
    return CHECKS[min(check_count, len(CHECKS) - 1)]


def back_off(troubles: int, retry_after: float | None = None) -> float:
    """Until the next try after `troubles` refusals in a row: full jitter, from one up."""
    ceiling = min(2.0 ** min(troubles, 9), LONGEST_BACK_OFF)
    return max(retry_after or 0, 1 + random.random() * ceiling)  # noqa: S311  keeps no secret
