"""When Daypass notifies people that something waits for them: immediately, then after growing intervals."""

from datetime import timedelta

LONGEST_PAUSE = timedelta(days=7)
# Of the first pause: one hour grows to four, to a day, two, four, and a week in the end.
_FACTORS = (1, 4, 24, 48, 96)


def pause_after(times_notified: int, *, first_pause: timedelta) -> timedelta:
    """Return how long to wait before the next reminder of somebody who got `times_notified` emails, at least one."""
    if times_notified > len(_FACTORS):
        return LONGEST_PAUSE
    return min(first_pause * _FACTORS[times_notified - 1], LONGEST_PAUSE)
