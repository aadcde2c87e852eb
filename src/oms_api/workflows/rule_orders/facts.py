"""Facts that rules are told of any order, however it is known. Pure."""

from typing import Any

from oms_api.domain.orders.addressing import check_destination
from oms_api.kernel.address import Address, DeliveryPoint


def people_facts(shipping: Address | None, billing: Address | None, email: str | None) -> dict[str, Any]:
    """Return what rules know of where an order goes and whose it is."""
    to = shipping or billing
    domain = email.rpartition("@")[2].lower() if email else ""
    parts = {"country": to.country, "region": to.region, "city": to.city, "postalCode": to.postal_code} if to else {}
    differs = bool(shipping and billing) and _where(shipping) != _where(billing)
    said = {name: part or "" for name, part in parts.items()}
    return {**said, "email": email or "", "emailDomain": domain, "billingDiffers": differs}


def _where(address: Address | None) -> tuple[str, str]:
    assert address is not None  # noqa: S101 - both are there
    return address.country, (address.postal_code or "").replace(" ", "").lower()


def quality(address: Address | None, point: DeliveryPoint | None) -> str:
    """Return what is known of where goods go."""
    if address is None and point is None:
        return "MISSING"
    return "DOUBTFUL" if check_destination(address, point) else "OK"
