"""What a channel and a location may be told to be. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypedDict

from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.channels.states import Activity, AddressCheck, HandOver, ReleaseWhen
from oms_api.kernel.address import Address
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import SourcingProfileId, SupplierId
from oms_api.kernel.naming import check_name, check_time_zone, shown

LONGEST_RESERVATION_MINUTES = 60 * 24 * 30
LONGEST_TO_CANCEL_MINUTES = MINUTES_OF_A_YEAR = 60 * 24 * 365
LONGEST_PICKUP_DAYS = 365
BOUNDED = {
    "pay_within_minutes": (1, MINUTES_OF_A_YEAR, "no deadline"),
    "complete_after_days": (0, 3650, "never"),
    "answer_within_minutes": (1, MINUTES_OF_A_YEAR, "no deadline"),
    "alert_unscanned_after_hours": (1, 24 * 30, "no such alerts"),
    "alert_quiet_after_days": (1, 90, "no such alerts"),
    "pickup_days": (1, LONGEST_PICKUP_DAYS, "no pickup"),
    "pickup_reminder_days": (1, LONGEST_PICKUP_DAYS, "no reminder"),
    "stock_valid_minutes": (1, MINUTES_OF_A_YEAR, "ever"),
}
"""What lies between two numbers, both allowed, and what null means."""
CUSTOMS_NUMBERS = {
    "eori": (re.compile("[A-Z]{2}[A-Z0-9]{1,15}"), "GB123456789000: a country's code and up to 15 letters and digits"),
    "ioss": (re.compile("IM[0-9]{10}"), "IM1234567890: IM and ten digits"),
}
SHOWN = {
    "name": "name",
    "status": "status",
    "time_zone": "timeZone",
    "prices_include_tax": "pricesIncludeTax",
    "sells_safety_stock": "sellsSafetyStock",
    "reservation_minutes": "reservationMinutes",
    "buffer": "buffer",
    "cancel_shipment_within_minutes": "cancelShipmentWithinMinutes",
    "hand_over": "handOver",
    "release_when": "releaseWhen",
    "cancel_unpaid": "cancelUnpaid",
    "needs_recipient": "needsRecipient",
    "address_check": "addressCheck",
    "accepts_orders": "acceptsOrders",
    "submits_requests": "submitsRequests",
}


class ChannelChanges(TypedDict, total=False):
    """What is to be different; what is left out stays as it is."""

    name: str
    status: Activity
    time_zone: str
    prices_include_tax: bool
    sells_safety_stock: bool
    reservation_minutes: int
    complete_after_days: int | None
    hand_over: HandOver
    release_when: ReleaseWhen
    pay_within_minutes: int | None
    cancel_unpaid: bool
    needs_recipient: bool
    address_check: AddressCheck
    buffer: int
    cancel_shipment_within_minutes: int
    alert_unscanned_after_hours: int | None
    alert_quiet_after_days: int | None
    sourcing_profile_id: SourcingProfileId | None
    eori: str | None
    ioss: str | None


class LocationChanges(TypedDict, total=False):
    """What is to be different; what is left out stays as it is."""

    name: str
    status: Activity
    time_zone: str
    accepts_orders: bool
    address: Address | None
    calendar: Calendar | None
    open_order_limit: int | None
    eori: str | None
    supplier_id: SupplierId | None
    answer_within_minutes: int | None
    submits_requests: bool
    pickup_days: int | None
    pickup_reminder_days: int | None
    stock_valid_minutes: int | None


def check_changes(changes: ChannelChanges | LocationChanges) -> None:
    """Raises: Refused, with all that is wrong with *changes*."""
    errors = list(_refusals(changes))
    if errors:
        raise Refused(errors=errors)


def check_pickup(days: int | None, reminder_days: int | None) -> None:
    """Raises: InvalidValue, where customers are reminded after goods have stopped waiting for them."""
    if reminder_days is not None and reminder_days > (days or 0):
        problem = "pickupReminderDays is at most pickupDays, or null for no reminder."
        raise InvalidValue(problem=problem, field=("pickupReminderDays",))


def _refusals(changes: Mapping[str, Any]) -> Iterator[OmsError]:
    missing = [name for name in changes if name in SHOWN and changes[name] is None]
    yield from (InvalidValue(problem=f"{SHOWN[name]} cannot be null.", field=(SHOWN[name],)) for name in missing)
    checks: list[tuple[str, Callable[[Any, str], None]]] = [
        ("name", check_name),
        ("time_zone", check_time_zone),
        ("reservation_minutes", _check_reservation),
        ("buffer", _check_buffer),
        ("cancel_shipment_within_minutes", _check_minutes_to_cancel),
    ]
    for name, check in checks:
        if changes.get(name) is not None:
            try:
                check(changes[name], SHOWN[name])
            except OmsError as error:
                yield error
    for name, (form, example) in CUSTOMS_NUMBERS.items():
        number = changes.get(name)
        if number is not None and form.fullmatch(number) is None:
            yield InvalidValue(problem=f"{name} looks like {example}, or is null.", field=(name,))
    limit = changes.get("open_order_limit")
    if limit is not None and limit < 0:
        yield InvalidValue(problem="openOrderLimit is zero or more, or null for no limit.", field=("openOrderLimit",))
    for name, (least, most, none) in BOUNDED.items():
        number = changes.get(name)
        if number is not None and not least <= number <= most:
            problem = f"{shown(name)} is between {least} and {most}, or null for {none}."
            yield InvalidValue(problem=problem, field=(shown(name),))


def _check_reservation(minutes: int, *path: str) -> None:
    if not 0 < minutes <= LONGEST_RESERVATION_MINUTES:
        problem = f"reservationMinutes is between 1 and {LONGEST_RESERVATION_MINUTES:,}."
        raise InvalidValue(problem=problem, field=path)


def _check_minutes_to_cancel(minutes: int, *path: str) -> None:
    if not 0 <= minutes <= LONGEST_TO_CANCEL_MINUTES:
        problem = f"cancelShipmentWithinMinutes is between 0 and {LONGEST_TO_CANCEL_MINUTES:,}."
        raise InvalidValue(problem=problem, field=path)


def _check_buffer(units: int, *path: str) -> None:
    if units < 0:
        raise InvalidValue(problem="buffer is zero or more.", field=path)
