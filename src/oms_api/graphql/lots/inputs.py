"""What clients send about lots."""

from datetime import date

import strawberry

from oms_api.domain.inventory.lots.commands.update import UpdateLot
from oms_api.domain.inventory.lots.intake import Attribute, LotGiven
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import LotId


@input_type
class LotAttributeInput(Input[Attribute]):
    """Something that is known of a lot: the maker's batch, where it grew."""

    name: str
    """What it is; each name once."""
    value: str
    """What it says."""


@input_type
class LotInput(Input[LotGiven]):
    """The lot that units are of. One that the SKU does not have yet is made; lots of other SKUs may have the same code."""

    code: str
    """Its code: case-sensitive, no blanks around it."""
    expires_on: date | None = None
    """The last day on which the units are good, by the calendar of the location where they lie. Of a lot that is known it must
    be the day that is known."""
    attributes: list[LotAttributeInput] | None = None
    """What else is known of a new lot, at most 50; a lot that is known keeps what it has."""


@input_type
class LotUpdateInput(Input[UpdateLot]):
    """What is to be different of a lot; what is left out stays as it is."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same lot; kept 72 hours."""
    lot_id: LotId
    """The lot."""
    expires_on: date | None = strawberry.UNSET
    """The last day on which its units are good; null where they stay so."""
    attributes: list[LotAttributeInput] | None = strawberry.UNSET
    """All that is to be known of it, at most 50; null or none takes away what was."""
    expected_version: int | None = None
    """Change it only while it has this version."""
