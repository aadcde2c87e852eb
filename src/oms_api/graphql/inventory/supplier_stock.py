"""What suppliers tell of the stock at their locations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId
from oms_api.workflows.report_stock import ReportedUnits, ReportStock, report_stock, reported_before


@input_type
class SupplierStockRowInput(Input[ReportedUnits]):
    """The units of one SKU. Give either `sku` or `supplierSku`."""

    sku: str | None = None
    """Its code."""
    supplier_sku: str | None = None
    """The supplier's own code for the SKU, see `SupplierSku`."""
    quantity: int
    """The units on hand at the moment of the report, promised units included."""


def rows_of(rows: Sequence[SupplierStockRowInput] | None) -> tuple[ReportedUnits, ...] | None:
    """Return the rows as the workflow takes them."""
    return None if rows is None else tuple(row.to_command() for row in rows)


@input_type
class SupplierStockReportInput(Input[ReportStock]):
    """The stock at a supplier's location at one moment. Give either `rows` or `csv`."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the results that the first call gave for
    the rows."""
    location_id: LocationId
    """The location; it must belong to the supplier."""
    as_of: datetime
    """The moment at which the numbers were true: never in the future, at most 366 days ago. A row is refused with OLDER_FEED
    where a stock number of a later moment is already recorded for the same level."""
    rows: list[SupplierStockRowInput] | None = becomes(by=rows_of, default=None)
    """1 to 10,000 rows, each SKU once."""
    csv: str | None = None
    """The text of a CSV file with up to 10,000 rows. Its first line names the columns: sku, supplierSku, quantity."""


@output
class SupplierStockReportResult:
    """A refused row of a report, and why it was refused."""

    index: int
    """The row's index, from 0."""
    user_errors: list[UserError]
    """Why the row was refused."""


@output
class SupplierStockReportPayload(Payload):
    """The rows of a report that were refused."""

    refused: list[SupplierStockReportResult] = strawberry.field(default_factory=list)
    """The rows that were refused; all others are in effect."""
    applied: int = 0
    """The number of rows that changed a level."""
    unchanged: int = 0
    """The number of rows that matched the known stock."""
    failed: int = 0
    """The number of rows that were refused."""


@output
class SupplierStockMutations:
    """What suppliers tell of their stock."""

    @mutation(
        Scope.REQUESTS_ANSWER,
        description=(
            "Report the stock at a supplier's location at one moment. Each row is compared with the units on hand at that "
            "moment, so that movements after it stay in effect. Each row is applied or refused on its own."
        ),
    )
    async def supplier_stock_report(
        self, info: Info, input: Annotated[SupplierStockReportInput, argument("The stock.")]
    ) -> SupplierStockReportPayload:
        done = await once(info, input, report_stock, again=reported_before)
        sync, errors = done.value.sync, done.value.errors
        return SupplierStockReportPayload(
            refused=[SupplierStockReportResult(index=at, user_errors=user_errors(error)) for at, error in errors.items()],
            applied=sync.applied,
            unchanged=sync.unchanged,
            failed=sync.failed,
            replayed=done.replayed,
        )
