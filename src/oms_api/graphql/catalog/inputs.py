"""Inputs about SKUs."""

import strawberry

from oms_api.domain.catalog.commands.deactivate_sku import DeactivateSku
from oms_api.domain.catalog.given import ComponentGiven, CostGiven, UpsertSku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.graphql.attributes.values import AttributeInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type, one_of
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.ids import SkuId


@one_of
class SkuByInput:
    """Identifies a SKU: give exactly one field."""

    id: SkuId | None = strawberry.UNSET
    """Its id."""
    code: str | None = strawberry.UNSET
    """Its code, case-sensitive."""

    def to_reference(self) -> SkuRef:
        """Return the reference."""
        return SkuRef(code=self.code) if self.id is strawberry.UNSET else SkuRef(id=self.id)


@input_type
class SkuComponentInput(Input[ComponentGiven]):
    """A component of a bundle."""

    sku: str
    """The code of the goods. In a batch it may be a SKU of the same batch."""
    quantity: int
    """Units in one bundle, at least 1."""
    share: int | None = None
    """The component's share of the bundle's price, relative to the other shares; by default the quantity."""


def _cost(given: MoneyInput) -> CostGiven:
    return CostGiven(given.amount, given.currency_code)


@input_type
class SkuUpsertInput(Input[UpsertSku]):
    """A SKU, identified by its code. If it exists, fields left out stay as they are; a field that is null is cleared."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same SKU."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    kind: SkuKind | None = None
    """The kind; required for a new SKU. It never changes."""
    name: str | None = strawberry.UNSET
    """The name; required for a new record."""
    status: SkuStatus | None = strawberry.UNSET
    """ACTIVE where the SKU can be ordered. A new SKU is ACTIVE."""
    barcode: str | None = strawberry.UNSET
    """The barcode number."""
    weight_g: int | None = strawberry.UNSET
    """The weight of one unit, in grams."""
    length_mm: int | None = strawberry.UNSET
    """The longest side of the box of one unit, in millimeters."""
    width_mm: int | None = strawberry.UNSET
    """The second side of the box of one unit, in millimeters."""
    height_mm: int | None = strawberry.UNSET
    """The third side of the box of one unit, in millimeters."""
    cost: MoneyInput | None = becomes(by=_cost, default=strawberry.UNSET)
    """The merchant's cost of one unit, with its currency."""
    origin_country: CountryCode | None = strawberry.UNSET
    """The country of origin, for customs."""
    hs_code: str | None = strawberry.UNSET
    """The SKU's code in the Harmonized System, for customs."""
    components: list[SkuComponentInput] | None = None
    """All components of a BUNDLE: 1 to 100 goods, each once."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes that are defined for SKU. Attributes that are not named stay as they are."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class SkusUpsertInput:
    """A batch of SKUs. Each has its own idempotency key, so that a batch can be sent again safely."""

    skus: list[SkuUpsertInput]
    """At most 1,000 SKUs, each code once."""


@input_type
class SkuDeactivateInput(Input[DeactivateSku]):
    """The SKU to deactivate."""

    id: SkuId = becomes("sku_id")
    """The SKU."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
