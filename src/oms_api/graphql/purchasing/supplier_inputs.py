"""What clients send about suppliers and what they supply."""

from decimal import Decimal

import strawberry

from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier
from oms_api.domain.purchasing.commands.upsert_supplier_sku import UpsertSupplierSku
from oms_api.domain.purchasing.intake import UnitCost
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
    """A supplier by its code. Of one that exists, what is left out stays as it is, and null takes it away."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same supplier; kept 72 hours."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str | None = strawberry.UNSET
    """What people call it; needed for a new one."""
    status: Activity | None = strawberry.UNSET
    """Whether anything new is ordered from it; a new one is ACTIVE."""
    currency_code: CurrencyCode | None = becomes("currency", default=strawberry.UNSET)
    """What it is paid in; needed for a new one. Purchase orders that exist keep theirs."""
    address: AddressInput | None = becomes(by=AddressInput.to_address, default=strawberry.UNSET)
    """Where it is."""
    contact: ContactInput | None = becomes(by=ContactInput.to_contact, default=strawberry.UNSET)
    """Whom to ask."""
    lead_time_mean_days: Decimal | None = strawberry.UNSET
    """Days from ordering to receiving on average, with up to two decimals."""
    lead_time_deviation_days: Decimal | None = strawberry.UNSET
    """By how many days that usually varies: one standard deviation."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class SupplierSkuUpsertInput(Input[UpsertSupplierSku]):
    """A SKU as a supplier sells it. Where that is known, what is left out stays as it is, and null takes it away."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same record; kept 72 hours."""
    supplier_id: SupplierId
    """Who supplies it."""
    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods."""
    code: str | None = strawberry.UNSET
    """The supplier's own code for it."""
    status: Activity | None = strawberry.UNSET
    """Whether it can be ordered; at first ACTIVE."""
    cost: MoneyInput | None = becomes(by=cost_of, default=strawberry.UNSET)
    """What one unit costs, with up to six decimals; without a currency in the supplier's."""
    minimum_quantity: int | None = strawberry.UNSET
    """The fewest units that can be ordered at once; at first 1."""
    pack_size: int | None = strawberry.UNSET
    """Units come in multiples of this; at first 1."""
    lead_time_mean_days: Decimal | None = strawberry.UNSET
    """Days from ordering to receiving on average, with up to two decimals; null: as the supplier's."""
    lead_time_deviation_days: Decimal | None = strawberry.UNSET
    """By how many days that usually varies; null: as the supplier's."""
    over_receipt_percent: Decimal | None = strawberry.UNSET
    """How many more units than were ordered may be accepted, in percent from 0 to 100; at first 0."""
    preferred: bool | None = strawberry.UNSET
    """Whether plans ask this supplier for it before all others, as long as both are ACTIVE; at first false. True takes it from
    the supplier that was preferred before, and needs a key that is not limited to some suppliers."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
