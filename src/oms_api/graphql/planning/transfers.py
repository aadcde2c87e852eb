"""Suggested transfers, as clients read them."""

from typing import Self, cast

import strawberry

from oms_api.domain.planning.surplus import SuggestedTransfer
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import field


@output
class TransferSuggestion:
    """A suggestion to move units from a location that has too many to a location that needs them."""

    found: strawberry.Private[SuggestedTransfer]
    quantity: int
    """Units."""

    @classmethod
    def of(cls, found: SuggestedTransfer) -> Self:
        """Describe a suggestion."""
        return cls(found=found, quantity=found.quantity)

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return cast("Sku", await Sku.fetch(info, self.found.sku_id))

    @field(description="The location with the surplus.")
    async def origin(self, info: Info) -> Location:
        return cast("Location", await Location.fetch(info, self.found.origin_id))

    @field(description="The location that needs the units.")
    async def destination(self, info: Info) -> Location:
        return cast("Location", await Location.fetch(info, self.found.destination_id))
