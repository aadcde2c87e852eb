"""Made-up invoices in the shape of the Online Retail II data set, as rows and as a parquet file."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from examples.online_retail.rows import COLUMNS, SHOP_ZONE, Row

AT = "2010-06-01 10:00:00"


def line(
    invoice: str = "500001",
    code: str = "10001",
    quantity: int = 1,
    price: str = "2.50",
    *,
    description: str | None = "A THING",
    at: str = AT,
    customer: str | None = "12345",
    country: str = "United Kingdom",
    number: int = 1,
) -> Row:
    """Return one row as it is read."""
    return Row(
        number=number,
        invoice=invoice,
        code=code,
        description=description,
        quantity=quantity,
        at=datetime.fromisoformat(at).replace(tzinfo=SHOP_ZONE),
        price=Decimal(price),
        customer=customer,
        country=country,
    )


def numbered(*rows: Row) -> list[Row]:
    """Return *rows* with their places in a file."""
    return [line(**{**_values(row), "number": number}) for number, row in enumerate(rows, 1)]


def write(path: Path, rows: list[Row]) -> Path:
    """Write *rows* as the data set has them, and return the path."""
    values = [
        (
            row.invoice,
            row.code,
            row.description,
            row.quantity,
            f"{row.at:%Y-%m-%d %H:%M:%S}",
            float(row.price),
            None if row.customer is None else float(row.customer),
            row.country,
        )
        for row in rows
    ]
    parquet.write_table(
        pa.table({name: list(column) for name, column in zip(COLUMNS, zip(*values, strict=True), strict=True)}), path
    )
    return path


def _values(row: Row) -> dict[str, Any]:
    return {
        "invoice": row.invoice,
        "code": row.code,
        "quantity": row.quantity,
        "price": str(row.price),
        "description": row.description,
        "at": f"{row.at:%Y-%m-%d %H:%M:%S}",
        "customer": row.customer,
        "country": row.country,
    }
