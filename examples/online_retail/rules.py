"""Five rules over the real year: simulated by the API, and counted once more by DuckDB over the file itself.

    python -m examples.online_retail.rules online_retail_2009_2010.parquet

The year was replayed before (`make replay`). Exits with 1 where a rule does not match as many orders, of as much money, as in
the file.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from examples.online_retail.__main__ import server_of
from examples.online_retail.platform import Platform, PlatformError, connected
from oms_api.cli.console import emit_json, say, table
from oms_api.cli.failing import CommandError, reported_in_one_line

SINCE, UNTIL = "2009-11-30T00:00:00Z", "2011-01-01T00:00:00Z"
RULES: dict[str, tuple[str, str]] = {
    "year-large": ("order.total > 1000.0", "total > 1000"),
    "year-first-large": (
        "customer.known && customer.orders == 0 && order.total > 500.0",
        "customer IS NOT NULL AND before = 0 AND total > 500",
    ),
    "year-bulk-line": ("lines.exists(line, line.quantity >= 500)", "largest >= 500"),
    "year-abroad": ('order.country != "" && order.country != "GB"', "abroad"),
    "year-sunday-guest": ("order.weekday == 7 && !customer.known", "isodow(placed_at) = 7 AND customer IS NULL"),
}
"""The condition of each rule, and what it is in SQL over ORDERS."""
ORDERS = """
WITH cells AS (
    SELECT row_number() OVER () AS number, trim("Invoice") AS invoice, trim("StockCode") AS code, "Quantity" AS quantity,
           CAST("InvoiceDate" AS timestamp) AS moment, CAST("Price" AS decimal(18, 6)) AS price, "Customer ID" AS customer,
           trim("Country") AS country
    FROM read_parquet(?)
), invoices AS (
    SELECT invoice, min(moment) AS placed_at, arg_min(customer, number) FILTER (WHERE customer IS NOT NULL) AS customer,
           arg_min(country, number) AS country
    FROM cells GROUP BY invoice
), sold AS (
    SELECT *, code IN ('POST', 'DOT', 'C2', 'C3') AS postage, code = 'D' AND quantity < 0 AS discount,
           round(quantity * price, 2) AS amount
    FROM cells
    WHERE left(invoice, 1) NOT IN ('A', 'C') AND code <> '' AND NOT starts_with(code, 'TEST') AND quantity <> 0 AND price >= 0
      AND NOT (price = 0 AND (quantity < 0 OR customer IS NULL)) AND (quantity > 0 OR code = 'D')
), sums AS (
    SELECT invoice, sum(amount) AS total,
           coalesce(max(quantity) FILTER (WHERE NOT postage AND NOT discount), max(quantity) FILTER (WHERE postage)) AS largest
    FROM sold GROUP BY invoice
), orders AS (
    SELECT sums.*, invoices.placed_at, invoices.customer, invoices.country NOT IN
               ('United Kingdom', 'Unspecified', 'Channel Islands', 'West Indies', 'European Community') AS abroad,
           rank() OVER (PARTITION BY invoices.customer ORDER BY invoices.placed_at) - 1 AS before
    FROM sums JOIN invoices USING (invoice)
)
"""
CREATE = "mutation ($i: OrderRuleCreateInput!) { orderRuleCreate(input: $i) { orderRule { id } userErrors { code message } } }"
FIND = "query ($code: String!) { orderRule(by: {code: $code}) { id } }"
SIMULATE = """mutation ($i: OrderRuleSimulateInput!) { orderRuleSimulate(input: $i) {
    orderRuleSimulation { id } userErrors { code message } } }"""
SEE = """query ($id: ID!) { orderRuleSimulation(id: $id) { asked matched failed finishedAt amounts { amount currencyCode }
    job { status } } }"""
PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """How many orders a rule matches of how many, and what they come to in GBP."""

    asked: int
    matched: int
    amount: Decimal


def counted(path: Path) -> dict[str, Found]:
    """Return what each rule matches in the file."""
    found: dict[str, Found] = {}
    with duckdb.connect() as connection:
        for code, (_, condition) in RULES.items():
            sums = f"count(*), count(*) FILTER (WHERE {condition}), coalesce(sum(total) FILTER (WHERE {condition}), 0)"
            row = connection.execute(f"{ORDERS} SELECT {sums} FROM orders", [str(path)]).fetchone()  # noqa: S608 - our own
            assert row is not None  # noqa: S101 - sums give a row
            found[code] = Found(row[0], row[1], Decimal(row[2]).quantize(Decimal("0.01")))
    return found


async def simulated(platform: Platform, channel_id: str) -> dict[str, Found]:
    """Return what each rule matches by the API. Raises: PlatformError."""
    begun: dict[str, str] = {}
    for code, (condition, _) in RULES.items():
        rule = await _rule(platform, code, condition, channel_id)
        wanted = {"idempotencyKey": f"simulate {code} {rule}", "ruleId": rule, "since": SINCE, "until": UNTIL}
        begun[code] = (await _done(platform, SIMULATE, "orderRuleSimulate", wanted))["orderRuleSimulation"]["id"]
    return {code: await _ended(platform, key) for code, key in begun.items()}


async def _rule(platform: Platform, code: str, condition: str, channel_id: str) -> str:
    found = (await platform.ask(FIND, code=code))["orderRule"]
    if found is None:
        actions = [{"tag": {"tags": [code]}}]
        rule = {"code": code, "name": code, "condition": condition, "actions": actions, "channelIds": [channel_id]}
        found = (await _done(platform, CREATE, "orderRuleCreate", {"idempotencyKey": f"rule {code}", **rule}))["orderRule"]
    return str(found["id"])


async def _done(platform: Platform, document: str, field: str, wanted: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    payload = (await platform.ask(document, i=wanted))[field]
    if payload["userErrors"]:
        raise PlatformError(f"{field}: {payload['userErrors'][0]['message']}")
    return payload


async def _ended(platform: Platform, key: str) -> Found:
    while True:
        seen = (await platform.ask(SEE, id=key))["orderRuleSimulation"]
        if seen["finishedAt"] is not None:
            amounts = {each["currencyCode"]: Decimal(each["amount"]) for each in seen["amounts"]}
            return Found(seen["asked"], seen["matched"], amounts.get("GBP", Decimal("0.00")))
        if seen["job"]["status"] in {"FAILED", "CANCELED"}:
            raise PlatformError(f"the simulation {key} ended {seen['job']['status']}")
        await asyncio.sleep(PAUSE_S)


def compared(file: Mapping[str, Found], api: Mapping[str, Found]) -> list[dict[str, str]]:
    """Return a line for each rule, with what the file and the API say of it."""
    return [
        {
            "rule": code,
            "asked": f"{api[code].asked:,}",
            "matched": f"{api[code].matched:,}",
            "amount": f"{api[code].amount:,}",
            "in the file": f"{file[code].matched:,} of {file[code].asked:,}, {file[code].amount:,}",
            "agrees": "yes" if file[code] == api[code] else "NO",
        }
        for code in RULES
    ]


async def asked(url: str, key: str) -> dict[str, Found]:
    """Simulate the rules on a server with the year. Raises: PlatformError."""
    async with connected(url, key) as platform:
        channels: Sequence[Any] = (await platform.ask("{ channels(first: 250) { nodes { id code } } }"))["channels"]["nodes"]
        found = [channel["id"] for channel in channels if channel["code"] == "online-retail"]
        if not found:
            raise PlatformError("the server has no channel 'online-retail': run `make replay` before")
        return await simulated(platform, found[0])


def rules_of_the_year(
    path: Annotated[Path, typer.Argument(help="The parquet file: Online Retail II, one row an invoice line.")],
    url: Annotated[str | None, typer.Option(help="The server, such as http://127.0.0.1:8000.")] = None,
    key: Annotated[str | None, typer.Option(help="An API key with every scope.", envvar="OMS_KEY")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Simulate five rules over the replayed year, and count the same in the file by DuckDB."""
    server, api_key = server_of(url, key)
    try:
        file, api = counted(path), asyncio.run(asked(server, api_key))
    except (PlatformError, duckdb.Error) as error:
        raise CommandError(str(error)) from error
    lines = compared(file, api)
    if as_json:
        emit_json({"rules": lines})
    else:
        table(lines, empty="No rules.")
        say("\nEverything agrees." if file == api else "\nIt does not agree.")
    sys.exit(0 if file == api else 1)


if __name__ == "__main__":
    with reported_in_one_line():
        typer.run(rules_of_the_year)
