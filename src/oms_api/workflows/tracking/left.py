"""Letting scans move a package that were reported before it left: a reaction."""

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.carriers.queries import scans_by_package
from oms_api.domain.events.checkpoints import Piece
from oms_api.kernel.ids import OrderId
from oms_api.workflows.tracking.report import locked_package
from oms_api.workflows.tracking.take import move

SCANNED = Sql("""
SELECT package.id, package.order_id FROM package
WHERE package.shipment_id = ANY (:shipments::uuid[]) AND package.status = 'SHIPPED' AND package.scanned_at IS NOT NULL
    AND EXISTS (SELECT FROM tracking_event scan WHERE scan.package_id = package.id AND scan.status IN ('DELIVERED', 'LOST'))
ORDER BY package.order_id, package.id
""")


async def move_scanned(tx: Tx, piece: Piece) -> bool:
    """Deliver, or lose, the packages of shipments that left whose scans were all recorded before.

    One of each order is moved in a transaction, for the next one is to find the order as that left it: true, where others wait.
    """
    shipments, moved, others = {event.subject_id for event in await piece.events(tx)}, set[OrderId](), False
    for key, order in await tx.fetch(SCANNED(shipments=array(shipments))) if shipments else ():
        if order in moved:
            others = True
            continue
        package = await locked_package(tx, key)
        scans = await scans_by_package.of_one(tx, key)
        if (await move(tx, package, scans, scans)).status is not package.status:
            moved.add(order)
    return others
