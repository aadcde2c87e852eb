"""Closing the day of a carrier at a location: the parcels with its labels that left since its last manifest."""

from typing import Any

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.carriers.errors import NothingToManifest
from oms_api.domain.carriers.events import ManifestCreated
from oms_api.domain.carriers.queries import account_by_id
from oms_api.domain.carriers.tables import ManifestRow
from oms_api.domain.channels.queries import locations_by_id
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import CarrierAccountId, IdKind, LocationId, ManifestId, text_id

TURN = Sql("SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'oms manifest', :account::uuid, :location::uuid), 0))")
LEFT = Sql("""
SELECT label.id, package.weight_g FROM label JOIN package ON package.id = label.package_id
WHERE label.account_id = :account::uuid AND label.location_id = :location::uuid AND label.status = 'PURCHASED'
  AND label.manifest_id IS NULL AND package.status IN ('SHIPPED', 'DELIVERED', 'LOST', 'RETURNED_TO_SENDER')
ORDER BY label.id FOR NO KEY UPDATE OF label
""")
CLOSED = Sql("UPDATE label SET manifest_id = :manifest::uuid, version = version + 1 WHERE id = ANY (:labels::uuid[])")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateManifest:
    """Close what an account's carrier took from a location."""

    location_id: LocationId
    account_id: CarrierAccountId


async def create_manifest(tx: Tx, command: CreateManifest) -> ManifestRow:
    """Put every parcel that left with a label of the account on a manifest, and return that.

    Raises: NotFound; NothingToManifest.
    """
    place = (await locations_by_id(tx, [command.location_id])).get(command.location_id)
    if place is None:
        given = text_id(IdKind.LOCATION, command.location_id)
        raise NotFound(what="location", given=given, field=("locationId",))
    account = await account_by_id(tx, command.account_id)
    of = {"account": account.id, "location": place.id}
    await tx.fetch(TURN(**of))
    labels: list[tuple[Any, ...]] = await tx.fetch(LEFT(**of))
    if not labels:
        raise NothingToManifest(field=("accountId",))
    row = {
        "id": tx.new_id(ManifestId),
        "account_id": account.id,
        "location_id": place.id,
        "packages": len(labels),
        "weight_g": sum(grams or 0 for _, grams in labels),
        "actor": tx.actor,
        "created_at": tx.now,
    }
    manifest = await tx.made(ManifestRow, row)
    tx.closing.append(CLOSED(manifest=manifest.id, labels=array(label for label, _ in labels)))
    tx.emit(
        ManifestCreated(
            subject_id=manifest.id, location_ids=(place.id,), changes={"manifest.packages": (None, manifest.packages)}
        )
    )
    return manifest
