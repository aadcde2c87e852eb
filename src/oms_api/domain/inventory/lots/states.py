"""How units leave a level, which decides the lots they are taken from."""

from enum import StrEnum

from oms_api.domain.inventory.states import MovementKind


class Leaving(StrEnum):
    """Why units leave, and so from which lots: first expired first out among those that may."""

    TO_CUSTOMER = "TO_CUSTOMER"
    """Lots that have not expired, then units of no lot; never an expired lot."""
    ELSEWHERE = "ELSEWHERE"
    """To another location of ours: as to a customer, and expired lots at last, where a day was over only meanwhile."""
    MISSING = "MISSING"
    """Nobody knows which are gone: units of no lot, then all lots."""


LEAVING = {MovementKind.SHIP: Leaving.TO_CUSTOMER, MovementKind.SEND: Leaving.ELSEWHERE}
"""How units leave by kind of movement; every other kind takes them as MISSING does."""
