"""SKUs, as clients read them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from oms_api.domain.catalog.queries import components_by_bundle, skus_by_id
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import SkuComponentRow, SkuRow
from oms_api.domain.channels.queries import pages_of_rules_of_skus
from oms_api.graphql.attributes.values import Attribute, attributes
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
class SkuComponent(Record[SkuComponentRow]):
    """A component of a bundle."""

    quantity: int
    """Units in one bundle."""
    share: int
    """The component's share of the bundle's price. The price is divided in proportion to the shares of all components."""
    sku: "Sku" = leads_to(SkuComponentRow.component_id)
    """The goods."""


@entity(skus_by_id, Scope.CATALOG_READ)
class Sku(Node, Record[SkuRow]):
    """An article for sale: goods with measures, or a bundle, a service, a fee, a download, a gift card."""

    id: SkuId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    kind: SkuKind
    """Its kind; never changed."""
    status: SkuStatus
    """ACTIVE where the SKU can be ordered."""
    barcode: str | None
    """The barcode number; null for none."""
    weight_g: int | None
    """The weight of one unit, in grams; null where it is not known."""
    length_mm: int | None
    """The longest side of the box of one unit, in millimeters; null where it is not known."""
    width_mm: int | None
    """The second side of the box of one unit, in millimeters; null where it is not known."""
    height_mm: int | None
    """The third side of the box of one unit, in millimeters; null where it is not known."""
    origin_country: CountryCode | None
    """The country of origin, for customs; null where it is not known."""
    hs_code: str | None
    """The SKU's code in the Harmonized System, for customs; null where it is not known."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""

    cost: Money | None = money(SkuRow.cost_minor, SkuRow.cost_currency, scope=Scope.COSTS_READ)
    """The merchant's cost of one unit; null where it is not known."""
    attributes: list[Attribute] = attributes()
    """The values of its attributes, sorted by code."""

    @field(description="The components of a bundle; empty for other SKUs.")
    async def components(self, info: Info) -> list[SkuComponent]:
        if self.kind is not SkuKind.BUNDLE:
            return []
        return SkuComponent.of_all(await info.context.load(components_by_bundle, self.row.id))

    @guarded(Scope.INVENTORY_READ, description="The stock by location.")
    async def inventory_levels(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["InventoryLevel", strawberry.lazy("oms_api.graphql.inventory.types")]]:
        from oms_api.graphql.inventory.types import levels_of_sku  # noqa: PLC0415 - a level names its SKU, a SKU its levels

        return await levels_of_sku(info, self.row.id, PageRequest.of(first, after, last, before))

    @guarded(
        Scope.INVENTORY_READ,
        description=(
            "The stock: the sum over the locations that the API key may see, or the stock of one location. For a "
            "bundle, the complete bundles that its components make."
        ),
    )
    async def inventory(
        self,
        info: Info,
        location_id: Annotated[
            LocationId | None,
            argument("Only stock at this location is included; the API key must be allowed to see the location."),
        ] = None,
    ) -> Annotated["SkuInventory", strawberry.lazy("oms_api.graphql.inventory.summary")]:
        from oms_api.graphql.inventory.summary import stock_of_sku  # noqa: PLC0415 - as above

        return await stock_of_sku(info, self.row.id, location_id)

    @guarded(Scope.CHANNELS_READ, description="The oversell rules that channels have for the SKU.")
    async def oversell_rules(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[OversellRule]:
        page = PageRequest.of(first, after, last, before)
        found = await info.context.load(pages_of_rules_of_skus, self.row.id, page)
        return Connection.of(found, OversellRule.of)
