"""Inputs about suppliers and their SKUs."""

from decimal import Decimal

import strawberry

from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier
from oms_api.domain.purchasing.commands.upsert_supplier_sku import UpsertSupplierSku
from oms_api.domain.purchasing.given import UnitCost
from oms_api.graphql.addresses import AddressInput, ContactInput
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.ids import SupplierId


def cost_of(money: MoneyInput | None) -> UnitCost | None:
    """Return a unit cost as the domain takes it."""
    return None if money is None else UnitCost(money.amount, money.currency_code)


@input_type
class SupplierUpsertInput(Input[UpsertSupplier]):
    """A supplier, identified by its code. If it exists, fields left out stay as they are; a field that is null is cleared."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same supplier."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str | None = strawberry.UNSET
    """The name; required for a new record."""
    status: Activity | None = strawberry.UNSET
    """ACTIVE where the supplier can get new orders; a new supplier is ACTIVE."""
    currency_code: CurrencyCode | None = becomes("currency", default=strawberry.UNSET)
    """The currency of the supplier's costs; required for a new supplier. Existing purchase orders keep their currency."""
    address: AddressInput | None = becomes(by=AddressInput.to_address, default=strawberry.UNSET)
    """The address."""
    contact: ContactInput | None = becomes(by=ContactInput.to_contact, default=strawberry.UNSET)
    """The person to ask."""
    lead_time_mean_days: Decimal | None = strawberry.UNSET
    """The mean lead time, in days from ordering to receiving, with up to two decimals."""
    lead_time_deviation_days: Decimal | None = strawberry.UNSET
    """The standard deviation of the lead time, in days."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class SupplierSkuUpsertInput(Input[UpsertSupplierSku]):
    """A SKU as a supplier sells it.

    For an existing record, fields left out stay as they are; a field that is null is cleared.
    """

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same record."""
    supplier_id: SupplierId
    """The supplier."""
    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    code: str | None = strawberry.UNSET
    """The supplier's own code for the SKU."""
    status: Activity | None = strawberry.UNSET
    """ACTIVE where the SKU can be ordered from the supplier. A new record is ACTIVE."""
    cost: MoneyInput | None = becomes(by=cost_of, default=strawberry.UNSET)
    """The cost of one unit, with up to six decimals; without a currency, it is in the supplier's currency."""
    minimum_quantity: int | None = strawberry.UNSET
    """The minimum order quantity, in units; 1 by default."""
    pack_size: int | None = strawberry.UNSET
    """The units of a pack: orders are multiples of it; 1 by default."""
    lead_time_mean_days: Decimal | None = strawberry.UNSET
    """The mean lead time, in days from ordering to receiving, with up to two decimals; with null, the supplier's lead time
    applies."""
    lead_time_deviation_days: Decimal | None = strawberry.UNSET
    """The standard deviation of the lead time, in days; with null, the supplier's deviation applies."""
    over_receipt_percent: Decimal | None = strawberry.UNSET
    """The tolerance for over-receipt: units beyond the ordered quantity that may be accepted, in percent from 0 to 100; 0 by
    default."""
    preferred: bool | None = strawberry.UNSET
    """Whether plans suggest this supplier first, while the supplier and this entry are both ACTIVE; false by default. True
    replaces the present preferred supplier; the API key must not be limited to certain suppliers."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
