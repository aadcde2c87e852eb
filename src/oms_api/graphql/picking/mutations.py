"""Picking in batches, and naming bins."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.domain.fulfillment.queries import visible_to
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.picking.commands.set_bins import BinGiven, SetBins, set_bins
from oms_api.domain.picking.queries import batch_by_id
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.lists import asked_of, known_of
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.fulfillment.queries import FULFILLMENT_ORDERS, HELD, FulfillmentOrderFilterInput
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.picking.types import PickBatch
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.ids import FulfillmentOrderId, LocationId, PickBatchId, PickBatchLineId
from oms_api.workflows.pick_batches import (
    CancelBatch,
    ConfirmBatch,
    CreateBatch,
    PickToConfirm,
    cancel_batch,
    confirm_batch,
    create_batch,
)


@statement
def waiting(where: Where | None, sight: Sight, location: LocationId, most: int) -> Select[FulfillmentOrderId]:
    """Return the work of a location that can be begun, the most urgent first."""
    row = FulfillmentOrderRow
    wanted = [row.location_id == location, row.status == FulfillmentOrderStatus.OPEN, ~HELD]
    found = select(row.id).where(*wanted, *visible_to(sight), *asked_of(where, sight))
    return found.order_by(row.leave_by.asc().nulls_last(), row.created_at, row.id).limit(most)


@input_type
class PickBatchCreateInput:
    """The fulfillment orders to pick in one round."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the batch that the first call made."""
    location_id: LocationId
    """The location."""
    where: FulfillmentOrderFilterInput | None = None
    """Conditions on the fulfillment orders; by default, all fulfillment orders are included. Only fulfillment orders that are
    OPEN and have no hold are taken."""
    most: int = 20
    """The highest number of fulfillment orders to take, 1 to 250. The fulfillment orders with the earliest `leaveBy` are taken
    first."""

    def to_command(self) -> CreateBatch:
        """Return the command."""
        asked = "" if self.where is None else repr(self.where)
        return CreateBatch(idempotency_key=self.idempotency_key, location_id=self.location_id, most=self.most, asked=asked)


@input_type
class PickBatchConfirmLineInput(Input[PickToConfirm]):
    """The picked units of one line."""

    line_id: PickBatchLineId
    """The line of the batch."""
    picked: int
    """Units that were picked, from 0 to the units to pick."""
    short_reason_code: str | None = None
    """The code of an order reason whose use is REJECT; see `orderReasons`. Required where units are missing. The effect of the
    order reason decides how stock is corrected."""


@input_type
class PickBatchConfirmInput(Input[ConfirmBatch]):
    """The lines to confirm."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the batch."""
    pick_batch_id: PickBatchId
    """The batch: it must be OPEN."""
    lines: list[PickBatchConfirmLineInput]
    """1 to 250 lines, each confirmed once; other lines can be confirmed later."""
    expected_version: int | None = None
    """The version of the batch that the change is based on; any other is refused."""


@input_type
class PickBatchCancelInput(Input[CancelBatch]):
    """The batch to cancel."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the batch."""
    pick_batch_id: PickBatchId
    """The batch: it must be OPEN."""
    expected_version: int | None = None
    """The version of the batch that the change is based on; any other is refused."""


@input_type
class BinInput(Input[BinGiven]):
    """The bin of a SKU."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The SKU."""
    bin: str | None = None
    """The bin, 1 to 64 characters; null for no bin."""


@input_type
class BinsSetInput(Input[SetBins]):
    """The bins of SKUs at a location."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the location."""
    location_id: LocationId
    """The location."""
    bins: list[BinInput]
    """The bins of 1 to 250 SKUs; other SKUs keep theirs."""


@output
class PickBatchCreatePayload(Payload):
    """The batch, or why there is none."""

    pick_batch: PickBatch | None = None
    """The batch. Where `replayed` is true, this is its present state."""


@output
class PickBatchConfirmPayload(Payload):
    """The batch after the confirmation, or why nothing was confirmed."""

    pick_batch: PickBatch | None = None
    """The batch. Where `replayed` is true, this is its present state."""


@output
class PickBatchCancelPayload(Payload):
    """The batch that was canceled, or why it was not."""

    pick_batch: PickBatch | None = None
    """The batch. Where `replayed` is true, this is its present state."""


@output
class BinsSetPayload(Payload):
    """The location, or why no bin was set."""

    location: Location | None = None
    """The location."""


@output
class PickingMutations:
    """Picking in batches, and naming bins."""

    bins_set = carries_out(set_bins, BinsSetInput, BinsSetPayload, Scope.SHIPPING_WRITE, describes="The bins.")
    """Set the bins of SKUs at a location. The new bins are used by pick batches that are created from now on."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description=(
            "Pick fulfillment orders of a location in one round. Each becomes IN_PROGRESS, and gets a slot in the "
            "batch. Fails with NOTHING_TO_PICK where none of them can be started."
        ),
    )
    async def pick_batch_create(
        self, info: Info, input: Annotated[PickBatchCreateInput, argument("The fulfillment orders.")]
    ) -> PickBatchCreatePayload:
        where = await known_of(FULFILLMENT_ORDERS, info.context.read, input.where)

        async def choose(tx: Tx) -> Sequence[FulfillmentOrderId]:
            return await tx.values(waiting(where, tx.sight, input.location_id, input.most))

        done = await once(info, input, partial(create_batch, choose=choose), again=batch_by_id)
        return PickBatchCreatePayload(pick_batch=PickBatch.of(done.value), replayed=done.replayed)

    pick_batch_confirm = carries_out(
        confirm_batch, PickBatchConfirmInput, PickBatchConfirmPayload, Scope.SHIPPING_WRITE, describes="The lines."
    )
    """Confirm the picked units of lines, all at once or one by one; the batch is PICKED once every line is confirmed. Missing
    units are rejected as by `fulfillmentOrderReject`: the server looks for other locations. Units canceled meanwhile need not
    be picked."""
    pick_batch_cancel = carries_out(
        cancel_batch, PickBatchCancelInput, PickBatchCancelPayload, Scope.SHIPPING_WRITE, describes="The batch."
    )
    """Give up the lines of a batch that are not confirmed: fulfillment orders without a confirmed line are OPEN again."""
