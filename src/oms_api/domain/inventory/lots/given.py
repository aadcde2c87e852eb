"""Lots as callers name them: with goods that come, or that are known to be missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import date

from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.lots.errors import LotMismatch
from oms_api.domain.inventory.lots.stock import NewLot
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems
from oms_api.kernel.ids import SkuId
from oms_api.kernel.naming import LONGEST_CODE, check_code, check_name, check_text

MOST_ATTRIBUTES = 50
KNOWN = Sql("""
SELECT lot.sku_id, lot.code, lot.expires_on
FROM unnest(:skus::uuid[], :codes::text[]) AS want (sku_id, code)
JOIN lot ON lot.sku_id = want.sku_id AND lot.code = want.code
""")


@dataclass(frozen=True, slots=True)
class AttributeOfLot:
    """Something that is known of a lot: the maker's batch, a country."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class LotGiven:
    """A lot by its code; the other things are told of a new one, and the expiry must agree with what is known."""

    code: str
    expires_on: date | None = None
    attributes: tuple[AttributeOfLot, ...] | None = None


@dataclass(slots=True)
class Lots:
    """The lots that the rows of a document name, row by row: each as it is known, or as the first row tells it."""

    known: dict[tuple[SkuId, str], date | None]
    new: dict[tuple[SkuId, str], NewLot] = field(default_factory=dict)

    def add(self, sku_id: SkuId, given: LotGiven) -> None:
        """Take in the lot of a row. Raises: LotMismatch, where it is known to expire on another day."""
        key = (sku_id, given.code)
        if key not in self.known:
            self.known[key] = given.expires_on
            attributes = {each.name: each.value for each in given.attributes or ()}
            self.new[key] = NewLot(sku_id, given.code, given.expires_on, attributes)
        elif given.expires_on is not None and given.expires_on != self.known[key]:
            known = self.known[key]
            shown = "never" if known is None else f"on {known}"
            raise LotMismatch(lot=given.code, known=shown, given=str(given.expires_on), field=("lot", "expiresOn"))

    @property
    def made(self) -> Sequence[NewLot]:
        """The lots that are to be made."""
        return tuple(self.new.values())


async def lots_named(tx: Tx, named: Collection[tuple[SkuId, LotGiven]]) -> Lots:
    """Return what is known of the lots that rows of a document name; without any, nothing is asked."""
    wanted = {(sku, given.code) for sku, given in named if "\0" not in given.code}
    if not wanted:
        return Lots({})
    rows = await tx.fetch(KNOWN(skus=array(sku for sku, _ in wanted), codes=text_array(code for _, code in wanted)))
    return Lots({(sku, code): expires_on for sku, code, expires_on in rows})


def check_lot(given: LotGiven | None) -> None:
    """Raises: InvalidValue, for a code that is none or attributes that cannot be kept; TooManyItems."""
    if given is None:
        return
    try:
        check_code(given.code, "code")
        check_attributes(given.attributes or ())
    except OmsError as error:
        raise error.at("lot") from None


def check_attributes(attributes: Sequence[AttributeOfLot]) -> None:
    """Raises: InvalidValue, for names that are blank, too long or there twice, or values that are too long; TooManyItems."""
    if len(attributes) > MOST_ATTRIBUTES:
        raise TooManyItems(limit=MOST_ATTRIBUTES, given=len(attributes), field=("attributes",))
    seen: set[str] = set()
    for index, each in enumerate(attributes):
        path = ("attributes", str(index))
        check_name(each.name, *path, "name")
        check_text(each.value, *path, "value")
        if each.name in seen:
            raise InvalidValue(problem=f"'{each.name[:LONGEST_CODE]}' stands there already.", field=(*path, "name"))
        seen.add(each.name)


def attributes_of(kept: Mapping[str, str]) -> list[AttributeOfLot]:
    """Return the attributes that a lot has, by name."""
    return [AttributeOfLot(name, value) for name, value in sorted(kept.items())]
