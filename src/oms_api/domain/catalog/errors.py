"""Errors of a SKU."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class UnknownSku(OmsError):
    """There is no SKU with the code '{given}'; codes are case-sensitive.

    No SKU has the code; codes are case-sensitive.
    """

    code = "UNKNOWN_SKU"
    given: str


@dataclass(eq=False)
class KindFixed(OmsError):
    """The SKU '{sku}' is a {kind}, and the kind of a SKU never changes: use another code.

    The kind of a SKU never changes: use another code.
    """

    code = "KIND_FIXED"
    sku: str
    kind: str


@dataclass(eq=False)
class InvalidComponents(OmsError):
    """{problem}

    The components do not make a bundle: the message tells the problem.
    """  # noqa: D415 - the problem ends with a stop

    code = "INVALID_COMPONENTS"
    problem: str


@dataclass(eq=False)
class BarcodeShared(OmsError):
    """Several SKUs have the barcode '{given}': list them with `skus`, or name one by its id or code.

    Several SKUs have the barcode: list them with `skus`, or name the SKU by its id or code.
    """

    code = "BARCODE_SHARED"
    given: str


@dataclass(eq=False)
class DuplicateInBatch(OmsError):
    """'{given}' stands in this batch twice: send each once.

    Two rows of the batch are about the same record: send each record once.
    """

    code = "DUPLICATE_IN_BATCH"
    given: str


@dataclass(eq=False)
class SkuInactive(OmsError):
    """The SKU '{sku}' is inactive and cannot be ordered: activate it with skuUpsert, or name another one.

    The SKU is inactive and cannot be ordered.
    """

    code = "SKU_INACTIVE"
    sku: str
