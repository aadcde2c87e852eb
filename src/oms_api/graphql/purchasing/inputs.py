"""What clients send to write a purchase order."""

from datetime import datetime

import strawberry

from oms_api.domain.purchasing.commands.create import CreatePurchaseOrder
from oms_api.domain.purchasing.commands.update import PurchaseOrderChanges, UpdatePurchaseOrder
from oms_api.domain.purchasing.ordering import LineToOrder
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.described import input_type
from oms_api.graphql.filters import id_at
from oms_api.graphql.given import given
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.purchasing.supplier_inputs import cost_of
from oms_api.graphql.rows import each_row
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.ids import IdKind


@input_type
class PurchaseOrderLineInput:
    """Units of a SKU to be ordered."""

    sku: SkuByInput
    """The goods; the supplier must supply them."""
    quantity: int
    """How many units: whole packs, and with the other lines of the SKU at least the supplier's minimum."""
    unit_cost: MoneyInput | None = None
    """What one unit costs, with up to six decimals, in the order's currency; by default what the supplier takes."""
    expected_at: datetime | None = None
    """When they are expected; by default by the lead time, from when the order is submitted."""

    def to_line(self, *path: str | int) -> LineToOrder:
        """Return the line as the domain takes it. Raises: InvalidId."""
        return LineToOrder(
            sku=self.sku.to_reference(*path, "sku"),
            quantity=self.quantity,
            unit_cost=cost_of(self.unit_cost),
            expected_at=self.expected_at,
        )


@input_type
class PurchaseOrderCreateInput:
    """A purchase order to be written. It is a draft until it is submitted."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase order made first; kept 72 hours."""
    supplier_id: strawberry.ID
    """Who shall supply."""
    location_id: strawberry.ID
    """Where the goods go."""
    lines: list[PurchaseOrderLineInput]
    """What is ordered: 1 to 1,000 lines."""
    currency_code: CurrencyCode | None = None
    """What it is paid in; by default the supplier's currency."""
    external_ref: str | None = None
    """Its id in the system it comes from, unique for the supplier."""
    note: str | None = None
    """A remark for whoever handles it."""
    occurred_at: datetime | None = None
    """When it was written, if not now; needs the scope `orders:import`, never in the future."""

    def to_command(self) -> CreatePurchaseOrder:
        """Return the command. Raises: InvalidId, Refused."""
        return CreatePurchaseOrder(
            idempotency_key=self.idempotency_key,
            supplier_id=id_at(IdKind.SUPPLIER, self.supplier_id, "supplierId"),
            location_id=id_at(IdKind.LOCATION, self.location_id, "locationId"),
            lines=each_row("lines", self.lines, PurchaseOrderLineInput.to_line),
            currency=self.currency_code,
            external_ref=self.external_ref,
            note=self.note,
            occurred_at=self.occurred_at,
        )


@input_type
class PurchaseOrderUpdateInput:
    """A draft to be rewritten. What is left out stays as it is."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase order; kept 72 hours."""
    purchase_order_id: strawberry.ID
    """The draft."""
    location_id: strawberry.ID | None = strawberry.UNSET
    """Where the goods go; not null."""
    external_ref: str | None = strawberry.UNSET
    """Its id in the system it comes from; null takes it away."""
    note: str | None = strawberry.UNSET
    """A remark for whoever handles it; null takes it away."""
    lines: list[PurchaseOrderLineInput] | None = None
    """All of its lines, 1 to 1,000: they replace those there are. Without it the lines stay."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpdatePurchaseOrder:
        """Return the command. Raises: InvalidId, Refused."""
        changes = PurchaseOrderChanges(**given(self, "external_ref", "note"))  # type: ignore[typeddict-item]
        if self.location_id is not strawberry.UNSET:
            place = self.location_id
            changes["location_id"] = None if place is None else id_at(IdKind.LOCATION, place, "locationId")
        return UpdatePurchaseOrder(
            idempotency_key=self.idempotency_key,
            purchase_order_id=id_at(IdKind.PURCHASE_ORDER, self.purchase_order_id, "purchaseOrderId"),
            changes=changes,
            lines=None if self.lines is None else each_row("lines", self.lines, PurchaseOrderLineInput.to_line),
            expected_version=self.expected_version,
        )
