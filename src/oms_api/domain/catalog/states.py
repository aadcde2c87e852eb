"""The kinds and states of a SKU."""

from enum import StrEnum


class SkuKind(StrEnum):
    """What a SKU is, and so what an order line of it does."""

    GOODS = "GOODS"
    """Units that lie in a location, are promised from stock and travel."""
    BUNDLE = "BUNDLE"
    """A set of goods sold as one; its components carry stock and shares of the price."""
    SERVICE = "SERVICE"
    """Work that is done for the customer: gift wrapping, assembly."""
    FEE = "FEE"
    """A charge beside the goods: handling, a deposit."""
    DIGITAL = "DIGITAL"
    """Something delivered without a parcel: a download, a license."""
    GIFT_CARD = "GIFT_CARD"
    """Credit that is sold and spent later."""

    @property
    def stocked(self) -> bool:
        """Whether units of it lie in a location and are shipped."""
        return self is SkuKind.GOODS


class SkuStatus(StrEnum):
    """Whether a SKU can be ordered."""

    ACTIVE = "ACTIVE"
    """It can be ordered."""
    INACTIVE = "INACTIVE"
    """It cannot be ordered any more; what was ordered stays as it is."""
