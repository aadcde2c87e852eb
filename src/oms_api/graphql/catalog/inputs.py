"""What clients send about SKUs."""

import strawberry

from oms_api.domain.catalog.commands.deactivate_sku import DeactivateSku
from oms_api.domain.catalog.intake import ComponentGiven, CostGiven, UpsertSku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind, SkuStatus
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
    """What one bundle holds of a SKU."""

    sku: str
    """The code of the goods; in a batch it may be one of the same batch."""
    quantity: int
    """How many units one bundle holds, at least 1."""
    share: int | None = None
    """The weight of its part in the bundle's price; by default the quantity."""


def _cost(given: MoneyInput) -> CostGiven:
    return CostGiven(given.amount, given.currency_code)


@input_type
class SkuUpsertInput(Input[UpsertSku]):
    """A SKU by its code. Of one that exists, what is left out stays as it is, and null takes it away."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same SKU; kept 72 hours."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    kind: SkuKind | None = None
    """What it is; needed for a new one, and never changed."""
    name: str | None = strawberry.UNSET
    """What people call it; needed for a new one."""
    status: SkuStatus | None = strawberry.UNSET
    """Whether it can be ordered; a new one is ACTIVE."""
    barcode: str | None = strawberry.UNSET
    """The number under its bars."""
    weight_g: int | None = strawberry.UNSET
    """The weight of one unit, in grams."""
    length_mm: int | None = strawberry.UNSET
    """The longest side of its box, in millimeters."""
    width_mm: int | None = strawberry.UNSET
    """The second side of its box, in millimeters."""
    height_mm: int | None = strawberry.UNSET
    """The third side of its box, in millimeters."""
    cost: MoneyInput | None = becomes(by=_cost, default=strawberry.UNSET)
    """What one unit costs the merchant, with its currency."""
    origin_country: CountryCode | None = strawberry.UNSET
    """Where it was made, for customs."""
    hs_code: str | None = strawberry.UNSET
    """Its code in the Harmonized System, for customs."""
    components: list[SkuComponentInput] | None = None
    """Of a BUNDLE, all it is made of: 1 to 100 goods, each once."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class SkusUpsertInput:
    """A batch of SKUs; each carries its own idempotency key, and a retried batch replays SKU by SKU."""

    skus: list[SkuUpsertInput]
    """At most 1,000, each code once."""


@input_type
class SkuDeactivateInput(Input[DeactivateSku]):
    """A SKU to be ordered no more."""

    id: SkuId = becomes("sku_id")
    """The SKU."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
