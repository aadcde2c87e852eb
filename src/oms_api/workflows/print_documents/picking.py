"""Reading pick batches for papers: bins, units, and the packages in the order of their slots."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.db.columns import Json
from oms_api.db.session import Reader
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, PackageId, PickBatchId, text_id
from oms_api.workflows.print_documents.made import MadePapers
from oms_api.workflows.print_documents.parcels import GONE

BATCH = Sql("""
WITH line AS (SELECT * FROM pick_batch_line WHERE batch_id = :id::uuid)
SELECT batch.number, batch.location_id, batch.created_at, location.name AS location, location.time_zone,
    (SELECT jsonb_agg(jsonb_build_array(place.bin, place.code, place.name, place.units, place.slots)
            ORDER BY place.position)
     FROM (SELECT line.bin, sku.code, sku.name, min(line.position) AS position, sum(line.quantity) AS units,
               jsonb_agg(jsonb_build_object('slot', line.slot, 'units', line.quantity) ORDER BY line.slot) AS slots
           FROM line JOIN sku ON sku.id = line.sku_id GROUP BY line.bin, sku.code, sku.name) place) AS lines,
    (SELECT jsonb_agg(jsonb_build_array(work.slot, orders.number,
            coalesce(party.shipping_address ->> 'name', party.contact ->> 'name', ''), work.units) ORDER BY work.slot)
     FROM (SELECT slot, order_id, sum(quantity) AS units FROM line GROUP BY slot, order_id) work
     JOIN orders ON orders.id = work.order_id
     LEFT JOIN LATERAL (
         SELECT shipping_address, contact FROM order_party WHERE order_id = orders.id ORDER BY version DESC LIMIT 1
     ) party ON true) AS orders,
    ARRAY(SELECT DISTINCT orders.channel_id FROM line JOIN orders ON orders.id = line.order_id) AS channels
FROM pick_batch batch JOIN location ON location.id = batch.location_id WHERE batch.id = :id::uuid
""")
PACKAGES = Sql(f"""
SELECT package.id FROM package JOIN (
    SELECT fulfillment_order_id, min(slot) AS slot FROM pick_batch_line WHERE batch_id = :id::uuid GROUP BY fulfillment_order_id
) work ON work.fulfillment_order_id = package.fulfillment_order_id
WHERE package.status NOT IN {GONE} ORDER BY work.slot, package.id
""")  # noqa: S608 - made of constants


async def pick_list(read: Reader, key: PickBatchId) -> MadePapers:
    """Return the facts of the list of a pick batch. Raises: NotFound."""
    (row,) = await read.all(Query[Any](*BATCH(id=key))) or [None]
    number, principal = text_id(IdKind.PICK_BATCH, key), read.principal
    if row is None or not (principal.sees_location(row.location_id) and all(map(principal.sees_channel, row.channels))):
        raise NotFound(what="pick batch", given=number)
    lines, orders = row.lines or (), row.orders or ()
    facts: Json = {
        "number": str(row.number),
        "location": {"name": row.location},
        "made_on": row.created_at.astimezone(ZoneInfo(row.time_zone)).date().isoformat(),
        "qr": {"$qr": number},
        "units": sum(units for _, _, _, units, _ in lines),
        "lines": [
            {"bin": where, "sku": sku, "title": title, "units": units, "slots": slots}
            for where, sku, title, units, slots in lines
        ],
        "orders": [
            {"slot": slot, "number": str(order), "recipient": recipient, "units": units}
            for slot, order, recipient, units in orders
        ],
    }
    return MadePapers(f"pick-list-{row.number}", facts, row.channels, [row.location_id])


async def packages_of_batch(read: Reader, key: PickBatchId) -> Sequence[PackageId]:
    """Return the packages of a pick batch by their slots, without those that were undone."""
    return [PackageId(row.id) for row in await read.all(Query[Any](*PACKAGES(id=key)))]
