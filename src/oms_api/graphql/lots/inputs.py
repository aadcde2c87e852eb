"""Inputs about lots."""

from datetime import date

import strawberry

from oms_api.domain.inventory.lots.commands.update import UpdateLot
from oms_api.domain.inventory.lots.given import AttributeOfLot, LotGiven
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import LotId


@input_type
class LotAttributeInput(Input[AttributeOfLot]):
    """An attribute of a lot, such as the maker's batch or the place of origin."""

    name: str
    """The name of the attribute; each name once."""
    value: str
    """The value."""


@input_type
class LotInput(Input[LotGiven]):
    """The lot of the units.

    If the SKU has no lot with this code, the lot is created. Lots of other SKUs may have the same code.
    """

    code: str
    """Its code: case-sensitive, no blanks around it."""
    expires_on: date | None = None
    """The last day when the units are good, in the time zone of the location that holds them. For a known lot it must be the
    known day."""
    attributes: list[LotAttributeInput] | None = None
    """Further attributes of a new lot, at most 50; a known lot keeps its own."""


@input_type
class LotUpdateInput(Input[UpdateLot]):
    """Changes of a lot; fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same lot."""
    lot_id: LotId
    """The lot."""
    expires_on: date | None = strawberry.UNSET
    """The last day when its units are good; null where they do not expire."""
    attributes: list[LotAttributeInput] | None = strawberry.UNSET
    """All attributes, at most 50: they replace the present attributes; null or an empty list removes all."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
