"""The listener of this process: every open answer is read by one thread."""

from rivya_app.chat.scribe import scribe
from rivya_app.rivya_api.listening import Listener

# With many open answers words are let gather between two rounds, so that one read brings several:
# fewer wake-ups, and fewer entries, for the same words. Seconds.
PAUSE_FOR_EACH_OPEN = 0.0002
LONGEST_PAUSE = 0.05
SHORTEST_PAUSE = 0.005  # below it, none


def _pause(open_count: int) -> float:
    pause = min(LONGEST_PAUSE, PAUSE_FOR_EACH_OPEN * open_count)
    return pause if pause >= SHORTEST_PAUSE else 0.0


# Workers are threads; nothing forks behind them.
listen = Listener(pause=_pause, after_round=scribe().has_news).listen
