"""Who the goods of a request go to, as far as its supplier needs to know. Pure."""

from datetime import datetime
from typing import Any, Protocol

from oms_api.db.columns import Json
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus

S = FulfillmentRequestStatus


class Asked(Protocol):
    """A request as far as it says whether there is something to send."""

    @property
    def status(self) -> FulfillmentRequestStatus: ...  # noqa: D102

    @property
    def answered_at(self) -> datetime | None: ...  # noqa: D102


def sends(asked: Asked) -> bool:
    """Tell whether the supplier has goods to send, or has sent some."""
    return asked.status is S.SUBMITTED or asked.status.agreed or (asked.status is S.CLOSED and asked.answered_at is not None)


def recipient_of(shown: Any, asked: Asked) -> Json | None:  # noqa: ANN401 - a row of `requests_shown`
    """Return the address with a name and a telephone number, never an e-mail; None where the supplier has nothing to send."""
    if not shown.shipping_address or not sends(asked):
        return None
    contact = shown.contact or {}
    missing = {name: contact.get(name) for name in ("name", "phone") if not shown.shipping_address.get(name)}
    return {**shown.shipping_address, **missing}


def delivery_point_of(shown: Any, asked: Asked) -> Json | None:  # noqa: ANN401 - a row of `requests_shown`
    """Return the pickup point or locker that the goods go to, None where there is none or nothing to send."""
    return (shown.delivery_point or None) if sends(asked) else None
