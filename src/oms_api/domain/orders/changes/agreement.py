"""What was agreed with a customer, line by line, and the changes of it that an edit asks for. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal

from oms_api.domain.orders.changes import wanted
from oms_api.domain.orders.changes.errors import ChangedTwice, ExceedsLost, LineGone, LineShipped, SameSku
from oms_api.domain.orders.errors import BundleComponent
from oms_api.domain.orders.given import Amount, DiscountGiven, LineGiven, ShippingGiven, TaxGiven
from oms_api.domain.orders.pricing import LinePrice
from oms_api.domain.orders.quantities import LineUnits, share
from oms_api.domain.orders.tables import OrderDiscountRow, OrderLineRow, OrderTaxRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LineId, text_id
from oms_api.kernel.money import Money, split
from oms_api.kernel.quantities import LARGEST_QUANTITY

Path = tuple[str, ...]


@dataclass(slots=True)
class AgreedLine:
    """A line as agreed, and what an edit makes of it: units *raised* or *lowered*, another price, other discounts and taxes.

    `handed_over` are units that nothing can be changed of; of a bundle any of its components'.
    """

    row: OrderLineRow
    units: LineUnits
    handed_over: int
    price: LinePrice
    discount_rows: list[OrderDiscountRow] = field(default_factory=list)
    tax_rows: list[OrderTaxRow] = field(default_factory=list)
    components: list["AgreedLine"] = field(default_factory=list)
    raised: int = 0
    lowered: int = 0
    unit_price: Amount | None = None
    discounts: Sequence[DiscountGiven] | None = None
    taxes: Sequence[TaxGiven] | None = None
    scaled_taxes: Sequence[int] | None = None
    paths: dict[str, Path] = field(default_factory=dict)
    """Where the edit says what: by `quantity`, `price` and `discounts`."""

    @property
    def ordered(self) -> int:
        """Units ordered after the edit, those that are canceled included."""
        return self.row.ordered + self.raised

    @property
    def left(self) -> int:
        """Units that are not canceled after the edit; those that came back included."""
        return self.ordered - self.row.canceled - self.lowered

    @property
    def parts(self) -> Sequence["AgreedLine"]:
        """The lines whose units are paid for: the components of a bundle, or itself."""
        return self.components or (self,)

    @property
    def open(self) -> bool:
        """Whether its money can be changed: nothing of it was handed over, and something is left."""
        return self.handed_over == 0 and self.left > 0

    @property
    def touched(self) -> bool:
        """Whether the edit changes its price, its units or its discounts."""
        return self.raised > 0 or bool(self.paths.keys() & {"price", "discounts"})


@dataclass(frozen=True, slots=True)
class Moved:
    """What units of a line cost that are swapped, in minor units: just as much less is paid for the line."""

    goods: int
    discount: int
    order_discount: int
    shipping: int
    shipping_tax: int
    taxes: Sequence[int]

    @property
    def base(self) -> int:
        """What they cost after all discounts."""
        return self.goods - self.discount - self.order_discount


@dataclass(slots=True)
class NewLine:
    """A line that an edit adds at *path*; in a swap it *replaces* units of another, and takes what *moved* with them.

    It *keeps_rates* of the taxes, and *keeps_price* where none was given. It may send lost units of the line *again_for*.
    """

    path: Path
    given: LineGiven
    replaces: AgreedLine | None = None
    moved: Moved | None = None
    keeps_rates: bool = False
    keeps_price: bool = False
    again_for: AgreedLine | None = None


@dataclass(slots=True)
class Agreement:
    """The lines of an order and what an edit asks for of the whole of it; `paths` says where."""

    currency: str
    lines: dict[LineId, AgreedLine]
    added: list[NewLine] = field(default_factory=list)
    of_order: dict[type[object], object] = field(default_factory=dict)
    paths: dict[type[object], Path] = field(default_factory=dict)

    @property
    def order_discounts(self) -> Sequence[DiscountGiven] | None:
        """All discounts of the order, where the edit says them."""
        said = self.of_order.get(wanted.SetOrderDiscounts)
        return said.discounts if isinstance(said, wanted.SetOrderDiscounts) else None

    @property
    def charges(self) -> Sequence[ShippingGiven] | None:
        """All shipping charges, where the edit says them."""
        said = self.of_order.get(wanted.SetShipping)
        return said.charges if isinstance(said, wanted.SetShipping) else None

    @property
    def tops(self) -> list[AgreedLine]:
        """The lines that are no components of a bundle."""
        return [line for line in self.lines.values() if line.row.parent_line_id is None]

    def apply(self, changes: Sequence[wanted.Change]) -> None:
        """Apply *changes* in their order. Raises: Refused, with all that is wrong with them."""
        errors: list[OmsError] = []
        for index, change in enumerate(changes):
            name = NAMES[type(change)]
            try:
                APPLY[type(change)](self, change, ("changes", str(index), name))
            except OmsError as error:
                errors.append(error.at("changes", index, name))
        if errors:
            raise Refused(errors=errors)

    def known(self, line_id: LineId) -> AgreedLine:
        """Return a line, which may be a component of a bundle. Raises: NotFound."""
        line = self.lines.get(line_id)
        if line is None:
            raise NotFound(what="line of this order", given=text_id(IdKind.LINE, line_id), field=("lineId",))
        return line

    def line(self, line_id: LineId) -> AgreedLine:
        """Return a line. Raises: NotFound, BundleComponent."""
        line = self.known(line_id)
        if line.row.parent_line_id is not None:
            raise BundleComponent(field=("lineId",))
        return line

    def add(self, change: wanted.AddLine, path: Path) -> None:
        """Add a line."""
        self.added.append(NewLine(path, change.line))

    def remove(self, change: wanted.RemoveLine, path: Path) -> None:
        """Cancel what is left of a line. Raises: LineShipped, LineGone."""
        self.resize(self._open(change.line_id), 0, (*path, "lineId"))

    def set_quantity(self, change: wanted.SetQuantity, path: Path) -> None:
        """Raise or lower the units of a line. Raises: InvalidQuantity, LineShipped, LineGone."""
        if not 0 <= change.quantity <= LARGEST_QUANTITY:
            raise InvalidQuantity(given=change.quantity, least=0, field=("quantity",))
        line = self.line(change.line_id)
        if change.quantity > line.left:
            self._open(change.line_id)
            if (lost_of := self._again_for(line)) is not None:
                self._check_lost(lost_of, change.quantity - line.left)
        self.resize(line, change.quantity, (*path, "quantity"))

    def swap(self, change: wanted.SwapSku, path: Path) -> None:
        """Put another SKU in the place of units of a line.

        The new line takes the discounts of the units it replaces, and the line's shares of the order's discounts and shipping.
        Raises: LineShipped, LineGone, SameSku, InvalidQuantity.
        """
        line = self._open(change.line_id)
        if change.sku == line.row.sku_code:
            raise SameSku(sku=change.sku, field=("sku",))
        units = line.left if change.quantity is None else change.quantity
        if not 0 < units <= line.left:
            raise InvalidQuantity(given=units, largest=line.left, field=("quantity",))
        moved, parts = moved_with(line, units)
        discounts = tuple(
            DiscountGiven(amount=self._amount(part), label=row.label, code=row.code)
            for row, part in zip(line.discount_rows, parts, strict=True)
            if part
        )
        given = LineGiven(
            quantity=units,
            sku=change.sku,
            unit_price=change.unit_price or Amount(value=line.price.unit_price),
            discounts=discounts,
            taxes=change.taxes or (),
            location_id=line.row.pinned_to,
        )
        self.resize(line, line.left - units, (*path, "quantity"))
        keeps = {"keeps_rates": change.taxes is None, "keeps_price": change.unit_price is None}
        self.added.append(NewLine(path, given, line, moved, again_for=self._again_for(line), **keeps))

    def send_again(self, change: wanted.SendAgain, path: Path) -> None:
        """Send lost units of a line, which may be of a bundle, once more. Raises: NotFound, ExceedsLost."""
        line = self.known(change.line_id)
        self._check_lost(line, change.quantity)
        nothing = Amount(value=Decimal(0))
        place = change.location_id or line.row.pinned_to
        given = LineGiven(
            quantity=change.quantity, sku=line.row.sku_code, name=line.row.name, unit_price=nothing, location_id=place
        )
        self.added.append(NewLine(path, given, again_for=line))

    def set_price(self, change: wanted.SetPrice, path: Path) -> None:
        """Change the price of a line. Raises: LineShipped, LineGone, ChangedTwice."""
        line = self._open(change.line_id)
        self._once(line, "price", path)
        line.unit_price = change.unit_price
        line.paths["price"] = path
        line.taxes = change.taxes if change.taxes is not None else line.taxes

    def set_discounts(self, change: wanted.SetLineDiscounts, path: Path) -> None:
        """Change the discounts of a line. Raises: LineShipped, LineGone, ChangedTwice."""
        line = self._open(change.line_id)
        self._once(line, "discounts", path)
        line.discounts = change.discounts
        line.taxes = change.taxes if change.taxes is not None else line.taxes

    def set_of_order(self, change: wanted.Change, path: Path) -> None:
        """Note a change of the whole order. Raises: ChangedTwice."""
        if type(change) in self.of_order:
            raise ChangedTwice
        self.of_order[type(change)] = change
        self.paths[type(change)] = path

    def resize(self, line: AgreedLine, units: int, path: Path) -> None:
        """Let *units* be left of a line. Raises: ChangedTwice."""
        self._once(line, "quantity", path)
        line.raised, line.lowered = max(units - line.left, 0), max(line.left - units, 0)
        for part in line.components:
            each = part.row.ordered // line.row.ordered
            part.raised, part.lowered = line.raised * each, line.lowered * each

    def _again_for(self, line: AgreedLine) -> AgreedLine | None:
        """Return the line of which *line* sends lost units again, if it does."""
        replaced = line.row.replaces_line_id
        return self.lines[replaced] if line.row.sends_again and replaced is not None else None

    def _check_lost(self, line: AgreedLine, more: int) -> None:
        """Raises: ExceedsLost, where not so many *more* units of *line* are lost and not sent again yet."""
        again = [each.left for each in self.lines.values() if self._again_for(each) is line]
        again += [each.given.quantity for each in self.added if each.again_for is line]
        lost = max(line.units.lost - sum(again), 0) if line.row.kind.ships else 0
        if not 0 < more <= lost:
            raise ExceedsLost(lost=lost, requested=more, field=("quantity",))

    def _open(self, line_id: LineId) -> AgreedLine:
        line = self.line(line_id)
        if line.handed_over:
            raise LineShipped(shipped=line.handed_over, field=("lineId",))
        if line.left == 0:
            raise LineGone(field=("lineId",))
        return line

    @staticmethod
    def _once(line: AgreedLine, what: str, path: Path) -> None:
        if what in line.paths:
            raise ChangedTwice(field=("lineId",))
        line.paths[what] = path

    def _amount(self, minor: int) -> Amount:
        return Amount(value=Decimal(Money(minor, self.currency).amount))


def agreement_of(
    currency: str,
    rows: Iterable[OrderLineRow],
    units: Mapping[LineId, LineUnits],
    discounts: Sequence[OrderDiscountRow],
    taxes: Sequence[OrderTaxRow],
) -> Agreement:
    """Return what was agreed, of the *rows* of its lines by position, with their discounts and taxes."""
    lines: dict[LineId, AgreedLine] = {}
    for row in rows:
        lines[row.id] = line = AgreedLine(row, units[row.id], units[row.id].handed_over, price_of(row))
        if row.parent_line_id is not None:
            bundle = lines[row.parent_line_id]
            bundle.components.append(line)
            bundle.handed_over += line.handed_over
    for discount in discounts:
        if discount.line_id is not None:
            lines[discount.line_id].discount_rows.append(discount)
    for tax in taxes:
        if tax.line_id is not None:
            lines[tax.line_id].tax_rows.append(tax)
    return Agreement(currency, lines)


def moved_with(line: AgreedLine, units: int) -> tuple[Moved, Sequence[int]]:
    """Return what moves with *units* of a line that are swapped, and how much of each of its discounts that is.

    It is what they take of the line when they are canceled behind those that are gone, so that nothing is lost or paid twice.
    """
    gone, of, price = line.units.gone, line.row.ordered, line.price

    def part(whole: int) -> int:
        return share(whole, gone + units, of) - share(whole, gone, of)

    shipping_tax = part(price.shipping_tax)
    off, tax = part(price.discount + price.order_discount), part(price.tax + price.shipping_tax) - shipping_tax
    *discounts, of_order = split(off, [*(row.amount_minor for row in line.discount_rows), price.order_discount])
    taxes = split(tax, [row.amount_minor for row in line.tax_rows]) if line.tax_rows else []
    return Moved(part(price.goods), sum(discounts), of_order, part(price.shipping), shipping_tax, taxes), discounts


def price_of(row: OrderLineRow) -> LinePrice:
    """Return the money of a line as it is."""
    return LinePrice(
        unit_price=row.unit_price,
        goods=row.goods_minor,
        rounding=row.rounding_minor,
        discount=row.discount_minor,
        tax=row.tax_minor,
        order_discount=row.order_discount_minor,
        shipping=row.shipping_minor,
        shipping_tax=row.shipping_tax_minor,
    )


NAMES: Mapping[type[object], str] = {
    wanted.AddLine: "addLine",
    wanted.RemoveLine: "removeLine",
    wanted.SetQuantity: "setQuantity",
    wanted.SwapSku: "swapSku",
    wanted.SendAgain: "sendAgain",
    wanted.SetPrice: "setPrice",
    wanted.SetLineDiscounts: "setLineDiscounts",
    wanted.SetOrderDiscounts: "setOrderDiscounts",
    wanted.SetShipping: "setShipping",
    wanted.SetShippingAddress: "setShippingAddress",
    wanted.SetDeliveryPoint: "setDeliveryPoint",
    wanted.SetShipComplete: "setShipComplete",
}
"""The names of changes, as inputs have them."""
APPLY: Mapping[type[object], Callable[..., None]] = {
    wanted.AddLine: Agreement.add,
    wanted.RemoveLine: Agreement.remove,
    wanted.SetQuantity: Agreement.set_quantity,
    wanted.SwapSku: Agreement.swap,
    wanted.SendAgain: Agreement.send_again,
    wanted.SetPrice: Agreement.set_price,
    wanted.SetLineDiscounts: Agreement.set_discounts,
    **dict.fromkeys(wanted.OF_ORDER, Agreement.set_of_order),
}
