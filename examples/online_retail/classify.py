"""Where each row belongs. Pure; the reasons stand in docs/replay-online-retail.md."""

from enum import StrEnum
from typing import Self

from examples.online_retail.rows import BAD_DEBT, CREDIT_NOTE, Row

POSTAGE = {"POST", "DOT", "C2", "C3"}
MANUAL = {"M", "m"}
FEES = {*MANUAL, "BANK CHARGES", "AMAZONFEE", "ADJUST", "ADJUST2", "B", "S", "CRUK"}
DISCOUNT = "D"
GIFT_CARDS, TESTS = "gift_0001_", "TEST"


class Fate(StrEnum):
    """What happens to a row."""

    PLACED = "placed"
    """It becomes part of an order."""
    ADJUSTED = "adjusted"
    """It corrects stock."""
    RETURNED = "returned"
    """It takes units of earlier orders back: return, receipt, refund."""
    LISTED = "listed"
    """No order answers for it: it is told, its kind is the reason."""
    REFUSED = "refused"
    """It goes nowhere; its kind is the reason."""


class Kind(StrEnum):
    """What a row is."""

    fate: Fate

    def __new__(cls, value: str, fate: Fate) -> Self:
        """Make a kind that knows its fate."""
        made = str.__new__(cls, value)
        made._value_, made.fate = value, fate
        return made

    GOODS = "GOODS", Fate.PLACED
    """Goods sold: a GOODS line."""
    GIFT = "GIFT", Fate.PLACED
    """Goods at price 0 for a known customer: a GOODS line at 0."""
    GIFT_CARD = "GIFT_CARD", Fate.PLACED
    """A gift voucher: a GIFT_CARD line."""
    POSTAGE = "POSTAGE", Fate.PLACED
    """A shipping charge; on an invoice of postage alone a FEE line, for an order needs a line."""
    FEE = "FEE", Fate.PLACED
    """A manual line, a fee, a positive "discount": a FEE line."""
    DISCOUNT = "DISCOUNT", Fate.PLACED
    """What was taken off: a discount on the order."""
    FOUND = "FOUND", Fate.ADJUSTED
    """Goods at price 0 without a customer: stock found."""
    WRITTEN_OFF = "WRITTEN_OFF", Fate.ADJUSTED
    """Goods that left without a sale: stock missing."""
    RETURN = "RETURN", Fate.RETURNED
    """Goods on a known customer's credit note, at least some of them shipped to that customer before."""
    NOTHING_SHIPPED = "NOTHING_SHIPPED", Fate.LISTED
    """Goods on a known customer's credit note of which no earlier order has any left."""
    MORE_THAN_SHIPPED = "MORE_THAN_SHIPPED", Fate.LISTED
    """What is left of a row of returned goods when all that was shipped is back."""
    NO_CUSTOMER = "NO_CUSTOMER", Fate.LISTED
    """Goods on a credit note that names no customer."""
    CREDITED_MANUAL = "CREDITED_MANUAL", Fate.LISTED
    """A manual amount on a credit note."""
    CREDITED_FEE = "CREDITED_FEE", Fate.LISTED
    """A fee, an adjustment or a sample on a credit note."""
    CREDITED_POSTAGE = "CREDITED_POSTAGE", Fate.LISTED
    """Postage on a credit note."""
    CREDITED_DISCOUNT = "CREDITED_DISCOUNT", Fate.LISTED
    """A discount given afterwards."""
    CREDITED_GIFT_CARD = "CREDITED_GIFT_CARD", Fate.LISTED
    """A voucher that was taken back."""
    CHARGED_AFTERWARDS = "CHARGED_AFTERWARDS", Fate.LISTED
    """Goods that a credit note charges: its quantity is above 0."""
    BAD_DEBT = "BAD_DEBT", Fate.LISTED
    """What will not be paid."""
    TEST_PRODUCT = "TEST_PRODUCT", Fate.REFUSED
    """The shop tried its own till; nothing was sold."""
    NO_STOCK_KEPT = "NO_STOCK_KEPT", Fate.REFUSED
    """Found or written-off units of postage, fees and vouchers, of which no stock is kept, at price 0."""
    NO_CODE = "NO_CODE", Fate.REFUSED
    """There is no stock code."""
    NO_QUANTITY = "NO_QUANTITY", Fate.REFUSED
    """The quantity is 0."""
    NEGATIVE_QUANTITY = "NEGATIVE_QUANTITY", Fate.REFUSED
    """Goods taken back on a sales invoice."""
    NEGATIVE_PRICE = "NEGATIVE_PRICE", Fate.REFUSED
    """Money paid out on a sales invoice."""


ORDER_LINES = {Kind.GOODS, Kind.GIFT, Kind.GIFT_CARD, Kind.FEE}
GOODS = {Kind.GOODS, Kind.GIFT}
CREDITED = {
    **dict.fromkeys(FEES, Kind.CREDITED_FEE),
    **dict.fromkeys(MANUAL, Kind.CREDITED_MANUAL),
    **dict.fromkeys(POSTAGE, Kind.CREDITED_POSTAGE),
    DISCOUNT: Kind.CREDITED_DISCOUNT,
}
"""What a credit note's row is by its code, where that code is not of goods."""


def kind_of(row: Row) -> Kind:
    """Return what *row* is, for all that it says itself: whether a RETURN had been shipped, other rows know."""
    if row.invoice.startswith(BAD_DEBT):
        return Kind.BAD_DEBT
    if (problem := _problem(row)) is not None:
        return problem
    if row.invoice.startswith(CREDIT_NOTE):
        return _credit(row)
    if row.price == 0 and (row.quantity < 0 or row.customer is None):
        return _correction(row)
    return _sale(row)


def _problem(row: Row) -> Kind | None:
    if not row.code:
        return Kind.NO_CODE
    if row.code.startswith(TESTS):
        return Kind.TEST_PRODUCT
    if row.quantity == 0:
        return Kind.NO_QUANTITY
    return Kind.NEGATIVE_PRICE if row.price < 0 else None


def _correction(row: Row) -> Kind:
    if not is_goods(row.code):
        return Kind.NO_STOCK_KEPT
    return Kind.FOUND if row.quantity > 0 else Kind.WRITTEN_OFF


def _sale(row: Row) -> Kind:
    if row.code == DISCOUNT:
        return Kind.DISCOUNT if row.quantity < 0 else Kind.FEE
    if row.quantity < 0:
        return Kind.NEGATIVE_QUANTITY
    if row.code in POSTAGE:
        return Kind.POSTAGE
    if row.code in FEES:
        return Kind.FEE
    if row.code.startswith(GIFT_CARDS):
        return Kind.GIFT_CARD
    return Kind.GOODS if row.price > 0 else Kind.GIFT


def _credit(row: Row) -> Kind:
    if (kind := CREDITED.get(row.code)) is not None:
        return kind
    if row.code.startswith(GIFT_CARDS):
        return Kind.CREDITED_GIFT_CARD
    if row.quantity > 0:
        return Kind.CHARGED_AFTERWARDS
    return Kind.NO_CUSTOMER if row.customer is None else Kind.RETURN


def is_goods(code: str) -> bool:
    """Tell whether *code* is of something that lies in a warehouse."""
    return not (code in POSTAGE | FEES | {DISCOUNT} or code.startswith((GIFT_CARDS, TESTS)))
