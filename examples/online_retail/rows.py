"""The file as it is: one record per invoice line, prices exact, times those of the shop."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from sys import intern
from zoneinfo import ZoneInfo

from pyarrow import ArrowException, parquet

SHOP_ZONE = ZoneInfo("Europe/London")
COLUMNS = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")
BATCH = 65_536
CREDIT_NOTE, BAD_DEBT = "C", "A"


class UnreadableFileError(Exception):
    """The file is not the data set; str() is one line that says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice line. `code` and `description` stand without outer blanks; `price` is GBP for one unit."""

    number: int
    invoice: str
    code: str
    description: str | None
    quantity: int
    at: datetime
    price: Decimal
    customer: str | None
    country: str

    @property
    def amount(self) -> Decimal:
        """Quantity x price, unrounded."""
        return self.quantity * self.price

    @property
    def month(self) -> str:
        """The month at the shop, such as 2010-06."""
        return f"{self.at.year}-{self.at.month:02}"

    @property
    def is_gross_sale(self) -> bool:
        """Whether it counts as a sale in the figures that a load is checked against."""
        return self.invoice[:1] not in {CREDIT_NOTE, BAD_DEBT} and self.quantity > 0 and self.price > 0


def read(path: Path) -> list[Row]:
    """Return every line of a parquet file, in its order. Raises: UnreadableFileError."""
    try:
        file = parquet.ParquetFile(path)
        if missing := set(COLUMNS) - set(file.schema_arrow.names):
            raise UnreadableFileError(f"{path} lacks the columns {', '.join(sorted(missing))}")
        return list(_rows(file))
    except (OSError, ArrowException) as error:
        raise UnreadableFileError(f"{path} cannot be read as parquet: {error}") from error


def _rows(file: parquet.ParquetFile) -> Iterator[Row]:
    number = 0
    for batch in file.iter_batches(BATCH, columns=list(COLUMNS)):
        for invoice, code, description, quantity, at, price, customer, country in zip(
            *(batch.column(name).to_pylist() for name in COLUMNS), strict=True
        ):
            number += 1
            try:
                yield Row(
                    number=number,
                    invoice=intern(invoice),
                    code=intern(code.strip()),
                    description=intern(description.strip()) if description and description.strip() else None,
                    quantity=quantity,
                    at=moment(at),
                    price=exact(price),
                    customer=None if customer is None else intern(str(int(customer))),
                    country=intern(country.strip()),
                )
            except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
                raise UnreadableFileError(f"row {number} cannot be read: {error}") from error


@lru_cache(4_096)
def moment(text: str) -> datetime:
    """Return the shop's local time behind *text*. Raises: ValueError."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHOP_ZONE)


@lru_cache(8_192)
def exact(price: float) -> Decimal:
    """Return the shortest decimal that *price* stands for. Raises: ValueError, for what is no number."""
    value = Decimal(repr(price))
    if not value.is_finite():
        raise ValueError(f"{price} is no price")
    return value
