"""Buying a label: it is asked for in one transaction, bought outside of any, and recorded in another.

Whatever ends the process in between leaves a label that is not settled: `settle` asks its carrier what came of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar

import structlog

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import Done
from oms_api.domain.carriers.errors import LabelNotBought, LabelUnknown, NoSuchRate, RateChanged
from oms_api.domain.carriers.policies import RATES_S
from oms_api.domain.carriers.queries import label_by_id
from oms_api.domain.carriers.states import LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.documents.facts import PDF, PNG, ZPL, NewFile
from oms_api.domain.parcels.port import Access, BoughtLabel, Carrier, CarrierRefused, CarrierTimedOut, CarrierUnreadable
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.ids import FileId, LabelId
from oms_api.kernel.money import Money
from oms_api.workflows.labels.desk import Desk, asked, checked, name_of
from oms_api.workflows.labels.outcome import (
    LabelBought,
    NotBought,
    NotVoided,
    Trouble,
    Unclear,
    Voided,
    VoidLabel,
    begin_void,
    record_bought,
    record_kept,
    record_refused,
    record_unclear,
    record_voided,
)
from oms_api.workflows.labels.request import (
    PurchaseLabel,
    PurchaseReturnLabel,
    Requested,
    request_label,
    request_return_label,
    requested_before,
)


class OfLabel(Protocol):
    """The outcome of a label."""

    @property
    def label_id(self) -> LabelId:
        """The label."""


Outcome = TypeVar("Outcome", bound=OfLabel)
RUNNING: set[asyncio.Task[LabelRow]] = set()
"""What was begun and is not recorded yet: the loop itself holds tasks weakly."""
log = structlog.get_logger()


async def purchase_label(desk: Desk, command: PurchaseLabel, *, key: str) -> Done[LabelRow]:
    """Buy the label of a package once under *key*. Returns the label, bought or not. Raises: as `request_label`."""
    asks = partial(request_label, ports=desk.ports)
    done = await desk.work.once(desk.principal, asks, command, key=key, name="labelPurchase", again=requested_before)
    return await _carried_through(desk, done)


async def purchase_return_label(desk: Desk, command: PurchaseReturnLabel, *, key: str) -> Done[LabelRow]:
    """Buy the label of a return once under *key*. Returns the label. Raises: as `request_return_label`."""
    asks = partial(request_return_label, ports=desk.ports)
    done = await desk.work.once(desk.principal, asks, command, key=key, name="returnLabelPurchase", again=requested_before)
    return await _carried_through(desk, done)


async def _carried_through(desk: Desk, done: Done[Requested]) -> Done[LabelRow]:
    label = done.value.label if done.replayed else await to_the_end(carry_through(desk, done.value))
    return Done(label, replayed=done.replayed)


async def to_the_end(run: Coroutine[Any, Any, LabelRow]) -> LabelRow:
    """Return what *run* gives; where the caller is gone before, it runs to its end all the same, for money is at stake."""
    task = asyncio.create_task(run)
    RUNNING.add(task)
    task.add_done_callback(RUNNING.discard)
    return await asyncio.shield(task)


async def carry_through(desk: Desk, asked_for: Requested) -> LabelRow:
    """Buy a label that was requested, record the outcome, and return it."""
    label, purchase, access, carrier = asked_for.label, asked_for.purchase, asked_for.access, asked_for.carrier
    if purchase is None or access is None or carrier is None:
        return label
    refused = await _refused_by_price(carrier, access, asked_for)
    if refused is not None:
        return await recorded(desk, record_refused, refused)
    try:
        bought = checked(await asked(carrier.buy(access, purchase)))
    except CarrierRefused as error:
        return await recorded(desk, record_refused, _refusal(label, error))
    except (CarrierTimedOut, CarrierUnreadable):
        return await recorded(desk, record_unclear, Unclear(label_id=label.id, asks=carrier.finds))
    return await keep(desk, asked_for, bought)


async def recorded(desk: Desk, record: Callable[[Tx, Outcome], Awaitable[LabelRow]], outcome: Outcome) -> LabelRow:
    """Record the outcome of a label, and return it: as it is, where somebody else was first."""
    try:
        return await desk.execute(record, outcome)
    except IllegalMove:
        return await desk.execute(label_by_id, outcome.label_id)


def _refusal(label: LabelRow, error: CarrierRefused) -> NotBought:
    return NotBought(label_id=label.id, trouble=Trouble.of(LabelTrouble.CARRIER_REFUSED, error))


async def _refused_by_price(carrier: Carrier, access: Access, asked_for: Requested) -> NotBought | None:
    """Return that the label costs more than is allowed, or that its price is not known; None where it may be bought."""
    label, purchase = asked_for.label, asked_for.purchase
    if label.max_price_minor is None or purchase is None:
        return None
    try:
        quotes = {quote.service: quote for quote in await asked(carrier.rates(access, purchase.parcel), seconds=RATES_S)}
    except CarrierRefused as error:
        return _refusal(label, error)
    except (CarrierTimedOut, CarrierUnreadable):
        return NotBought(label_id=label.id, trouble=Trouble(what=LabelTrouble.NOT_BOUGHT))
    quote = quotes.get(label.service)
    if quote is None:
        said = NoSuchRate(service=label.service, offered=f"it offers {', '.join(sorted(quotes)) or 'none'}")
        refused = CarrierRefused(carrier_code=said.code, carrier_message=said.message, field=("service",))
        return _refusal(label, refused)
    if not dear(label, quote.price):
        return None
    trouble = Trouble(what=LabelTrouble.RATE_CHANGED)
    return NotBought(label_id=label.id, trouble=trouble, price_minor=quote.price.minor, currency=quote.price.currency)


def dear(label: LabelRow, price: Money | None) -> bool:
    """Tell whether *price* is more than was allowed for *label*, or cannot be compared with it."""
    if label.max_price_minor is None or price is None:
        return False
    return price.currency != label.currency or price.minor > label.max_price_minor


async def keep(desk: Desk, asked_for: Requested, bought: BoughtLabel) -> LabelRow:
    """Record what was bought, and return the label. What costs more than was allowed is given back."""
    label, carrier, access = asked_for.label, asked_for.carrier, asked_for.access
    if carrier is None or access is None:
        return label
    files = await _kept_files(desk, label, bought)
    too_dear = dear(label, bought.price)
    outcome = LabelBought(
        label_id=label.id,
        carrier=asked_for.carrier_name,
        bought=bought,
        files=files,
        dear=too_dear,
        tracks=carrier.tracks,
    )
    try:
        recorded = await desk.execute(record_bought, outcome)
    except IllegalMove:
        return await _came_late(desk, asked_for, bought)
    return await give_back(desk, recorded, carrier, access, asked_for.carrier_name) if too_dear else recorded


async def _came_late(desk: Desk, asked_for: Requested, bought: BoughtLabel) -> LabelRow:
    """Give back what was bought after nobody waited for it any more, unless it was found in between."""
    label = await desk.execute(label_by_id, asked_for.label.id)
    if label.carrier_ref != bought.carrier_ref and asked_for.carrier is not None and asked_for.access is not None:
        log.warning("label_came_late", label=label.reference, status=label.status)
        await asked(asked_for.carrier.void(asked_for.access, bought.carrier_ref))
    return label


async def _kept_files(desk: Desk, label: LabelRow, bought: BoughtLabel) -> dict[str, FileId]:
    """Keep the files of a label, as far as that can be done: a label that is bought is recorded without them, too."""
    zpl = None if bought.zpl is None else bought.zpl.encode(errors="replace")
    kept: dict[str, FileId] = {}
    for name, media_type, content in (("pdf", PDF, bought.pdf), ("png", PNG, bought.png), ("zpl", ZPL, zpl)):
        if not content:
            continue
        file = NewFile(
            name=f"{bought.tracking_number}.{name}",
            media_type=media_type,
            content=content,
            channels=[label.channel_id],
            locations=[label.location_id],
        )
        try:
            kept[name] = await desk.ports.files.put(file)
        except Exception as error:  # noqa: BLE001 - the label is paid for
            log.warning("label_file_not_kept", label=label.reference, file=name, error=type(error).__name__)
    return kept


async def void_label(desk: Desk, command: VoidLabel, *, key: str) -> Done[LabelRow]:
    """Give a label back once under *key*, and return it, voided or not. Raises: as `begin_void`."""
    done = await desk.work.once(desk.principal, begin_void, command, key=key, name="labelVoid", again=label_by_id)
    if done.replayed:
        return done
    prepared = await prepared_for(desk, done.value)
    return Done(await to_the_end(give_back(desk, done.value, *prepared)))


async def prepared_for(desk: Desk, label: LabelRow) -> tuple[Carrier, Access, str]:
    """Return the carrier of a label, its account, and how packages name it. Raises: UnknownCarrier, CredentialsUnreadable."""
    account, access = await desk.access(label.account_id)
    carrier = desk.carrier(account)
    return carrier, access, name_of(account, carrier)


async def give_back(desk: Desk, label: LabelRow, carrier: Carrier, access: Access, named: str) -> LabelRow:
    """Give a label back to its carrier, and return it: voided, kept where that is refused, or not settled yet."""
    try:
        await asked(carrier.void(access, label.carrier_ref or ""))
    except (CarrierTimedOut, CarrierUnreadable):
        return label
    except CarrierRefused as error:
        trouble = Trouble.of(LabelTrouble.VOID_REFUSED, error)
        return await recorded(desk, record_kept, NotVoided(label_id=label.id, carrier=named, trouble=trouble))
    return await recorded(desk, record_voided, Voided(label_id=label.id))


def trouble_of(label: LabelRow) -> OmsError | None:
    """Return the error for a label that is not as it was asked for, or None."""
    match label.trouble:
        case LabelTrouble.CARRIER_REFUSED | LabelTrouble.VOID_REFUSED:
            path = tuple(label.trouble_field or ())
            return CarrierRefused(
                carrier_code=label.trouble_code or "", carrier_message=label.trouble_message or "", field=path
            )
        case LabelTrouble.RATE_CHANGED:
            return RateChanged.of(Money(label.price_minor or 0, label.currency or ""), label.max_price_minor or 0)
        case LabelTrouble.NO_ANSWER:
            return LabelUnknown(field=("labelId",)) if label.status is LabelStatus.UNKNOWN else None
        case LabelTrouble.NOT_BOUGHT:
            return LabelNotBought()
        case _:
            return None
