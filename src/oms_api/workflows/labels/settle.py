"""Settling labels that a crash or a silent carrier left open: the carrier is asked for their outcome."""

import structlog

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.policies import ABANDONED_S, LATEST_S, MOST_DOUBLINGS
from oms_api.domain.carriers.queries import label_by_id
from oms_api.domain.carriers.states import LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.parcels.port import Access, BoughtLabel, Carrier, CarrierRefused, CarrierTimedOut, CarrierUnreadable
from oms_api.domain.ports import Ports
from oms_api.kernel.access import system_principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import LabelId
from oms_api.workflows.labels.buy import give_back, keep, prepared_for, recorded
from oms_api.workflows.labels.desk import Desk, asked, checked
from oms_api.workflows.labels.outcome import NotBought, Trouble, Unclear, record_refused, record_unclear
from oms_api.workflows.labels.request import Requested

AT_ONCE = 20
KEEPER = system_principal("labels")
DUE = Sql("""
UPDATE label SET looks = looks + 1,
    look_at = :now::timestamptz + least(:first * 2 ^ least(looks, :doublings), :latest) * interval '1 second'
WHERE id = ANY (ARRAY(SELECT id FROM label WHERE look_at <= :now::timestamptz ORDER BY look_at, id LIMIT :size
                      FOR NO KEY UPDATE SKIP LOCKED))
RETURNING id
""")
log = structlog.get_logger()


async def settle_labels(work: UnitOfWork, ports: Ports) -> None:
    """Settle the labels that are due: an errand. A label without an answer is looked at again later."""
    desk = Desk(work, KEEPER, ports)
    while found := await desk.execute(_due, AT_ONCE):
        for label_id in found:
            try:
                await settle(desk, await desk.execute(label_by_id, label_id))
            except (OmsError, CarrierTimedOut, CarrierUnreadable, CarrierRefused) as error:
                log.warning("label_not_settled", label=str(label_id), code=error.code)


async def _due(tx: Tx, size: int) -> list[LabelId]:
    found = DUE(now=tx.now, size=size, first=ABANDONED_S, latest=LATEST_S, doublings=MOST_DOUBLINGS)
    return [label_id for (label_id,) in await tx.fetch(found)]


@dataclass(frozen=True, slots=True)
class Found:
    """A carrier's answer about a label: it was *bought*, or it was not."""

    bought: BoughtLabel | None


async def settle(desk: Desk, label: LabelRow) -> LabelRow:
    """Ask the carrier of *label* for its outcome, record that, and return the label.

    Raises: CarrierRefused, CarrierTimedOut, CarrierUnreadable, where it does not say; UnknownCarrier, CredentialsUnreadable.
    """
    carrier, access, named = await prepared_for(desk, label)
    if label.status is LabelStatus.VOIDING:
        return await give_back(desk, label, carrier, access, named)
    if label.status not in {LabelStatus.REQUESTED, LabelStatus.UNKNOWN}:
        return label
    if not carrier.finds:
        return await recorded(desk, record_unclear, Unclear(label_id=label.id, asks=False))
    found = await ask_for(carrier, access, label)
    if found.bought is None:
        trouble = Trouble(what=LabelTrouble.NOT_BOUGHT)
        return await recorded(desk, record_refused, NotBought(label_id=label.id, trouble=trouble))
    return await keep(desk, Requested(label, None, access, carrier, named), found.bought)


async def ask_for(carrier: Carrier, access: Access, label: LabelRow) -> Found:
    """Return what *carrier* says of *label*. Raises: CarrierRefused, CarrierTimedOut, CarrierUnreadable."""
    bought = await asked(carrier.find(access, label.reference))
    return Found(None if bought is None else checked(bought))
