"""Naming boxes, packing and unpacking."""

import strawberry

from oms_api.domain.packing.commands.upsert_box import UpsertBox, upsert_box
from oms_api.domain.packing.states import BoxStatus
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.fulfillment.rearranging import FulfillmentOrderUnitsInput
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.packing.boxes import Box
from oms_api.graphql.packing.packages import Package
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import BoxId, FulfillmentOrderId, LocationId, PackageId
from oms_api.workflows.change_package import UpdatePackage, VoidPackage, update_package, void_package
from oms_api.workflows.pack_work import PackageToPack, PackWork, pack_work


@input_type
class BoxUpsertInput(Input[UpsertBox]):
    """A box of a location, identified by its code. If it exists, fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the box."""
    location_id: LocationId
    """The location that has it."""
    code: str
    """Its code: unique at the location, case-sensitive, no blanks around it."""
    name: str | None = strawberry.UNSET
    """The name shown to people; the code by default."""
    inner_length_mm: int | None = strawberry.UNSET
    """The inner length in mm, at least 1."""
    inner_width_mm: int | None = strawberry.UNSET
    """The inner width in mm, at least 1."""
    inner_height_mm: int | None = strawberry.UNSET
    """The inner height in mm, at least 1."""
    tare_g: int | None = strawberry.UNSET
    """The weight of the empty box in g; 0 by default."""
    max_weight_g: int | None = strawberry.UNSET
    """The largest weight of the box with its contents, in g; null for no limit."""
    status: BoxStatus | None = strawberry.UNSET
    """ACTIVE where the box is in use; ACTIVE by default."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class PackageToPackInput(Input[PackageToPack]):
    """The contents of one package, with its box or its dimensions."""

    lines: list[FulfillmentOrderUnitsInput]
    """The units."""
    box_id: BoxId | None = None
    """A box of the location."""
    length_mm: int | None = None
    """The length in mm, at least 1; by default the length of the box."""
    width_mm: int | None = None
    """The width in mm, at least 1; by default the width of the box."""
    height_mm: int | None = None
    """The height in mm, at least 1; by default the height of the box."""
    weight_g: int | None = None
    """The weight with contents in g, at least 1; by default the weight of the SKUs and the empty box."""


@input_type
class FulfillmentOrderPackInput(Input[PackWork]):
    """The packages to make."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fulfillment order."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order: it must be OPEN or IN_PROGRESS, and not on hold."""
    packages: list[PackageToPackInput] | None = None
    """The packages, at most 250; by default all remaining units, packed as `packingSuggestion` says."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class PackageUpdateInput(Input[UpdatePackage]):
    """Changes of a package that has not left; fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the package."""
    package_id: PackageId
    """The package: it must be DRAFT."""
    box_id: BoxId | None = strawberry.UNSET
    """A box of the location; null for none. A new box sets the dimensions and the weight that are not given here."""
    length_mm: int | None = strawberry.UNSET
    """The length in mm, at least 1; null for the length of the box."""
    width_mm: int | None = strawberry.UNSET
    """The width in mm, at least 1; null for the width of the box."""
    height_mm: int | None = strawberry.UNSET
    """The height in mm, at least 1; null for the height of the box."""
    weight_g: int | None = strawberry.UNSET
    """The weight with contents in g, at least 1; null for the weight of the SKUs and the empty box."""
    expected_version: int | None = None
    """The version of the package that the change is based on; any other is refused."""


@input_type
class PackageVoidInput(Input[VoidPackage]):
    """The package to unpack."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the package."""
    package_id: PackageId
    """The package: it must be DRAFT. If it has a label, void the label first with `labelVoid`."""
    expected_version: int | None = None
    """The version of the package that the change is based on; any other is refused."""


@output
class BoxUpsertPayload(Payload):
    """The box as it is now, or why it was not changed."""

    box: Box | None = None
    """The box."""


@output
class FulfillmentOrderPackPayload(Payload):
    """The fulfillment order with its packages, or why nothing was packed."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class PackageUpdatePayload(Payload):
    """The package as it is now, or why it was not changed."""

    package: Package | None = None
    """The package. Where `replayed` is true, this is its present state."""


@output
class PackageVoidPayload(Payload):
    """The package that was unpacked, or why it was not."""

    package: Package | None = None
    """The package. Where `replayed` is true, this is its present state."""


@output
class PackingMutations:
    """Naming boxes, packing and unpacking."""

    box_upsert = carries_out(upsert_box, BoxUpsertInput, BoxUpsertPayload, Scope.SHIPPING_WRITE, describes="The box.")
    """Create a box of a location, or change it."""
    fulfillment_order_pack = carries_out(
        pack_work, FulfillmentOrderPackInput, FulfillmentOrderPackPayload, Scope.SHIPPING_WRITE, describes="The packages."
    )
    """Pack units of a fulfillment order, which becomes IN_PROGRESS. Packed units cannot be canceled or rejected before their
    package is voided. Fails with EXCEEDS_UNPACKED where more units are named than are left to pack, for example because
    somebody else was faster."""
    package_update = carries_out(
        update_package, PackageUpdateInput, PackageUpdatePayload, Scope.SHIPPING_WRITE, describes="The changes."
    )
    """Change box, dimensions or weight of a package without a label."""
    package_void = carries_out(
        void_package, PackageVoidInput, PackageVoidPayload, Scope.SHIPPING_WRITE, describes="The package."
    )
    """Unpack a package that has not left: it is VOIDED, and its units can be packed again."""
