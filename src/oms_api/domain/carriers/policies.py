"""Deadlines of calls to carriers, and the times of further tries. Pure."""

from datetime import datetime, timedelta

CALL_S = 20
"""A call that takes longer is given up; what came of it is asked for later."""
RATES_S = 8
"""The same where only prices are asked for: with the purchase behind it, it fits into the time of a request."""
ABANDONED_S = 60
"""From then on nobody waits for an answer any more: whoever asked has ended, by itself or not."""
LATEST_S = 3_600
TRACK_EVERY_S = 3_600
"""How often a carrier is asked where a parcel is."""
FOLLOWED_DAYS = 45
"""What has not arrived so long after its label was bought is asked for no longer."""
MOST_DOUBLINGS = 6


def next_look(now: datetime, looks: int) -> datetime:
    """Return when a label that is not settled is looked at again: after 1, 2, 4... minutes, at most an hour."""
    return now + timedelta(seconds=min(ABANDONED_S * 2 ** min(looks, MOST_DOUBLINGS), LATEST_S))


def abandoned(requested_at: datetime, now: datetime) -> bool:
    """Tell whether nobody waits any more for the answer to what was asked then."""
    return requested_at + timedelta(seconds=ABANDONED_S) <= now
