"""Suppliers and their SKUs as a caller gives them, and their mistakes. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, TypedDict

from oms_api.domain.channels.states import Activity
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.checks import check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.money import UNIT_PRICE_DECIMALS, TooManyDecimals, exponent
from oms_api.kernel.naming import check_code, check_name, check_text

MOST_LINES = 1_000
DEAREST = Decimal(10) ** 14
LONGEST_LEAD_TIME_DAYS = 3650
FINE_DECIMALS = 2
SHOWN = {
    "name": "name",
    "status": "status",
    "currency": "currencyCode",
    "code": "code",
    "minimum_quantity": "minimumQuantity",
    "pack_size": "packSize",
    "lead_time_mean_days": "leadTimeMeanDays",
    "lead_time_deviation_days": "leadTimeDeviationDays",
    "over_receipt_percent": "overReceiptPercent",
    "preferred": "preferred",
    "postal_code": "postalCode",
}
NEEDED = ("name", "status", "currency", "minimum_quantity", "pack_size", "over_receipt_percent", "preferred")


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What one unit costs in major units, and the currency it was said to have, if any."""

    amount: Decimal
    currency: str | None = None


class SupplierChanges(TypedDict, total=False):
    """What is said of a supplier; what is left out stays as it is, None takes it away."""

    name: str | None
    status: Activity | None
    currency: str | None
    address: Address | None
    contact: Contact | None
    lead_time_mean_days: Decimal | None
    lead_time_deviation_days: Decimal | None


class SupplierSkuChanges(TypedDict, total=False):
    """What is said of a SKU as a supplier sells it; what is left out stays as it is, None takes it away."""

    code: str | None
    status: Activity | None
    cost: UnitCost | None
    minimum_quantity: int | None
    pack_size: int | None
    lead_time_mean_days: Decimal | None
    lead_time_deviation_days: Decimal | None
    over_receipt_percent: Decimal | None
    preferred: bool | None


def check_changes(changes: SupplierChanges | SupplierSkuChanges) -> None:
    """Raises: Refused, with all that is wrong with *changes*."""
    errors = list(_refusals(changes))
    if errors:
        raise Refused(errors=errors)


def supplier_columns(changes: SupplierChanges) -> dict[str, Any]:
    """Return the columns that *changes* set."""
    columns: dict[str, Any] = dict(changes)
    for name in ("address", "contact"):
        if columns.get(name) is not None:
            columns[name] = asdict(columns[name])
    return columns


def supplier_sku_columns(changes: SupplierSkuChanges, currency: str) -> dict[str, Any]:
    """Return the columns that *changes* set; a cost without a currency is in *currency*."""
    columns: dict[str, Any] = {name: value for name, value in changes.items() if name != "cost"}
    if "cost" in changes:
        cost = changes["cost"]
        columns["cost"] = None if cost is None else cost.amount
        columns["currency"] = None if cost is None else cost.currency or currency
    return columns


def check_unit_cost(cost: UnitCost, *path: str) -> None:
    """Raises: InvalidValue, TooManyDecimals, UnknownCurrency; each names *path* and the part of the cost."""
    if not 0 <= cost.amount < DEAREST:
        raise InvalidValue(problem="A unit cost is not negative and below 10^14.", field=(*path, "amount"))
    if _finer(cost.amount, UNIT_PRICE_DECIMALS):
        raise TooManyDecimals(given=str(cost.amount), allowed=UNIT_PRICE_DECIMALS, field=(*path, "amount"))
    if cost.currency is not None:
        check_currency(cost.currency, *path, "currencyCode")


def check_currency(currency: str, *path: str) -> None:
    """Raises: UnknownCurrency."""
    try:
        exponent(currency)
    except OmsError as error:
        raise error.at(*path) from None


def _refusals(changes: Mapping[str, Any]) -> Iterator[OmsError]:
    missing = [SHOWN[name] for name in NEEDED if name in changes and changes[name] is None]
    yield from (InvalidValue(problem=f"{name} cannot be null.", field=(name,)) for name in missing)
    for name, check in CHECKS.items():
        if changes.get(name) is not None:
            try:
                check(changes[name], SHOWN.get(name, name))
            except OmsError as error:
                yield error
    for record in ("address", "contact"):
        if changes.get(record) is not None:
            yield from _texts(asdict(changes[record]), record)


def _texts(parts: Mapping[str, str | None], *path: str) -> Iterator[OmsError]:
    for name, value in parts.items():
        try:
            check_text(value, *path, SHOWN.get(name, name))
        except OmsError as error:
            yield error


def _check_days(days: Decimal, *path: str) -> None:
    _check_fine(days, LONGEST_LEAD_TIME_DAYS, *path)


def _check_percent(percent: Decimal, *path: str) -> None:
    _check_fine(percent, 100, *path)


def _check_fine(number: Decimal, most: int, *path: str) -> None:
    if not 0 <= number <= most:
        raise InvalidValue(problem=f"{path[-1]} is between 0 and {most}.", field=path)
    if _finer(number, FINE_DECIMALS):
        raise TooManyDecimals(given=str(number), allowed=FINE_DECIMALS, field=path)


def _finer(number: Decimal, decimals: int) -> bool:
    return number != number.quantize(Decimal(1).scaleb(-decimals))


CHECKS: dict[str, Callable[..., None]] = {
    "name": check_name,
    "currency": check_currency,
    "code": check_code,
    "cost": check_unit_cost,
    "minimum_quantity": check_quantity,
    "pack_size": check_quantity,
    "lead_time_mean_days": _check_days,
    "lead_time_deviation_days": _check_days,
    "over_receipt_percent": _check_percent,
}
