"""The recipient of a request's goods, as far as the supplier needs to know. Pure."""

from typing import Any

from oms_api.db.columns import Json
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus

S = FulfillmentRequestStatus


def sends(shown: Any, status: S) -> bool:  # noqa: ANN401 - a row of `requests_shown`
    """Tell whether the supplier has goods to send, or has sent some."""
    return status is S.SUBMITTED or status.agreed or shown.shipped > 0


def recipient_of(shown: Any, status: S) -> Json | None:  # noqa: ANN401 - a row of `requests_shown`
    """Return the address with a name and a telephone number, never an e-mail; None where the supplier has nothing to send."""
    if not shown.shipping_address or not sends(shown, status):
        return None
    contact = shown.contact or {}
    missing = {name: contact.get(name) for name in ("name", "phone") if not shown.shipping_address.get(name)}
    return {**shown.shipping_address, **missing}


def delivery_point_of(shown: Any, status: S) -> Json | None:  # noqa: ANN401 - a row of `requests_shown`
    """Return the pickup point or locker that the goods go to, None where there is none or nothing to send."""
    return (shown.delivery_point or None) if sends(shown, status) else None
