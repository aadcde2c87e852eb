"""The built-in carrier: it calls nobody, takes prices from its account's table, and prints its own labels.

It is for a merchant's own drivers, and for carriers that are handled by hand.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from urllib.parse import quote

import structlog

from oms_api.domain.documents.errors import DocumentTooLarge, TemplateBroken
from oms_api.domain.documents.facts import LabelPaper, PrintedLabel
from oms_api.domain.documents.ports import Printer
from oms_api.domain.orders.addressing import check_address
from oms_api.domain.parcels.port import (
    Access,
    BoughtLabel,
    CarrierRefused,
    EventsInOurForm,
    Parcel,
    ParcelRate,
    Purchase,
    Quote,
    Scan,
    Setting,
)

DIGITS = 15
CODE = "builtin"
NEEDED = ("postalCode",)
log = structlog.get_logger()


class BuiltIn(EventsInOurForm):
    """A carrier that serves where the rates of its account say."""

    title = "Built-in"
    credentials: Sequence[Setting] = ()
    settings: Sequence[Setting] = (
        Setting("name", "The name on its labels.", needed=False),
        Setting("prefix", "What its tracking numbers begin with; OM by default.", needed=False),
        Setting("trackingUrl", "The page that tracks a parcel, with {number} in it.", needed=False),
    )
    finds = True
    tracks = False

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    async def rates(self, access: Access, parcel: Parcel) -> Sequence[Quote]:
        """Return what the table says. Raises: CarrierRefused, for an address or a weight that nothing serves."""
        return [
            Quote(service=rate.service, name=rate.name, price=rate.price, days=rate.days)
            for rate in serving(access, parcel).values()
        ]

    async def buy(self, access: Access, purchase: Purchase) -> BoughtLabel:
        """Print a label; by the same reference it is the same. Raises: CarrierRefused."""
        found = serving(access, purchase.parcel)
        rate = found.get(purchase.service)
        if rate is None:
            said = f"No service '{purchase.service}' for this parcel; there is {', '.join(sorted(found))}."
            raise CarrierRefused(carrier_code="SERVICE_NOT_OFFERED", carrier_message=said, field=("service",))
        number = tracking_number(access, purchase.reference)
        printed = await self.print_label(_facts(access, purchase.parcel, rate, number), purchase.parcel.template)
        page = access.settings.get("trackingUrl")
        return BoughtLabel(
            tracking_number=number,
            price=rate.price,
            carrier_ref=number,
            tracking_url=None if not page else page.replace("{number}", quote(number)),
            pdf=printed.pdf,
            png=printed.png,
            zpl=printed.zpl,
        )

    async def print_label(self, facts: LabelPaper, template: str | None) -> PrintedLabel:
        """Print by the shop's template; where that cannot be printed by, by ours: the parcel is not to wait for it."""
        try:
            return await self._printer.label(facts, template)
        except (TemplateBroken, DocumentTooLarge) as error:
            if template is None:
                raise
            log.warning("label_template_failed", error=error.message)
            return await self._printer.label(facts)

    async def find(self, access: Access, reference: str) -> BoughtLabel | None:
        """Return nothing: it keeps no books, so what was not recorded here was not bought."""
        return None

    async def void(self, access: Access, carrier_ref: str) -> None:
        """Give a label back: it charged nobody."""

    async def track(self, access: Access, tracking_number: str) -> Sequence[Scan]:
        """Return nothing: its scans are reported."""
        return ()


def serving(access: Access, parcel: Parcel) -> Mapping[str, ParcelRate]:
    """Return the rate of each service that takes *parcel*. Raises: CarrierRefused."""
    for problem in check_address(parcel.recipient):
        part = problem.path.rpartition(".")[2]
        if part in NEEDED:
            raise _refused("POSTAL_CODE", f"The postal code is not right: {problem.problem}", part)
    table = access.rates
    if not table.serving(parcel.sender, parcel.recipient):
        where = f"{parcel.recipient.country} {parcel.recipient.postal_code or ''}".strip()
        raise _refused("ADDRESS_NOT_SERVED", f"No rate is for parcels to {where}.", "postalCode")
    found = table.best(parcel.sender, parcel.recipient, parcel.weight_g)
    if not found:
        said = f"No rate is for {parcel.weight_g:,} g."
        raise CarrierRefused(carrier_code="TOO_HEAVY", carrier_message=said, field=("weightG",))
    return found


def tracking_number(access: Access, reference: str) -> str:
    """Return the number of a label: the same for the same account and reference, with a check digit."""
    made = int.from_bytes(blake2b(reference.encode(), key=access.account_id.bytes, digest_size=8).digest())
    digits = f"{made % 10**DIGITS:0{DIGITS}d}"
    return f"{access.settings.get('prefix') or 'OM'}{digits}{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """Return the digit that makes *digits* right (Luhn, ISO/IEC 7812-1)."""
    doubled = (2 * int(digit) if at % 2 == 0 else int(digit) for at, digit in enumerate(reversed(digits)))
    return -sum(each - 9 if each > 9 else each for each in doubled) % 10  # noqa: PLR2004 - the sum of the digits of 10 to 18


def _refused(code: str, message: str, part: str) -> CarrierRefused:
    return CarrierRefused(carrier_code=code, carrier_message=message, field=("recipient", part))


def _facts(access: Access, parcel: Parcel, rate: ParcelRate, number: str) -> LabelPaper:
    options = [name for name, on in (("Signature", parcel.signature), ("Insured", parcel.insured is not None)) if on]
    if parcel.pickup_point is not None:
        options.append(f"Pickup point {parcel.pickup_point}")
    return LabelPaper(
        carrier=access.settings.get("name") or BuiltIn.title,
        service=rate.name,
        tracking_number=number,
        barcode=number,
        sender=parcel.sender,
        recipient=parcel.recipient,
        weight_g=parcel.weight_g,
        reference=parcel.reference,
        box=parcel.box,
        part=parcel.part,
        parts=parcel.parts,
        options=options,
        is_return=parcel.is_return,
    )
