"""The outcome of a label: recorded in a transaction of its own, under the lock of its order."""

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta

from oms_api.db.session import Tx
from oms_api.domain.carriers.document import LabelDocument
from oms_api.domain.carriers.policies import TRACK_EVERY_S, next_look
from oms_api.domain.carriers.queries import account_by_id
from oms_api.domain.carriers.states import LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.carriers.verbs import BUY, DECLINE, KEEP, LOSE, REFUSE, RESOLVE, VOID, VOIDED
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.parcels.port import BoughtLabel, CarrierRefused
from oms_api.domain.shipping.tracking import Tracking, check_tracking
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import FileId, LabelId
from oms_api.kernel.naming import check_note

FILES = {"pdf": "pdf_file_id", "png": "png_file_id", "zpl": "zpl_file_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a label is not what was asked for, with the words of its carrier."""

    what: LabelTrouble | None
    code: str | None = None
    message: str | None = None
    field: tuple[str, ...] | None = None

    @classmethod
    def of(cls, what: LabelTrouble, error: CarrierRefused) -> "Trouble":
        """Return that a carrier refused."""
        code, message = (text.replace("\0", "") for text in (error.carrier_code, error.carrier_message))
        return cls(what=what, code=code, message=message, field=error.field or None)


NO_TROUBLE = Trouble(what=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBought:
    """A label was bought, of a carrier as its packages name it; *dear*, it costs more than was allowed.

    The carrier *tracks*: it can be asked where the parcel is.
    """

    label_id: LabelId
    carrier: str
    bought: BoughtLabel
    files: Mapping[str, FileId] = field(default_factory=dict)
    dear: bool = False
    tracks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBought:
    """A label was not bought."""

    label_id: LabelId
    trouble: Trouble
    price_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """The carrier gave no clear answer; *asks*, it can be asked again."""

    label_id: LabelId
    asks: bool


async def record_bought(tx: Tx, outcome: LabelBought) -> LabelRow:
    """Record that a label was bought, and put it on its package. Raises: IllegalMove, where it is clear already what became."""
    verb = DECLINE if outcome.dear else BUY
    async with changing_part(tx, LabelDocument, verb, outcome.label_id, None) as label:
        bought, row = outcome.bought, label.row
        row.tracking_number, row.tracking_url = bought.tracking_number, bought.tracking_url
        row.carrier_ref, row.purchased_at = bought.carrier_ref, tx.now
        for name, column in FILES.items():
            setattr(row, column, outcome.files.get(name))
        if bought.price is not None:
            row.price_minor, row.currency = bought.price.minor, bought.price.currency
        _trouble(label, Trouble(what=LabelTrouble.RATE_CHANGED) if outcome.dear else None)
        row.look_at, row.looks = next_look(tx.now, 0) if outcome.dear else None, 0
        label.move()
        if not outcome.dear:
            label.put_on(tx, outcome.carrier)
            if outcome.tracks and label.package is not None:
                row.track_at = tx.now + timedelta(seconds=TRACK_EVERY_S)
    return label.row


async def record_refused(tx: Tx, outcome: NotBought) -> LabelRow:
    """Record that a label was not bought. Raises: IllegalMove."""
    async with changing_part(tx, LabelDocument, REFUSE, outcome.label_id, None) as label:
        _trouble(label, outcome.trouble)
        if outcome.price_minor is not None:
            label.row.price_minor, label.row.currency = outcome.price_minor, outcome.currency
        label.row.look_at = None
        label.move()
    return label.row


async def record_unclear(tx: Tx, outcome: Unclear) -> LabelRow:
    """Record that nobody knows whether a label was bought. Raises: IllegalMove."""
    async with changing_part(tx, LabelDocument, LOSE, outcome.label_id, None) as label:
        _trouble(label, Trouble(what=LabelTrouble.NO_ANSWER))
        label.row.look_at = next_look(tx.now, label.was.looks) if outcome.asks else None
        label.move()
    return label.row


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidLabel:
    """Give a label back to its carrier."""

    label_id: LabelId
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveLabel:
    """State whether a label without a clear answer was bought: with its number, or not at all."""

    label_id: LabelId
    bought: bool
    tracking_number: str | None = None
    tracking_url: str | None = None
    note: str | None = None
    expected_version: int | None = None


async def begin_void(tx: Tx, command: VoidLabel) -> LabelRow:
    """Record that a label is given back. Raises: NotFound, VersionConflict, IllegalMove, LabelScanned, LabelInUse."""
    async with changing_part(tx, LabelDocument, VOID, command.label_id, command.expected_version) as label:
        label.row.look_at, label.row.looks = next_look(tx.now, 0), 0
        label.move()
    return label.row


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """A label was given back."""

    label_id: LabelId


async def record_voided(tx: Tx, outcome: Voided) -> LabelRow:
    """Record that a label was given back, and take it off its package. Raises: IllegalMove."""
    async with changing_part(tx, LabelDocument, VOIDED, outcome.label_id, None) as label:
        label.row.voided_at, label.row.look_at = tx.now, None
        label.move()
        label.take_off(tx)
    return label.row


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVoided:
    """The carrier refused to take a label back."""

    label_id: LabelId
    carrier: str
    trouble: Trouble


async def record_kept(tx: Tx, outcome: NotVoided) -> LabelRow:
    """Record that a label stays bought. Raises: IllegalMove."""
    async with changing_part(tx, LabelDocument, KEEP, outcome.label_id, None) as label:
        _trouble(label, outcome.trouble)
        label.row.look_at = None
        label.move()
        label.put_on(tx, outcome.carrier)
    return label.row


async def resolve_label(tx: Tx, command: ResolveLabel) -> LabelRow:
    """Record by hand whether a label was bought. Raises: NotFound, VersionConflict, IllegalMove, InvalidValue."""
    check_note(command.note, "note")
    check_tracking(Tracking(tracking_number=command.tracking_number, tracking_url=command.tracking_url))
    if command.bought and command.tracking_number is None:
        raise InvalidValue(problem="A label that was bought has a tracking number.", field=("trackingNumber",))
    async with changing_part(tx, LabelDocument, RESOLVE, command.label_id, command.expected_version) as label:
        row, number = label.row, command.tracking_number
        row.note, row.look_at = command.note, None
        if command.bought:
            row.tracking_number, row.carrier_ref, row.tracking_url = number, number, command.tracking_url
            row.purchased_at = tx.now
            account = await account_by_id(tx, label.was.account_id)
            _trouble(label, None)
            label.move(LabelStatus.PURCHASED)
            label.put_on(tx, account.settings.get("name") or account.carrier)
        else:
            _trouble(label, Trouble(what=LabelTrouble.NOT_BOUGHT))
            label.move(LabelStatus.REFUSED)
    return label.row


def _trouble(label: LabelDocument, trouble: Trouble | None) -> None:
    row, said = label.row, trouble or NO_TROUBLE
    row.trouble, row.trouble_code, row.trouble_message = said.what, said.code, said.message
    row.trouble_field = None if said.field is None else list(said.field)
