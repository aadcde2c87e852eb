"""The kinds and states of a SKU."""

from enum import StrEnum


class SkuKind(StrEnum):
    """The kind of a SKU, which determines how its order lines are handled."""

    GOODS = "GOODS"
    """Units that lie at a location, are promised from stock and are shipped."""
    BUNDLE = "BUNDLE"
    """A set of goods sold as one; its components carry stock and shares of the price."""
    SERVICE = "SERVICE"
    """Work that is done for the customer: gift wrapping, assembly."""
    FEE = "FEE"
    """A charge in addition to the goods: handling, a deposit."""
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
    """The SKU can be ordered."""
    INACTIVE = "INACTIVE"
    """The SKU can no longer be ordered; existing orders stay as they are."""
