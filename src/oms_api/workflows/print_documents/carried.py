"""Reading papers for carriers: the labels of packages and returns, and the parcels on a manifest."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.db.columns import Json
from oms_api.db.session import Reader
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.carriers.errors import AddressMissing
from oms_api.domain.documents.errors import NoLabelYet
from oms_api.domain.documents.wording import address_lines
from oms_api.kernel.address import Address
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import FileId, IdKind, ManifestId, PackageId, ReturnId, text_id
from oms_api.workflows.print_documents.made import MadePapers
from oms_api.workflows.print_documents.papers import kilograms, party, sender_lines
from oms_api.workflows.print_documents.parcels import parcels_of_packages

LABELS = Sql("""
SELECT package_id, pdf_file_id FROM label
WHERE package_id = ANY (:packages::uuid[]) AND status = 'PURCHASED' AND pdf_file_id IS NOT NULL
""")
RETURN = Sql("""
SELECT back.number, back.channel_id, orders.number AS order_number, party.shipping_address AS sender,
    label.pdf_file_id, work.location_id, location.name AS location, location.address AS recipient
FROM returns back JOIN orders ON orders.id = back.order_id
LEFT JOIN label ON label.return_id = back.id AND label.status = 'PURCHASED'
LEFT JOIN LATERAL (
    SELECT shipping_address FROM order_party WHERE order_id = orders.id ORDER BY version DESC LIMIT 1
) party ON true
LEFT JOIN LATERAL (
    SELECT location_id FROM fulfillment_order WHERE order_id = orders.id ORDER BY id LIMIT 1
) work ON true
LEFT JOIN location ON location.id = work.location_id
WHERE back.id = :id::uuid
""")
MANIFEST = Sql("""
SELECT manifest.location_id, manifest.created_at, manifest.weight_g, account.name AS carrier, location.name AS location,
    location.address AS sender, location.time_zone,
    (SELECT jsonb_agg(jsonb_build_array(label.tracking_number, orders.number, label.service, package.weight_g,
            party.shipping_address) ORDER BY label.id)
     FROM label JOIN orders ON orders.id = label.order_id LEFT JOIN package ON package.id = label.package_id
     LEFT JOIN LATERAL (
         SELECT shipping_address FROM order_party WHERE order_id = orders.id ORDER BY version DESC LIMIT 1
     ) party ON true
     WHERE label.manifest_id = manifest.id) AS packages,
    ARRAY(SELECT DISTINCT channel_id FROM label WHERE label.manifest_id = manifest.id) AS channels
FROM manifest JOIN carrier_account account ON account.id = manifest.account_id
JOIN location ON location.id = manifest.location_id WHERE manifest.id = :id::uuid
""")


async def labels_of(read: Reader, packages: Sequence[PackageId]) -> Mapping[PackageId, FileId]:
    """Return the labels of those of *packages* that have one."""
    rows = await read.all(Query[Any](*LABELS(packages=array(packages))))
    return {PackageId(row.package_id): FileId(row.pdf_file_id) for row in rows}


async def label_of_package(read: Reader, key: PackageId) -> MadePapers:
    """Return the label of a package. Raises: NotFound, NoLabelYet."""
    (parcel,) = await parcels_of_packages(read, [key])
    found = await labels_of(read, [key])
    if key not in found:
        raise NoLabelYet(package=text_id(IdKind.PACKAGE, key))
    return MadePapers(f"label-{parcel.number}-{parcel.part}", found[key], [parcel.channel_id], [parcel.location_id])


async def label_of_return(read: Reader, key: ReturnId) -> MadePapers:
    """Return the label bought for a return, or the facts of one without a carrier, to the location that sent the goods.

    Raises: NotFound, AddressMissing.
    """
    (row,) = await read.all(Query[Any](*RETURN(id=key))) or [None]
    number = text_id(IdKind.RETURN, key)
    if row is None or not read.principal.sees_channel(row.channel_id):
        raise NotFound(what="return", given=number)
    content = row.pdf_file_id
    if content is None:
        if row.recipient is None or row.sender is None:
            raise AddressMissing(whose=f"order {row.order_number} or its location")
        content = _return_facts(row, number)
    return MadePapers(
        f"return-label-{row.number}", content, [row.channel_id], [] if row.location_id is None else [row.location_id]
    )


def _return_facts(row: Any, number: str) -> Json:  # noqa: ANN401 - a record of the statement above
    return {
        "carrier": "Return",
        "service": "",
        "tracking_number": f"Return {row.number}",
        "barcode": {"$code128": number},
        "sender": party(Address(**row.sender)),
        "recipient": {"name": row.location, "lines": sender_lines(Address(**row.recipient), row.location), "phone": None},
        "weight": None,
        "reference": str(row.order_number),
        "box": None,
        "part": 1,
        "parts": 1,
        "options": [],
        "notes": [],
        "is_return": True,
    }


async def manifest(read: Reader, key: ManifestId) -> MadePapers:
    """Return the facts of a manifest. Raises: NotFound."""
    (row,) = await read.all(Query[Any](*MANIFEST(id=key))) or [None]
    number = text_id(IdKind.MANIFEST, key)
    if row is None or not read.principal.sees_location(row.location_id):
        raise NotFound(what="manifest", given=number)
    day = row.created_at.astimezone(ZoneInfo(row.time_zone)).date().isoformat()
    facts: Json = {
        "number": number,
        "carrier": row.carrier,
        "date": day,
        "sender": {
            "name": row.location,
            "lines": sender_lines(None if row.sender is None else Address(**row.sender), row.location),
        },
        "weight": kilograms(row.weight_g),
        "packages": [_taken(*each) for each in row.packages or ()],
    }
    return MadePapers(f"manifest-{day}", facts, row.channels, [row.location_id])


def _taken(tracking_number: str, order: int, service: str, weight_g: int | None, to: Json | None) -> Json:
    return {
        "tracking_number": tracking_number,
        "order": str(order),
        "service": service,
        "destination": None if to is None else ", ".join(address_lines(Address(**to))[-2:]),
        "weight": None if weight_g is None else kilograms(weight_g),
    }
