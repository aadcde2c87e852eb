"""The facts of labels, and printed labels."""

from collections.abc import Collection, Sequence
from dataclasses import field
from datetime import datetime

from oms_api.db.columns import Json
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, LocationId

PDF, PNG, ZPL = "application/pdf", "image/png", "application/zpl"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPaper:
    """The facts of a parcel's label: *part* of *parts* parcels of one delivery, with *barcode* as the text of a Code 128."""

    carrier: str
    service: str
    tracking_number: str
    barcode: str
    sender: Address
    recipient: Address
    weight_g: int
    reference: str
    box: str | None = None
    part: int = 1
    parts: int = 1
    options: Sequence[str] = ()
    notes: Sequence[str] = ()
    is_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabel:
    """One label of 4 x 6 inches: to print on any printer, to show, and for a label printer of 203 dots an inch."""

    pdf: bytes
    png: bytes
    zpl: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One document: what *template*, a source of typst, makes of *facts*."""

    template: str
    facts: Json = field(repr=False)


Printable = Paper | bytes
"""A paper to be made, or a PDF that is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that is to be kept, until *expires_at* if it has an end.

    Only who may see all of its *channels* and *locations* sees it.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    expires_at: datetime | None = None
    channels: Collection[ChannelId] = ()
    locations: Collection[LocationId] = ()
