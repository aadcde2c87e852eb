"""Requests to suppliers in words, for the timelines of orders."""

from collections.abc import Callable

from sqlalchemy import select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.fulfillment.requests import events
from oms_api.domain.fulfillment.requests.queries import visible_to
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.kernel.access import Sight
from oms_api.kernel.events import Event

SAID: dict[type[Event], str] = {
    events.FulfillmentRequestCreated: "{} has work that its supplier is not asked for yet.",
    events.FulfillmentRequestSubmitted: "The supplier of {} was asked to do the work.",
    events.FulfillmentRequestWithdrawn: "The supplier of {} is asked for the work no longer.",
    events.FulfillmentRequestExpired: "The supplier of {} did not answer in time: other locations are looked for.",
    events.FulfillmentRequestCancellationRequested: "The supplier of {} was asked to stop the work.",
    events.FulfillmentRequestChanged: "Work that the supplier of {} was asked for was changed.",
    events.FulfillmentRequestClosed: "The supplier of {} has nothing left to do for it.",
}
ANSWERED: dict[type[Event], str] = {
    events.FulfillmentRequestAccepted: "The supplier of {} accepted the work.",
    events.FulfillmentRequestRejected: "The supplier of {} rejected work: other locations are looked for.",
    events.FulfillmentRequestCancellationAccepted: "The supplier of {} stopped the work.",
    events.FulfillmentRequestCancellationRejected: "The supplier of {} goes on with the work.",
}
"""With the note that the supplier gave."""


@one_for("id")
def narrated_requests(requests: Keys, sight: Sight) -> Found:
    """Find the location of each request that the principal may see, by its code, and what the supplier noted."""
    row = FulfillmentRequestRow
    found = select(row.id, LocationRow.code, row.note).join(LocationRow, LocationRow.id == row.location_id)
    return found.where(among(row.id, requests), *visible_to(sight))


def _of(sentence: str) -> Callable[[Happening], str]:
    return lambda it: sentence.format(it.record.code)


for _event, _sentence in SAID.items():
    narrate(_event, _of(_sentence), behind=narrated_requests)
for _event, _sentence in ANSWERED.items():
    narrate(_event, _of(_sentence), behind=narrated_requests, note=lambda request: request.note)
