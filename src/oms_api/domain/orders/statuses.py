"""Statuses derived from what lines and money say. Pure, and stored with the order so that lists can filter by them."""

from collections.abc import Iterable
from typing import Protocol

from oms_api.domain.orders.states import FulfillmentStatus, LineKind, PaymentStatus, ReturnStatus
from oms_api.domain.payments.balance import Balance

F = FulfillmentStatus


class LineQuantities(Protocol):
    """What a status is derived from: the kind of a line and where its units are."""

    @property
    def kind(self) -> LineKind: ...  # noqa: D102
    @property
    def ordered(self) -> int: ...  # noqa: D102
    @property
    def canceled(self) -> int: ...  # noqa: D102
    @property
    def backordered(self) -> int: ...  # noqa: D102
    @property
    def allocated(self) -> int: ...  # noqa: D102
    @property
    def in_fulfillment(self) -> int: ...  # noqa: D102
    @property
    def shipped(self) -> int: ...  # noqa: D102
    @property
    def delivered(self) -> int: ...  # noqa: D102
    @property
    def lost(self) -> int: ...  # noqa: D102
    @property
    def returned_to_sender(self) -> int: ...  # noqa: D102
    @property
    def sends_again(self) -> bool: ...  # noqa: D102


def fulfillment_status(lines: Iterable[LineQuantities], *, work_has_begun: bool = False) -> FulfillmentStatus:
    """Return the first status that holds, over the lines that ship.

    *work_has_begun* says that a location has begun to pick; until then units on a fulfillment order count as allocated. Lost
    units that are sent again count as those that are sent for them.
    """
    shipping = [line for line in lines if line.kind.ships]
    again = sum(line.ordered - line.canceled for line in shipping if line.sends_again)
    wanted = sum(line.ordered - line.canceled for line in shipping) - again
    delivered = sum(line.delivered for line in shipping)
    shipped = sum(line.shipped for line in shipping) - again
    undelivered = sum(line.lost + line.returned_to_sender for line in shipping) - again
    promised = sum(line.allocated + line.in_fulfillment for line in shipping)
    backordered = sum(line.backordered for line in shipping)
    ladder = (
        (wanted == 0, F.NOT_REQUIRED),
        (delivered >= wanted, F.DELIVERED),
        (delivered > 0, F.PARTIALLY_DELIVERED),
        (undelivered >= wanted, F.UNDELIVERED),
        (shipped >= wanted, F.SHIPPED),
        (shipped > 0, F.PARTIALLY_SHIPPED),
        (work_has_begun, F.IN_PROGRESS),
        (promised >= wanted, F.ALLOCATED),
        (promised > 0, F.PARTIALLY_ALLOCATED),
        (backordered > 0, F.BACKORDERED),
    )
    return next((status for holds, status in ladder if holds), F.UNALLOCATED)


def payment_status(balance: Balance, *, due: int) -> PaymentStatus:
    """Return the first status that holds; *due* in minor units, not below zero."""
    net, moved = balance.net, balance.moved
    ladder = (
        (net > due, PaymentStatus.OVERPAID),
        (moved and net <= 0 and (balance.refunded > 0 or due == 0), PaymentStatus.REFUNDED),
        (balance.refunded > 0, PaymentStatus.PARTIALLY_REFUNDED),
        (moved and net == due, PaymentStatus.PAID),
        (net > 0, PaymentStatus.PARTIALLY_PAID),
        (balance.authorized > 0, PaymentStatus.AUTHORIZED),
        (balance.voided > 0 and not moved, PaymentStatus.VOIDED),
        (due == 0 and not moved, PaymentStatus.NOT_REQUIRED),
    )
    return next((status for holds, status in ladder if holds), PaymentStatus.PENDING)


class ReturnedQuantities(Protocol):
    """What the return status is derived from."""

    @property
    def kind(self) -> LineKind: ...  # noqa: D102
    @property
    def shipped(self) -> int: ...  # noqa: D102
    @property
    def lost(self) -> int: ...  # noqa: D102
    @property
    def returned_to_sender(self) -> int: ...  # noqa: D102
    @property
    def in_return(self) -> int: ...  # noqa: D102
    @property
    def returned(self) -> int: ...  # noqa: D102


def return_status(lines: Iterable[ReturnedQuantities], *, requested: bool) -> ReturnStatus:
    """Return whether goods are coming back; *requested* says that a return waits for somebody to agree to it."""
    counted = [line for line in lines if line.kind is not LineKind.BUNDLE]
    returned = sum(line.returned for line in counted)
    reached = sum(line.shipped - line.lost - line.returned_to_sender for line in counted if line.kind.ships or line.returned)
    ladder = (
        (any(line.in_return for line in counted), ReturnStatus.IN_PROGRESS),
        (returned > 0 and returned >= reached, ReturnStatus.RETURNED),
        (returned > 0, ReturnStatus.PARTIALLY_RETURNED),
        (requested, ReturnStatus.REQUESTED),
    )
    return next((status for holds, status in ladder if holds), ReturnStatus.NONE)
