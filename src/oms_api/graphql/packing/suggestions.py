"""Suggested packages."""

from typing import Annotated, Self

from oms_api.domain.packing.queries import boxes_by_id
from oms_api.domain.packing.suggestion import SuggestedParcel
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.packing.boxes import Box
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId
from oms_api.workflows.pack_work import suggest_packages

A_SUGGESTION = 500
"""What a suggestion costs, which tries how goods lie."""


@output
class SuggestedPackageLine:
    """Units of one line that go into a suggested package."""

    fulfillment_order_line_id: FulfillmentOrderLineId
    """The line of the fulfillment order."""
    sku: str
    """The code of the line's SKU."""
    quantity: int
    """Units."""


@output
class SuggestedPackage:
    """A package that is suggested. Nothing is packed yet."""

    box: Box | None
    """The box; null for a package without a box."""
    lines: list[SuggestedPackageLine]
    """The contents."""
    weight_g: int | None
    """The weight with the box in g; null where the weight of one of the SKUs is not known."""
    fill_percent: int | None
    """The share of the box's volume that the goods take, in percent; null where not all dimensions are known."""
    reasons: list[str]
    """Why the package is packed this way, in words."""

    @classmethod
    async def of(cls, info: Info, parcel: SuggestedParcel) -> Self:
        """Describe a suggested package."""
        found = None if parcel.box is None else await info.context.load(boxes_by_id, parcel.box.id)
        codes = {each.line: each.sku for each in parcel.contents}
        return cls(
            box=None if found is None else Box.of(found),
            lines=[
                SuggestedPackageLine(fulfillment_order_line_id=line, sku=codes[line], quantity=units)
                for line, units in parcel.units.items()
            ],
            weight_g=parcel.weight_g,
            fill_percent=parcel.fill_percent,
            reasons=parcel.reasons,
        )


@output
class PackingSuggestionQueries:
    """Asking how goods are to be packed."""

    @query(
        Scope.SHIPPING_READ,
        description=(
            "A suggestion for packing the unpacked units of a fulfillment order into the boxes of its location, with "
            "reasons. The same units and boxes give the same packages. Nothing is written."
        ),
        price=A_SUGGESTION,
    )
    async def packing_suggestion(
        self, info: Info, fulfillment_order_id: Annotated[FulfillmentOrderId, argument("The fulfillment order.")]
    ) -> list[SuggestedPackage]:
        parcels = await suggest_packages(info.context.read, fulfillment_order_id)
        return [await SuggestedPackage.of(info, each) for each in parcels]
