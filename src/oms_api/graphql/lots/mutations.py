"""Changing lots."""

from typing import Annotated

import oms_api.graphql.lots.problems  # noqa: F401 - so that the schema knows what is told beside the codes
from oms_api.domain.inventory.lots.commands.update import update_lot
from oms_api.domain.inventory.lots.queries import lot_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.lots.inputs import LotUpdateInput
from oms_api.graphql.lots.types import Lot
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope


@output
class LotUpdatePayload(Payload):
    """The lot as it is now."""

    lot: Lot | None = None
    """The lot."""


@output
class LotMutations:
    """Changing lots. They are made by what brings their units: a receipt, a return, an adjustment."""

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Correct what is known of a lot: its expiry and its attributes. What was shipped stays shipped. Where the "
        "new expiry is over, units are set aside; where it is not, those that were set aside because the old one was stay in "
        "quality control until `inventoryMove` brings them back. Fails with LIMITED_KEY where the lot lies elsewhere too.",
    )
    async def lot_update(
        self, info: Info, input: Annotated[LotUpdateInput, argument("What is to be different.")]
    ) -> LotUpdatePayload:
        done = await once(info, input, update_lot, again=lot_by_id)
        return LotUpdatePayload(lot=Lot.of(done.value), replayed=done.replayed)
