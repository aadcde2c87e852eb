"""Inputs about holds."""

from datetime import datetime

from oms_api.domain.fulfillment.holds.commands.place import HoldFulfillmentOrder, HoldOrder
from oms_api.domain.fulfillment.holds.commands.release import ReleaseFulfillmentOrder, ReleaseOrder
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import FulfillmentOrderId, HoldId, OrderId


@input_type
class OrderHoldInput(Input[HoldOrder]):
    """A hold to place on an order."""

    by_itself = True
    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same hold."""
    order_id: OrderId
    """The order; it must be OPEN."""
    reason: str
    """The code of an order reason whose use is HOLD; see `orderReasons`."""
    handle: str | None = None
    """Your own name for the hold, by which it can be released; unique among the active holds of the order."""
    note: str | None = None
    """A remark for whoever looks at the hold."""
    approval: bool = False
    """Whether only an API key with the scope `orders:approve` may release it."""
    release_at: datetime | None = None
    """When the hold is released automatically, in the future; null for never. Must be null where `approval` is true."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""


@input_type
class FulfillmentOrderHoldInput(Input[HoldFulfillmentOrder]):
    """A hold to place on a fulfillment order."""

    by_itself = True
    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same hold."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order; it must have work left."""
    reason: str
    """The code of an order reason whose use is HOLD; see `orderReasons`."""
    handle: str | None = None
    """Your own name for the hold, by which it can be released; unique among the active holds of the fulfillment order."""
    note: str | None = None
    """A remark for whoever looks at the hold."""
    approval: bool = False
    """Whether only an API key with the scope `orders:approve` may release it."""
    release_at: datetime | None = None
    """When the hold is released automatically, in the future; null for never. Must be null where `approval` is true."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class OrderHoldReleaseInput(Input[ReleaseOrder]):
    """Selects the holds of an order that are to be released.

    Only the holds that match every given field of `holdId`, `handle` and `reason` are released; without these fields, all holds
    of the order are released.
    """

    by_itself = True
    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order."""
    order_id: OrderId
    """The order."""
    hold_id: HoldId | None = None
    """The hold to release."""
    handle: str | None = None
    """The handle of the hold to release."""
    reason: str | None = None
    """The code of the reason of the holds to release."""
    note: str | None = None
    """A remark on the release; required where another client's hold is released."""
    force: bool = False
    """Whether holds that another client placed are released too."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""


@input_type
class FulfillmentOrderHoldReleaseInput(Input[ReleaseFulfillmentOrder]):
    """A fulfillment order whose holds are released: all its active holds, or only holds that match every field given."""

    by_itself = True
    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fulfillment order."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order."""
    hold_id: HoldId | None = None
    """The hold to release."""
    handle: str | None = None
    """The handle of the hold to release."""
    reason: str | None = None
    """The code of the reason of the holds to release."""
    note: str | None = None
    """A remark on the release; required where another client's hold is released."""
    force: bool = False
    """Whether holds that another client placed are released too."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class OrdersHoldInput:
    """Holds to place on many orders. Each has its own idempotency key, so that a batch can be sent again safely."""

    holds: list[OrderHoldInput]
    """1 to 250 holds, each order once."""


@input_type
class FulfillmentOrdersHoldInput:
    """Holds to place on many fulfillment orders. Each hold has its own idempotency key, so the batch can be sent again."""

    holds: list[FulfillmentOrderHoldInput]
    """1 to 250 holds, each fulfillment order once."""


@input_type
class OrdersHoldReleaseInput:
    """Holds to release on many orders. Each entry has its own idempotency key, so that a batch can be sent again safely."""

    releases: list[OrderHoldReleaseInput]
    """1 to 250 rows, each order once."""


@input_type
class FulfillmentOrdersHoldReleaseInput:
    """Holds to release on many fulfillment orders. Each entry has its own idempotency key, so the batch can be sent again."""

    releases: list[FulfillmentOrderHoldReleaseInput]
    """1 to 250 rows, each fulfillment order once."""
