"""SKUs, as clients read them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from oms_api.domain.catalog.queries import components_by_bundle, skus_by_id
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.catalog.tables import SkuComponent as ComponentRow
from oms_api.domain.channels.queries import pages_of_rules_of_skus
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, entity, money
from oms_api.graphql.described import argument, enum, output
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.promises.rules import OversellRule
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId, SkuId
from oms_api.kernel.paging import PageRequest

if TYPE_CHECKING:
    from oms_api.graphql.inventory.summary import SkuInventory
    from oms_api.graphql.inventory.types import InventoryLevel

enum(SkuKind)
enum(SkuStatus)


@output
class SkuComponent(Record[ComponentRow]):
    """What one bundle holds of a SKU."""

    quantity: int
    """How many units one bundle holds."""
    share: int
    """The weight of its part in the bundle's price: the price is split in proportion to the shares."""
    sku: "Sku" = leads_to(ComponentRow.component_id)
    """The goods."""


@entity(skus_by_id, Scope.CATALOG_READ)
class Sku(Node, Record[SkuRow]):
    """Something that is sold: goods with measures, or a bundle, a service, a fee, a download, a gift card."""

    id: SkuId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """What people call it."""
    kind: SkuKind
    """What it is; never changed."""
    status: SkuStatus
    """Whether it can be ordered."""
    barcode: str | None
    """The number under its bars."""
    weight_g: int | None
    """The weight of one unit, in grams."""
    length_mm: int | None
    """The longest side of its box, in millimeters."""
    width_mm: int | None
    """The second side of its box, in millimeters."""
    height_mm: int | None
    """The third side of its box, in millimeters."""
    origin_country: CountryCode | None
    """Where it was made, for customs."""
    hs_code: str | None
    """Its code in the Harmonized System, for customs."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was last changed."""

    cost: Money | None = money(SkuRow.cost_minor, SkuRow.cost_currency, scope=Scope.COSTS_READ)
    """What one unit costs the merchant."""

    @field(description="Of a bundle, what it is made of.")
    async def components(self, info: Info) -> list[SkuComponent]:
        if self.kind is not SkuKind.BUNDLE:
            return []
        return SkuComponent.of_all(await info.context.load(components_by_bundle, self.row.id))

    @guarded(Scope.INVENTORY_READ, description="How much of it lies where.")
    async def inventory_levels(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["InventoryLevel", strawberry.lazy("oms_api.graphql.inventory.types")]]:
        from oms_api.graphql.inventory.types import levels_of_sku  # noqa: PLC0415 - a level names its SKU, a SKU its levels

        return await levels_of_sku(info, self.row.id, PageRequest.of(first, after, last, before))

    @guarded(
        Scope.INVENTORY_READ,
        description="How much of it there is, added up over the locations that the key may see, or at one of them. Of a "
        "bundle, how many sets its components make.",
    )
    async def inventory(
        self,
        info: Info,
        location_id: Annotated[LocationId | None, argument("Only what lies at this location, which the key may see.")] = None,
    ) -> Annotated["SkuInventory", strawberry.lazy("oms_api.graphql.inventory.summary")]:
        from oms_api.graphql.inventory.summary import stock_of_sku  # noqa: PLC0415 - as above

        return await stock_of_sku(info, self.row.id, location_id)

    @guarded(Scope.CHANNELS_READ, description="The rules by which channels sell more of it than there is, where they have one.")
    async def oversell_rules(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[OversellRule]:
        page = PageRequest.of(first, after, last, before)
        found = await info.context.load(pages_of_rules_of_skus, self.row.id, page)
        return Connection.of(found, OversellRule.of)
