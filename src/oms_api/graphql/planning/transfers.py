"""Suggested transfers, as clients read them."""

from typing import Self, cast

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.planning.surplus import SuggestedTransfer
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import field


@output
class TransferSuggestion:
    """Units that lie where there are too many, and are needed elsewhere."""

    found: strawberry.Private[SuggestedTransfer]
    quantity: int
    """How many units."""

    @classmethod
    def of(cls, found: SuggestedTransfer) -> Self:
        """Describe a suggestion."""
        return cls(found=found, quantity=found.quantity)

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.found.sku_id)))

    @field(description="Where there are too many.")
    async def origin(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.found.origin_id)))

    @field(description="Where they are needed.")
    async def destination(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.found.destination_id)))
