"""The events of pickups in words, for timelines."""

from oms_api.db.relations import one_for
from oms_api.db.sql import Sql
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.pickups.events import (
    PickupCanceled,
    PickupCodeRefused,
    PickupCodeRenewed,
    PickupExpired,
    PickupExtended,
    PickupHandedOver,
    PickupReady,
    PickupReminderDue,
)
from oms_api.domain.pickups.policies import MOST_TRIES

places_of_pickups = one_for("id")(
    Sql("""
SELECT pickup.id, location.code FROM pickup JOIN location ON location.id = pickup.location_id
WHERE pickup.id = ANY (:id::uuid[])
""")
)
"""Where the goods of each pickup wait; whoever sees such an event sees the pickup."""


def ready(it: Happening) -> str:
    """Say where goods wait, and for how long."""
    return f"The goods wait for the customer in {it.record.code} until {it.now('pickup.collectBy')}."


def refused(it: Happening) -> str:
    """Say that a wrong code was given, and whether that was one too many."""
    tries = it.now("pickup.wrongTries")
    locked = ": the pickup is locked until its code is renewed" if tries >= MOST_TRIES else ""
    return f"A wrong pickup code was given in {it.record.code}, {tries} of {MOST_TRIES}{locked}."


narrate(PickupReady, ready, behind=places_of_pickups)
narrate(
    PickupReminderDue, lambda it: f"The customer is to be reminded of the goods in {it.record.code}.", behind=places_of_pickups
)
narrate(PickupCodeRefused, refused, behind=places_of_pickups)
narrate(PickupCodeRenewed, "The pickup has another code.")
narrate(
    PickupExtended,
    lambda it: f"The goods wait in {it.record.code} until {it.now('pickup.collectBy')}.",
    behind=places_of_pickups,
)
narrate(PickupHandedOver, lambda it: f"The customer fetched the goods in {it.record.code}.", behind=places_of_pickups)
narrate(PickupCanceled, lambda it: f"The goods in {it.record.code} wait for the customer no longer.", behind=places_of_pickups)
narrate(
    PickupExpired,
    lambda it: f"Nobody fetched the goods in {it.record.code} in time: they are canceled.",
    behind=places_of_pickups,
)
