"""Changing lots."""

import oms_api.graphql.lots.problems  # noqa: F401 - so that the schema knows what is told beside the codes
from oms_api.domain.inventory.lots.commands.update import update_lot
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.lots.inputs import LotUpdateInput
from oms_api.graphql.lots.types import Lot
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope


@output
class LotUpdatePayload(Payload):
    """The lot as it is now."""

    lot: Lot | None = None
    """The lot."""


@output
class LotMutations:
    """Changing lots. They are made by what brings their units: a receipt, a return, an adjustment."""

    lot_update = carries_out(update_lot, LotUpdateInput, LotUpdatePayload, Scope.INVENTORY_WRITE, describes="The changes.")
    """Correct the expiry and attributes of a lot. Shipped units stay shipped. If the new last day is over, units of the lot are
    set aside. If it is still to come, units that were set aside because the old last day was over stay in quality control until
    `inventoryMove` brings them back. Fails with LIMITED_KEY where the lot is also at a location that the API key may not
    see."""
