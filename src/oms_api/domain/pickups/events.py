"""Events of pickups."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class PickupReady(Event):
    """Goods wait for their customer: the code of the pickup can be sent."""

    type = "PICKUP_READY"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupReminderDue(Event):
    """A customer is to be reminded today of goods that wait."""

    type = "PICKUP_REMINDER_DUE"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupCodeRefused(Event):
    """A wrong code was given for a pickup."""

    type = "PICKUP_CODE_REFUSED"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupCodeRenewed(Event):
    """A pickup has a new code, to be sent to its customer."""

    type = "PICKUP_CODE_RENEWED"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupExtended(Event):
    """The time for a customer to fetch goods was extended."""

    type = "PICKUP_EXTENDED"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupHandedOver(Event):
    """A customer fetched goods."""

    type = "PICKUP_HANDED_OVER"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupCanceled(Event):
    """A pickup was canceled: its goods can be shipped, or made ready again."""

    type = "PICKUP_CANCELED"
    subject = IdKind.PICKUP


@dataclass(frozen=True, kw_only=True)
class PickupExpired(Event):
    """Nobody fetched goods in time: they are canceled and back in stock."""

    type = "PICKUP_EXPIRED"
    subject = IdKind.PICKUP
