"""Boxes of locations in the schema."""

from datetime import datetime

from oms_api.domain.packing.queries import boxes_by_id
from oms_api.domain.packing.states import BoxStatus
from oms_api.domain.packing.tables import BoxRow
from oms_api.graphql.channels.types import Location
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import BoxId

enum(BoxStatus)


@entity(boxes_by_id, Scope.SHIPPING_READ)
class Box(Node, Record[BoxRow]):
    """A kind of box that a location packs goods into."""

    id: BoxId
    code: str
    """Its code: unique at the location, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    inner_length_mm: int
    """The inner length in mm."""
    inner_width_mm: int
    """The inner width in mm."""
    inner_height_mm: int
    """The inner height in mm."""
    tare_g: int
    """The weight of the empty box in g."""
    max_weight_g: int | None
    """The largest weight of the box with its contents, in g; null for no limit."""
    status: BoxStatus
    """ACTIVE where the box is in use."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    location: Location = leads_to(BoxRow.location_id)
    """The location that has it."""
