"""The money of an order after an edit: taxes keep their rate, amounts of the whole order stay with the lines that have them.

Where an edit says the discounts or the shipping of the order anew, they are spread over the units left of lines of which
nothing was handed over; lines that were shipped keep their shares, and what is canceled has none.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

from oms_api.domain.orders.changes.agreement import AgreedLine, Agreement, NewLine
from oms_api.domain.orders.changes.errors import BelowShipped, NoLinesToChange
from oms_api.domain.orders.changes.wanted import SetOrderDiscounts, SetShipping
from oms_api.domain.orders.errors import DiscountTooLarge
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.pricing import Amounts, LinePrice
from oms_api.domain.orders.quantities import share
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Refused
from oms_api.kernel.money import LARGEST_MINOR, AmountTooLarge, split

ROUNDED_WITH = {"order_discount": "discount", "shipping_tax": "tax"}
"""What a line says in one amount with another one: both are rounded together where units are canceled."""
SHARED = ("goods", "rounding", "discount", "tax", "order_discount", "shipping", "shipping_tax")
"""What the components of a bundle share."""


@dataclass(slots=True)
class PricedLine:
    """A new line with its money, and the amounts of its taxes where they follow from those of the line it replaces."""

    line: NewLine
    price: LinePrice
    tax_minors: Sequence[int] | None = None

    @property
    def ordered(self) -> int:
        """Its units."""
        return self.line.given.quantity

    @property
    def left(self) -> int:
        """Its units, of which none are canceled."""
        return self.ordered

    @property
    def parts(self) -> Sequence["PricedLine"]:
        """Itself: of a new bundle nothing is canceled."""
        return (self,)


@dataclass(frozen=True, slots=True)
class Totals:
    """The money of a whole order in minor units."""

    goods: int
    discount: int
    shipping: int
    tax: int
    rounding: int
    total: int


class Shared(Protocol):
    """Whatever takes a share of amounts of the whole order: a line with its units, canceled ones included, and those left.

    Its `parts` are what units are paid for by, each with its share rounded by itself.
    """

    @property
    def price(self) -> LinePrice: ...  # noqa: D102
    @property
    def ordered(self) -> int: ...  # noqa: D102
    @property
    def left(self) -> int: ...  # noqa: D102
    @property
    def parts(self) -> Sequence["Shared"]: ...  # noqa: D102


def reprice(agreement: Agreement, unit_prices: Sequence[Amount]) -> list[PricedLine]:
    """Change the money of the lines of *agreement* as its edit asks for, and return the new lines with theirs.

    *unit_prices* are those of the new lines. Raises: Refused, with every amount that is wrong.
    """
    amounts = Amounts(agreement.currency)
    bases = {line.row.id: line.price.base for line in agreement.tops}
    for line in agreement.tops:
        if line.touched:
            _reprice_line(amounts, line)
    new = [_price_new(amounts, line, price) for line, price in zip(agreement.added, unit_prices, strict=True)]
    _fail(amounts)
    for priced in new:
        _take_shares(priced)
    for line in agreement.tops:
        _split_bundle(line)
    _share_discounts(amounts, agreement, new)
    _fail(amounts)
    for line in agreement.tops:
        _keep_rates(amounts, line, bases[line.row.id])
        _split_bundle(line)
    _share_shipping(amounts, agreement, new)
    for priced in new:
        if priced.line.keeps_rates and (moved := priced.line.moved) is not None:
            scaled = [_scaled(tax, priced.price.base, moved.base) for tax in moved.taxes]
            priced.tax_minors, priced.price.tax = scaled, sum(scaled)
    _fail(amounts)
    return new


def totals_of(agreement: Agreement, new: Sequence[PricedLine], *, prices_include_tax: bool) -> Totals:
    """Return what the lines come to. Raises: AmountTooLarge."""
    prices = [line.price for line in agreement.tops] + [priced.price for priced in new]
    goods, shipping = sum(price.goods for price in prices), sum(price.shipping for price in prices)
    discount = sum(price.discount + price.order_discount for price in prices)
    tax = sum(price.tax + price.shipping_tax for price in prices)
    total = goods - discount + shipping + (0 if prices_include_tax else tax)
    if max(goods, shipping, tax, total) > LARGEST_MINOR:
        raise AmountTooLarge(field=("changes",))
    return Totals(goods, discount, shipping, tax, sum(price.rounding for price in prices), total)


def _fail(amounts: Amounts) -> None:
    if amounts.errors:
        raise Refused(errors=amounts.errors)


def _reprice_line(amounts: Amounts, line: AgreedLine) -> None:
    """Work out goods and discounts of a line that was agreed before; a rounding stays as long as its price does."""
    price = line.price
    if line.unit_price is not None:
        price.unit_price, price.rounding = amounts.unit_price(line.unit_price, *line.paths["price"], "unitPrice"), 0
    where = line.paths.get("price") or line.paths.get("quantity") or line.paths["discounts"]
    price.goods = amounts.extended(price.unit_price, line.ordered, *where) + price.rounding
    if line.discounts is not None:
        path = line.paths["discounts"]
        price.discount = sum(
            amounts.minor(given.amount, *path, "discounts", i, "amount") for i, given in enumerate(line.discounts)
        )
    if price.discount > price.goods:
        allowed = amounts.text(price.goods)
        amounts.errors.append(DiscountTooLarge(given=amounts.text(price.discount), allowed=allowed, field=where))


def _price_new(amounts: Amounts, line: NewLine, unit_price: Amount) -> PricedLine:
    """Price a new line as placing an order does, with errors at its own place."""
    apart = Amounts(amounts.currency)
    priced = PricedLine(line, apart.line(0, line.given, unit_price))
    for error in apart.errors:
        error.field = placed_at(line, error.field)
    amounts.errors += apart.errors
    return priced


def placed_at(line: NewLine, field: Sequence[str] | None) -> tuple[str, ...]:
    """Return where an edit says what an order would say at *field* of its line."""
    return (*line.path, *tuple(field or ())[2:])


def _take_shares(priced: PricedLine) -> None:
    """Let a line that replaces units of another take their shares of the order's discounts and shipping, and their price.

    A line of which nothing is left gives the shares away. One that is kept takes them with the units that are canceled.
    """
    old, moved = priced.line.replaces, priced.line.moved
    if old is None or moved is None:
        return
    if priced.line.keeps_price:
        priced.price.rounding += moved.goods - priced.price.goods
        priced.price.goods = moved.goods
    for name in ("order_discount", "shipping", "shipping_tax"):
        setattr(priced.price, name, getattr(moved, name))
        if not old.left:
            setattr(old.price, name, getattr(old.price, name) - getattr(moved, name))


def _share_discounts(amounts: Amounts, agreement: Agreement, new: Sequence[PricedLine]) -> None:
    """Spread the order's discounts where they are said anew, or are more than a line costs that has a share of them."""
    wanted, open_ = agreement.order_discounts, _open_lines(agreement, new)
    path = agreement.paths.get(SetOrderDiscounts, ("changes",))
    if wanted is None and all(each.price.base >= 0 for each in open_):
        return
    now = sum(_part_of_left(each, "order_discount") for each in open_)
    everywhere: list[Shared] = [*agreement.tops, *new]
    fixed = sum(_part_of_left(each, "order_discount") for each in everywhere) - now
    if wanted is None:
        left = now
    else:
        left = sum(amounts.minor(given.amount, *path, "discounts", i, "amount") for i, given in enumerate(wanted)) - fixed
    nets = _nets(open_)
    if left < 0:
        amounts.errors.append(BelowShipped(shipped=amounts.text(fixed), field=(*path, "discounts")))
    elif left and not open_:
        amounts.errors.append(NoLinesToChange(field=(*path, "discounts")))
    elif left > sum(nets):
        allowed = amounts.text(fixed + sum(nets))
        amounts.errors.append(DiscountTooLarge(given=amounts.text(fixed + left), allowed=allowed, field=(*path, "discounts")))
    elif not amounts.errors:
        _spread(open_, "order_discount", left, nets)


def _share_shipping(amounts: Amounts, agreement: Agreement, new: Sequence[PricedLine]) -> None:
    """Spread the shipping charges and their taxes, where they are said anew."""
    if agreement.charges is None:
        return
    path, open_ = agreement.paths[SetShipping], _open_lines(agreement, new)
    charged = sum(amounts.minor(charge.price, *path, "charges", i, "price") for i, charge in enumerate(agreement.charges))
    taxed = sum(
        amounts.tax(tax, *path, "charges", i, "taxes", j)
        for i, charge in enumerate(agreement.charges)
        for j, tax in enumerate(charge.taxes)
    )
    nets = _nets(open_)
    for name, said in (("shipping", charged), ("shipping_tax", taxed)):
        everywhere: list[Shared] = [*agreement.tops, *new]
        now = sum(_part_of_left(each, name) for each in open_)
        fixed = sum(_part_of_left(each, name) for each in everywhere) - now
        if said < fixed:
            amounts.errors.append(BelowShipped(shipped=amounts.text(fixed), field=(*path, "charges")))
        elif said > fixed and not open_:
            amounts.errors.append(NoLinesToChange(field=(*path, "charges")))
        elif not amounts.errors and open_:
            _spread(open_, name, said - fixed, nets)


def _open_lines(agreement: Agreement, new: Sequence[PricedLine]) -> list[Shared]:
    return [*(line for line in agreement.tops if line.open), *new]


def _of_left(part: Shared, whole: int) -> int:
    """Return what the units that are not canceled take of the *whole* amount of a part."""
    return whole - share(whole, part.ordered - part.left, part.ordered)


def _part_of_left(line: Shared, name: str) -> int:
    """Return what the units that are not canceled take of an amount of a line, as they are paid for: part by part."""
    return sum(_taken(part, name, getattr(part.price, name)) for part in line.parts)


def _taken(part: Shared, name: str, whole: int) -> int:
    """Return what the units left of a *part* take of *whole*, an amount that is rounded in one with another one."""
    other: int = getattr(part.price, ROUNDED_WITH[name]) if name in ROUNDED_WITH else 0
    return _of_left(part, whole + other) - _of_left(part, other)


def _nets(lines: Sequence[Shared]) -> list[int]:
    """Return what the units left of each line cost before their share of the order's discounts."""
    return [sum(map(_net, line.parts)) for line in lines]


def _net(part: Shared) -> int:
    return max(_of_left(part, part.price.goods) - _of_left(part, part.price.discount), 0)


def _spread(lines: Sequence[Shared], name: str, amount: int, weights: Sequence[int]) -> None:
    """Let the units left of *lines* have shares of *amount*: the lines as a whole have more, where units are canceled."""
    for line, share_of in zip(lines, split(amount, weights), strict=True):
        for part, amount_of in zip(line.parts, split(share_of, [*map(_net, line.parts)]), strict=True):
            setattr(part.price, name, _whole_of(part, name, amount_of))
        setattr(line.price, name, sum(getattr(part.price, name) for part in line.parts))


def _whole_of(part: Shared, name: str, amount: int) -> int:
    """Return the least amount of a *part* of which the units left take *amount*."""
    most = (amount + 2) * part.ordered // part.left + 2
    return bisect_left(range(most), amount, key=lambda whole: _taken(part, name, whole))


def _keep_rates(amounts: Amounts, line: AgreedLine, before: int) -> None:
    """Take the taxes of a line as given, or let them follow what they are on."""
    if line.taxes is not None:
        path = line.paths.get("price") or line.paths["discounts"]
        line.price.tax = sum(amounts.tax(tax, *path, "taxes", i) for i, tax in enumerate(line.taxes))
    elif line.price.base != before:
        line.scaled_taxes = [_scaled(row.amount_minor, line.price.base, before) for row in line.tax_rows]
        line.price.tax = sum(line.scaled_taxes)


def _scaled(amount: int, now: int, before: int) -> int:
    """Return a tax on *before* as it is on *now*, half a minor unit up; what was on nothing stays nothing."""
    return share(amount, now, before) if before > 0 else 0


def _split_bundle(line: AgreedLine) -> None:
    """Share the money of a bundle among its components, as what they cost was shared before."""
    if not line.components:
        return
    weights = [part.price.goods for part in line.components]
    if not any(weights):
        weights = [part.row.ordered for part in line.components]
    for name in SHARED:
        whole = getattr(line.price, name)
        if whole != sum(getattr(part.price, name) for part in line.components):
            for part, amount in zip(line.components, split(whole, weights), strict=True):
                setattr(part.price, name, amount)
    for part in line.components:
        part.price.unit_price = line.price.unit_price
