"""Alerts of packages in words, for timelines."""

from oms_api.db.relations import one_for
from oms_api.db.sql import Sql
from oms_api.domain.events.timeline import narrate
from oms_api.domain.shipping.narration import parcel
from oms_api.domain.tracking.events import ShipmentAlertRaised, ShipmentAlertResolved
from oms_api.domain.tracking.states import ShipmentAlertKind

alerts = one_for("id")(
    Sql("""
SELECT alert.id, alert.kind, concat_ws(' ', package.carrier, package.tracking_number) AS named
FROM shipment_alert alert JOIN package ON package.id = alert.package_id WHERE alert.id = ANY (:id::uuid[])
""")
)
"""What each alert says, and what its parcel is called."""
K = ShipmentAlertKind
PROBLEMS = {
    K.UNSCANNED: "has not been scanned by its carrier",
    K.QUIET: "has not been heard of for days",
    K.LATE: "has not arrived on the day it was promised for",
    K.FAILED_ATTEMPT: "could not be delivered",
    K.RETURNING: "is on its way back",
    K.LOST: "was lost by its carrier",
}
ENDS = {
    K.UNSCANNED: "is with its carrier now, or was given up",
    K.QUIET: "was heard of again",
    K.LATE: "is not awaited any more",
    K.FAILED_ATTEMPT: "goes on after an attempt that failed",
    K.RETURNING: "is not on its way back any more",
    K.LOST: "is not lost any more",
}
narrate(ShipmentAlertRaised, lambda it: f"{parcel(it)} {PROBLEMS[K(it.record.kind)]}.", behind=alerts)
narrate(ShipmentAlertResolved, lambda it: f"{parcel(it)} {ENDS[K(it.record.kind)]}.", behind=alerts)
