"""Suppliers made and changed; purchase orders written, ordered, confirmed, received and ended."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from oms_api.db.session import Tx
from oms_api.domain.purchasing.commands.confirm import confirm_purchase_order
from oms_api.domain.purchasing.commands.create import create_purchase_order
from oms_api.domain.purchasing.commands.end import cancel_purchase_order, close_purchase_order
from oms_api.domain.purchasing.commands.submit import submit_purchase_order
from oms_api.domain.purchasing.commands.update import update_purchase_order
from oms_api.domain.purchasing.commands.upsert_supplier import upsert_supplier
from oms_api.domain.purchasing.commands.upsert_supplier_sku import upsert_supplier_sku
from oms_api.domain.purchasing.errors import BelowMinimum, NotWholePacks, OverReceipt
from oms_api.domain.purchasing.queries import purchase_order_by_id
from oms_api.domain.purchasing.suppliers import supplier_by_id, supplier_sku_by_id
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.payloads import Command, Keyed, Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.purchasing.inputs import PurchaseOrderCreateInput, PurchaseOrderUpdateInput
from oms_api.graphql.purchasing.progress_inputs import (
    PurchaseOrderCancelInput,
    PurchaseOrderCloseInput,
    PurchaseOrderConfirmInput,
    PurchaseOrderReceiveInput,
    PurchaseOrderSubmitInput,
)
from oms_api.graphql.purchasing.supplier_inputs import SupplierSkuUpsertInput, SupplierUpsertInput
from oms_api.graphql.purchasing.suppliers import Supplier, SupplierSku
from oms_api.graphql.purchasing.types import PurchaseOrder
from oms_api.kernel.access import Scope
from oms_api.workflows.receive_purchase_order import receive_purchase_order


@represents(BelowMinimum, lambda error: {"minimum": error.minimum})
@output
class BelowMinimumError(UserError):
    """Fewer units were to be ordered than the supplier takes."""

    minimum: int
    """The fewest units that can be ordered at once."""


@represents(NotWholePacks, lambda error: {"pack_size": error.pack_size})
@output
class NotWholePacksError(UserError):
    """The units to be ordered are no whole packs."""

    pack_size: int
    """How many units one pack holds."""


@represents(OverReceipt, lambda error: {"most": error.most, "accepted": error.accepted})
@output
class OverReceiptError(UserError):
    """More units were to be accepted than the tolerance allows."""

    most: int
    """How many may be accepted of the line in all."""
    accepted: int
    """How many were, before."""


@output
class SupplierUpsertPayload(Payload):
    """The supplier as it is now."""

    supplier: Supplier | None = None
    """The supplier."""


@output
class SupplierSkuUpsertPayload(Payload):
    """What the supplier supplies, as it is now."""

    supplier_sku: SupplierSku | None = None
    """The SKU as the supplier sells it."""


@output
class PurchaseOrderPayload(Payload):
    """The purchase order, or why nothing was done."""

    purchase_order: PurchaseOrder | None = None
    """The purchase order; on a replay as it is now."""


async def done(
    info: Info, input: Keyed[Command], carry_out: Callable[[Tx, Command], Awaitable[PurchaseOrderRow]]
) -> PurchaseOrderPayload:
    """Carry out what *input* asks for once, and answer with its purchase order."""
    found = await once(info, input, carry_out, again=purchase_order_by_id)
    return PurchaseOrderPayload(purchase_order=PurchaseOrder.of(found.value), replayed=found.replayed)


@output
class PurchasingMutations:
    """Suppliers made and changed; purchase orders written, ordered, confirmed, received and ended."""

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Make the supplier with a code, or change it. Fails with INVALID_VALUE for a new one without name or "
        "currency, and with LIMITED_KEY for a new one by a key limited to suppliers.",
    )
    async def supplier_upsert(
        self, info: Info, input: Annotated[SupplierUpsertInput, argument("The supplier.")]
    ) -> SupplierUpsertPayload:
        done = await once(info, input, upsert_supplier, again=supplier_by_id)
        return SupplierUpsertPayload(supplier=Supplier.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Say how a supplier sells a SKU: its own code, the cost, in which quantities and how fast. Fails with "
        "NOT_STOCKED for what is no goods, and with LIMITED_KEY where a key limited to suppliers prefers one.",
    )
    async def supplier_sku_upsert(
        self, info: Info, input: Annotated[SupplierSkuUpsertInput, argument("The SKU as the supplier sells it.")]
    ) -> SupplierSkuUpsertPayload:
        done = await once(info, input, upsert_supplier_sku, again=supplier_sku_by_id)
        return SupplierSkuUpsertPayload(supplier_sku=SupplierSku.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Write a purchase order, checked against what the supplier supplies, its minimums and packs. It is a "
        "draft: nothing is incoming before it is submitted.",
    )
    async def purchase_order_create(
        self, info: Info, input: Annotated[PurchaseOrderCreateInput, argument("What shall be ordered.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, create_purchase_order)

    @mutation(Scope.PURCHASING_WRITE, description="Rewrite a draft; its lines are replaced as a set.")
    async def purchase_order_update(
        self, info: Info, input: Annotated[PurchaseOrderUpdateInput, argument("What is to be different.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, update_purchase_order)

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Order what a draft says: from now on its goods are incoming. Lines without an expected date get one by "
        "the lead time, where one is known. What cannot be ordered any more since the draft was written is refused: "
        "SUPPLIER_INACTIVE, LOCATION_INACTIVE, NOT_SUPPLIED, SKU_INACTIVE, BELOW_MINIMUM, NOT_WHOLE_PACKS.",
    )
    async def purchase_order_submit(
        self, info: Info, input: Annotated[PurchaseOrderSubmitInput, argument("Which draft.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, submit_purchase_order)

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Record what the supplier says will come, and when. It may be said again as long as goods are expected; "
        "dates that move are told as PURCHASE_ORDER_CHANGED.",
    )
    async def purchase_order_confirm(
        self, info: Info, input: Annotated[PurchaseOrderConfirmInput, argument("What the supplier says.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, confirm_purchase_order)

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Receive all or part of a purchase order at its location: accepted units are stock at once, a movement "
        "each, rejected ones are recorded. Fails with OVER_RECEIPT where more are accepted than the tolerance allows.",
    )
    async def purchase_order_receive(
        self, info: Info, input: Annotated[PurchaseOrderReceiveInput, argument("What came.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, receive_purchase_order)

    @mutation(
        Scope.PURCHASING_WRITE,
        description="Expect nothing more of a purchase order of which something came; what is open is called off.",
    )
    async def purchase_order_close(
        self, info: Info, input: Annotated[PurchaseOrderCloseInput, argument("Which one.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, close_purchase_order)

    @mutation(Scope.PURCHASING_WRITE, description="Call a purchase order off before anything of it came.")
    async def purchase_order_cancel(
        self, info: Info, input: Annotated[PurchaseOrderCancelInput, argument("Which one.")]
    ) -> PurchaseOrderPayload:
        return await done(info, input, cancel_purchase_order)
