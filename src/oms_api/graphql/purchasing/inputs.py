"""What clients send to write a purchase order."""

from datetime import datetime

import strawberry

from oms_api.domain.purchasing.commands.create import CreatePurchaseOrder
from oms_api.domain.purchasing.commands.update import UpdatePurchaseOrder
from oms_api.domain.purchasing.ordering import LineToOrder
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.purchasing.supplier_inputs import cost_of
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.ids import LocationId, PurchaseOrderId, SupplierId


@input_type
class PurchaseOrderLineInput(Input[LineToOrder]):
    """Units of a SKU to be ordered."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The SKU. It must be a SKU of the supplier."""
    quantity: int
    """Units to order, in whole packs. All lines of the SKU together must reach the supplier's minimum."""
    unit_cost: MoneyInput | None = becomes(by=cost_of, default=None)
    """The cost of one unit, with up to six decimals, in the order's currency; by default the supplier's cost."""
    expected_at: datetime | None = None
    """When the units are expected; by default the day of submission plus the lead time."""


@input_type
class PurchaseOrderCreateInput(Input[CreatePurchaseOrder]):
    """A purchase order to create. It is a draft until it is submitted."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase order that the first call
    created."""
    supplier_id: SupplierId
    """The supplier."""
    location_id: LocationId
    """The location that the goods go to."""
    lines: list[PurchaseOrderLineInput]
    """The units to order: 1 to 1,000 lines."""
    currency_code: CurrencyCode | None = becomes("currency", default=None)
    """The currency of the purchase order's costs; by default the supplier's."""
    external_ref: str | None = None
    """The purchase order's id in the system it comes from, unique for the supplier."""
    note: str | None = None
    """A remark for the people who handle it."""
    occurred_at: datetime | None = None
    """When it was created; by default now. Never in the future. Needs the scope `orders:import`."""


@input_type
class PurchaseOrderUpdateInput(Input[UpdatePurchaseOrder]):
    """Changes of a draft. Fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase order."""
    purchase_order_id: PurchaseOrderId
    """The draft."""
    location_id: LocationId | None = strawberry.UNSET
    """The location of delivery; it cannot be null."""
    external_ref: str | None = strawberry.UNSET
    """The purchase order's id in the system it comes from; null removes it."""
    note: str | None = strawberry.UNSET
    """A remark for the people who handle the goods; null removes it."""
    lines: list[PurchaseOrderLineInput] | None = None
    """All lines of the purchase order, 1 to 1,000: they replace the present lines. By default the lines stay."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
