"""The kinds and states of a SKU."""

from enum import StrEnum


class SkuKind(StrEnum):
    """What a SKU is, and so what an order line of it does."""

    GOODS = "GOODS"
    BUNDLE = "BUNDLE"
    SERVICE = "SERVICE"
    FEE = "FEE"
    DIGITAL = "DIGITAL"
    GIFT_CARD = "GIFT_CARD"

    @property
    def stocked(self) -> bool:
        """Whether units of it lie in a location and are shipped."""
        return self is SkuKind.GOODS


class SkuStatus(StrEnum):
    """Whether a SKU can be ordered."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
