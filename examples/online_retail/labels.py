"""Labels of real orders: the first of the year are placed, picked, packed and labeled, and printed as one PDF.

    python -m examples.online_retail.labels FILE

It works on a server of its own (`oms dev` with an empty folder): the orders are placed to be sent, not as sent long ago. The
file knows the countries of its customers and no more, so the addresses are made up.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any
from uuid import uuid4

import typer

from examples.online_retail.__main__ import drawn, planned_from, server_of
from examples.online_retail.classify import Kind
from examples.online_retail.countries import country_code
from examples.online_retail.orders import CURRENCY, order_input
from examples.online_retail.plan import Plan
from examples.online_retail.platform import Platform, PlatformError, connected, done
from examples.online_retail.rows import UnreadableFileError
from examples.online_retail.sales import Sale
from examples.online_retail.shop import Progress, Shop, chunks
from examples.online_retail.sourcing import MOVE
from oms_api.cli.console import emit_json, table
from oms_api.cli.failing import CommandError, reported_in_one_line

MANY, BATCH, AT_ONCE, PAUSE_S, OK = 1_000, 250, 25, 0.5, 200
UNIT_G, LIGHTEST_G, HEAVIEST_G = 150, 200, 30_000
STREETS = ("12 St James's Square", "7 Rue de l'Église", "Königsallee 61, Hinterhaus", "Οδός Ερμού 15", "شارع الملك فهد 123")
POSTAL_CODES = {
    "GB": "SW1Y 4JH",
    "IE": "D02 X285",
    "DE": "40215",
    "FR": "75002",
    "NL": "1012 JS",
    "BE": "1000",
    "ES": "28013",
    "PT": "1100-148",
    "IT": "00187",
    "CH": "8001",
    "AT": "1010",
    "SE": "111 52",
    "NO": "0150",
    "DK": "1050",
    "GR": "105 63",
    "AU": "2000",
    "US": "10001",
    "JP": "100-0001",
}
SENDER = {"name": "Online Retail", "line1": "1 Canal Road", "city": "Leeds", "postalCode": "LS12 1AA", "country": "GB"}
ACCOUNT = {"idempotencyKey": "labels account", "code": "VAN", "carrier": "builtin", "allLocations": True}
RATES = [
    {"service": "ECO", "name": "Economy", "toCountry": "GB", "upToG": HEAVIEST_G, "price": "2.75"},
    {"service": "ECO", "name": "Economy", "upToG": HEAVIEST_G, "price": "9.90"},
]
PICK = """mutation ($input: PickBatchCreateInput!) { pickBatchCreate(input: $input) {
  pickBatch { id } userErrors { code message field } } }"""
LINES = """query ($first: Int!, $after: Cursor, $batch: ID!) { pickBatch(by: {id: $batch}) {
  lines(first: $first, after: $after) {
    nodes { id quantity fulfillmentOrderLineId fulfillmentOrder { id } } pageInfo { hasNextPage endCursor } } } }"""
BUY = """mutation ($input: LabelsPurchaseInput!) { labelsPurchase(input: $input) {
  labelBatch { job { id } } userErrors { code message field } } }"""
PRINT = """mutation ($input: DocumentsCreateInput!) { documentsCreate(input: $input) {
  job { id } userErrors { code message field } } }"""
SEE = "query ($id: ID!) { job(id: $id) { status done total errors { message } file { size url } } }"


@dataclass(slots=True)
class Labeled:
    """What labels of so many parcels took."""

    parcels: int
    buying_s: float
    printing_s: float
    pdf_bytes: int


async def labeled(platform: Platform, shop: Shop, sales: Sequence[Sale], told: Progress) -> Labeled:
    """Place, pick, pack, label and print *sales*. Raises: PlatformError."""
    await shop.open()
    done((await platform.ask(MOVE, i={"id": shop.location_id, "address": SENDER}))["locationUpdate"])
    account = await _carrier(platform)
    await _place(platform, shop, sales, told)
    packages = await _packed(platform, shop.location_id, len(sales), told)
    started = monotonic()
    wanted = {"idempotencyKey": uuid4().hex, "packageIds": packages, "accountId": account, "service": "ECO"}
    batch = done((await platform.ask(BUY, input=wanted))["labelsPurchase"])["labelBatch"]
    await _ended(platform, batch["job"]["id"], "labels", told)
    bought = monotonic()
    wanted = {"idempotencyKey": uuid4().hex, "packageIds": packages, "kinds": ["LABEL"]}
    job = done((await platform.ask(PRINT, input=wanted))["documentsCreate"])["job"]
    printed = await _ended(platform, job["id"], "one PDF", told)
    ended = monotonic()
    pdf = await platform.http.get(printed["file"]["url"])
    if pdf.status_code != OK or not pdf.content.startswith(b"%PDF"):
        raise PlatformError(f"the file of the labels is not there: {pdf.status_code}")
    return Labeled(len(packages), bought - started, ended - bought, len(pdf.content))


async def _carrier(platform: Platform) -> str:
    (payload,) = await platform.each("carrierAccountUpsert", "CarrierAccountUpsertInput", "carrierAccount { id }", [ACCOUNT])
    account = str(done(payload)["carrierAccount"]["id"])
    rates = {"idempotencyKey": "labels rates", "accountId": account, "currency": CURRENCY, "rates": RATES}
    (payload,) = await platform.each("carrierRatesSet", "CarrierRatesSetInput", "carrierAccount { id }", [rates])
    done(payload)
    return account


async def _place(platform: Platform, shop: Shop, sales: Sequence[Sale], told: Progress) -> None:
    for start, some in chunks(sales, AT_ONCE):
        orders = []
        for number, sale in enumerate(some, start):
            country = country_code(sale.country) or "GB"
            address = {
                "name": f"Customer {sale.customer or sale.invoice}",
                "line1": STREETS[number % len(STREETS)],
                "city": sale.country,
                "postalCode": POSTAL_CODES[country],
                "country": country,
            }
            orders.append(
                {**order_input(sale, shop.channel_id, shop.customer_ids), "shippingAddress": address, "onAccount": True}
            )
        for payload in await platform.each("orderPlace", "OrderPlaceInput", "order { id }", orders):
            done(payload)
        told("orders", start + len(some), len(sales))


async def _packed(platform: Platform, location: str, orders: int, told: Progress) -> list[str]:
    """Pick and pack all there is, each order into one parcel, and return the packages in the order of picking."""
    packages: list[str] = []
    while len(packages) < orders:
        wanted = {"idempotencyKey": f"labels pick {len(packages)}", "locationId": location, "most": BATCH}
        batch = done((await platform.ask(PICK, input=wanted))["pickBatchCreate"])["pickBatch"]["id"]
        lines = await _lines(platform, batch)
        for start, some in chunks(lines, BATCH):
            picked = [{"lineId": line["id"], "picked": line["quantity"]} for line in some]
            given = {"idempotencyKey": f"labels picked {batch} {start}", "pickBatchId": batch, "lines": picked}
            (payload,) = await platform.each("pickBatchConfirm", "PickBatchConfirmInput", "pickBatch { id }", [given])
            done(payload)
        works: dict[str, list[Mapping[str, Any]]] = {}
        for line in lines:
            works.setdefault(line["fulfillmentOrder"]["id"], []).append(line)
        for _, many in chunks([*works.items()], AT_ONCE):
            parcels = [_parcel(work, contents) for work, contents in many]
            selection = "fulfillmentOrder { packages { id } }"
            for payload in await platform.each("fulfillmentOrderPack", "FulfillmentOrderPackInput", selection, parcels):
                packages += [each["id"] for each in done(payload)["fulfillmentOrder"]["packages"]]
            told("packages", len(packages), orders)
    return packages


async def _lines(platform: Platform, batch: str) -> list[Mapping[str, Any]]:
    lines: list[Mapping[str, Any]] = []
    after: str | None = None
    while True:
        page = (await platform.ask(LINES, first=BATCH, after=after, batch=batch))["pickBatch"]["lines"]
        lines += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return lines
        after = page["pageInfo"]["endCursor"]


def _parcel(work: str, contents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what packs a fulfillment order into one parcel; the file knows no weights, so it says one."""
    lines = [{"fulfillmentOrderLineId": line["fulfillmentOrderLineId"], "quantity": line["quantity"]} for line in contents]
    weight = min(max(UNIT_G * sum(line["quantity"] for line in contents), LIGHTEST_G), HEAVIEST_G)
    return {
        "idempotencyKey": f"labels pack {work}",
        "fulfillmentOrderId": work,
        "packages": [{"lines": lines, "weightG": weight}],
    }


async def _ended(platform: Platform, key: str, phase: str, told: Progress) -> Mapping[str, Any]:
    while True:
        job = (await platform.ask(SEE, id=key))["job"]
        told(phase, job["done"], job["total"] or job["done"] or 1)
        if job["status"] == "COMPLETED":
            return dict(job)
        if job["status"] in {"FAILED", "CANCELED", "COMPLETED_WITH_ERRORS"}:
            raise PlatformError(f"the job {key} ended {job['status']}: {job['errors'][:3]}")
        await asyncio.sleep(PAUSE_S)


def to_send(plan: Plan, many: int) -> list[Sale]:
    """Return the first *many* sales of goods to countries that there is a postal code for."""
    goods = (sale for sale in plan.sales if any(kind is Kind.GOODS for kind, _ in sale.lines()))
    return [sale for sale in goods if country_code(sale.country) in POSTAL_CODES][:many]


async def asked(url: str, key: str, plan: Plan, many: int, told: Progress) -> Labeled:
    """Do it on a server. Raises: PlatformError."""
    async with connected(url, key) as platform:
        return await labeled(platform, Shop(platform, plan, told), to_send(plan, many), told)


def labels_of_real_orders(
    path: Annotated[Path, typer.Argument(help="The parquet file: Online Retail II, one row an invoice line.")],
    many: Annotated[int, typer.Option(min=1, max=5_000, help="How many parcels.")] = MANY,
    url: Annotated[str | None, typer.Option(help="The server, such as http://127.0.0.1:8000.")] = None,
    key: Annotated[str | None, typer.Option(help="An API key with every scope.", envvar="OMS_KEY")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Place the first orders of the year, pick and pack them, buy their labels as one job, and print these as one PDF."""
    server, api_key = server_of(url, key)
    try:
        with drawn() as told:
            result = asyncio.run(asked(server, api_key, planned_from(path, None), many, told))
    except (UnreadableFileError, PlatformError) as error:
        raise CommandError(str(error)) from error
    rows: list[dict[str, object]] = [
        {"job": "labels bought", "parcels": result.parcels, "seconds": round(result.buying_s, 1)}
        | {"a second": round(result.parcels / result.buying_s, 1)},
        {"job": f"one PDF of {result.pdf_bytes:,} bytes", "parcels": result.parcels, "seconds": round(result.printing_s, 1)}
        | {"a second": round(result.parcels / result.printing_s, 1)},
    ]
    if as_json:
        emit_json({"labels": rows})
    else:
        table(rows, empty="No labels.")


if __name__ == "__main__":
    with reported_in_one_line():
        typer.run(labels_of_real_orders)
