"""Two sourcing profiles over the real year: its orders over three locations, simulated by the API and compared.

    python -m examples.online_retail.sourcing

The year was replayed before (`make replay`), from one location. Two more are made beside it, with stock of every product dated
before the first order; they serve the channel after the first, so nothing that happened changes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from examples.online_retail.__main__ import server_of
from examples.online_retail.platform import Platform, PlatformError, connected, done
from examples.online_retail.shop import ADJUST, LEVELS, OPENED, chunks
from oms_api.cli.console import emit_json, table
from oms_api.cli.failing import CommandError, reported_in_one_line

SINCE, UNTIL = "2009-11-30T12:00:00Z", "2011-01-01T00:00:00Z"
UNITS, MOST_ROWS, PAUSE_S = 500, 1_000, 1.0
PLACES: dict[str, dict[str, Any]] = {
    "online-retail": {"country": "GB", "city": "Leeds", "latitude": "53.80", "longitude": "-1.55"},
    "year-dublin": {"country": "IE", "city": "Dublin", "latitude": "53.35", "longitude": "-6.26"},
    "year-venlo": {"country": "NL", "city": "Venlo", "latitude": "51.37", "longitude": "6.17"},
}
"""The locations by code: that of the replay, and two more."""
CENTRES: dict[str, tuple[str, str]] = {
    "GB": ("52.5", "-1.5"),
    "IE": ("53.2", "-7.9"),
    "DE": ("51.1", "10.4"),
    "FR": ("46.6", "2.4"),
    "NL": ("52.2", "5.3"),
    "BE": ("50.6", "4.6"),
    "ES": ("40.2", "-3.6"),
    "PT": ("39.6", "-8.0"),
    "IT": ("42.8", "12.1"),
    "CH": ("46.8", "8.2"),
    "AT": ("47.6", "14.1"),
    "SE": ("62.8", "16.7"),
    "NO": ("64.5", "14.0"),
    "DK": ("56.0", "9.3"),
    "FI": ("64.5", "26.3"),
    "US": ("39.8", "-98.6"),
    "AU": ("-25.7", "134.5"),
}
PROFILES: dict[str, dict[str, Any]] = {
    "year-cost": {
        "steps": [{"name": "cheapest", "by": "COST", "mostShipments": 3, "servesPart": True}],
        "rates": [
            {"fromLocation": "online-retail", "toZone": "year-GB", "fixed": "3.50", "perUnit": "0.02"},
            {"fromLocation": "year-dublin", "toZone": "year-IE", "fixed": "3.80", "perUnit": "0.02"},
            {"fromLocation": "online-retail", "fixed": "14.50", "perUnit": "0.06"},
            {"fromLocation": "year-dublin", "fixed": "12.90", "perUnit": "0.06"},
            {"fixed": "8.90", "perUnit": "0.05"},
        ],
        "splitPenalty": "2.00",
    },
    "year-near": {
        "steps": [{"name": "nearest", "by": "DISTANCE", "mostShipments": 3, "servesPart": True}],
        "rates": [
            {"fromLocation": "online-retail", "toZone": "year-GB", "fixed": "3.50", "perUnit": "0.02"},
            {"fromLocation": "year-dublin", "toZone": "year-IE", "fixed": "3.80", "perUnit": "0.02"},
            {"fromLocation": "online-retail", "fixed": "14.50", "perUnit": "0.06"},
            {"fromLocation": "year-dublin", "fixed": "12.90", "perUnit": "0.06"},
            {"fixed": "8.90", "perUnit": "0.05"},
        ],
        "splitPenalty": "2.00",
    },
}
"""Both by the same rates, so that their costs can be compared."""
LOCATIONS = "query ($codes: [String!]) { locations(where: {code: {in: $codes}}) { nodes { id code } } }"
CREATE = """mutation ($i: LocationCreateInput!) { locationCreate(input: $i) { location { id } userErrors { code message } } }"""
MOVE = "mutation ($i: LocationUpdateInput!) { locationUpdate(input: $i) { userErrors { code message } } }"
ZONE = "mutation ($i: PostalZoneUpsertInput!) { postalZoneUpsert(input: $i) { userErrors { code message } } }"
SERVE = "mutation ($i: ChannelUpdateInput!) { channelUpdate(input: $i) { userErrors { code message } } }"
FIND = "query ($code: String!) { sourcingProfile(by: {code: $code}) { id } }"
MAKE = "mutation ($i: SourcingProfileCreateInput!) { sourcingProfileCreate(input: $i) { userErrors { code message } } }"
SIMULATE = """mutation ($i: SourcingSimulateInput!) { sourcingSimulate(input: $i) {
    sourcingSimulation { id } userErrors { code message } } }"""
TALLY = "orders units cost { amount } shipments splitOrders kilometres distanceUnknown shortUnits shortOrders"
SEE = f"""query ($id: ID!) {{ sourcingSimulation(id: $id) {{ finishedAt job {{ status }}
    result {{ simulated {{ {TALLY} }} happened {{ {TALLY} }} }} }} }}"""


async def compared(platform: Platform, units: int = UNITS) -> list[dict[str, str]]:
    """Return a line for what happened and one for each profile. Raises: PlatformError."""
    channel = await set_up(platform, units)
    lines: list[dict[str, str]] = []
    for code in PROFILES:
        wanted = {
            "channelId": channel,
            "profile": code,
            "from": SINCE,
            "to": UNTIL,
            "idempotencyKey": f"simulate {code} {units}",
        }
        key = done((await platform.ask(SIMULATE, i=wanted))["sourcingSimulate"])["sourcingSimulation"]["id"]
        result = await _ended(platform, key)
        if not lines:
            lines.append(_line("what happened", result["happened"]))
        lines.append(_line(code, result["simulated"]))
    return lines


async def set_up(platform: Platform, units: int) -> str:
    """Make locations, stock, zones and profiles where they are missing, and return the channel. Raises: PlatformError."""
    channels: Sequence[Any] = (await platform.ask("{ channels(first: 250) { nodes { id code } } }"))["channels"]["nodes"]
    (channel,) = [each["id"] for each in channels if each["code"] == "online-retail"] or [None]
    if channel is None:
        raise PlatformError("the server has no channel 'online-retail': run `make replay` before")
    there = {each["code"]: each["id"] for each in (await platform.ask(LOCATIONS, codes=list(PLACES)))["locations"]["nodes"]}
    for code, address in PLACES.items():
        if code in there:
            done((await platform.ask(MOVE, i={"id": there[code], "address": address}))["locationUpdate"])
        else:
            made = {"code": code, "name": address["city"], "kind": "WAREHOUSE", "timeZone": "Europe/London", "address": address}
            payload = (await platform.ask(CREATE, i={"idempotencyKey": f"location {code}", **made}))["locationCreate"]
            there[code] = done(payload)["location"]["id"]
            await _lay_stock(platform, there["online-retail"], there[code], code, units)
    done((await platform.ask(SERVE, i={"id": channel, "locationIds": [there[code] for code in PLACES]}))["channelUpdate"])
    for country, (latitude, longitude) in CENTRES.items():
        zone = {"code": f"year-{country}", "country": country, "latitude": latitude, "longitude": longitude}
        done((await platform.ask(ZONE, i={"idempotencyKey": f"zone {country}", **zone}))["postalZoneUpsert"])
    for code, profile in PROFILES.items():
        if (await platform.ask(FIND, code=code))["sourcingProfile"] is None:
            given = {"idempotencyKey": f"profile {code}", "code": code, "name": code, **profile}
            done((await platform.ask(MAKE, i=given))["sourcingProfileCreate"])
    return str(channel)


async def _lay_stock(platform: Platform, first: str, place: str, code: str, units: int) -> None:
    """Lay *units* of every product of the first location at *place*, as of before the first order."""
    skus = [level["sku"]["code"] async for page in platform.pages(LEVELS, "inventoryLevels", location=first) for level in page]
    for start, some in chunks(skus, MOST_ROWS):
        changes = [{"sku": {"code": sku}, "locationId": place, "delta": units} for sku in some]
        given = {"changes": changes, "reason": "OPENING_STOCK", "reference": code, "occurredAt": OPENED.isoformat()}
        done((await platform.ask(ADJUST, input={"idempotencyKey": f"opening {code} {start}", **given}))["inventoryAdjust"])


async def _ended(platform: Platform, key: str) -> Mapping[str, Any]:
    while True:
        seen = (await platform.ask(SEE, id=key))["sourcingSimulation"]
        if seen["result"] is not None:
            return dict(seen["result"])
        if seen["job"]["status"] in {"FAILED", "CANCELED"}:
            raise PlatformError(f"the simulation {key} ended {seen['job']['status']}")
        await asyncio.sleep(PAUSE_S)


def _line(name: str, tally: Mapping[str, Any]) -> dict[str, str]:
    return {
        "by": name,
        "orders": f"{tally['orders']:,}",
        "units": f"{tally['units']:,}",
        "cost": f"{tally['cost']['amount']}",
        "shipments": f"{tally['shipments']:,}",
        "split": f"{tally['splitOrders']:,}",
        "km": f"{tally['kilometres']:,} ({tally['distanceUnknown']:,} unknown)",
        "short": f"{tally['shortUnits']:,} units of {tally['shortOrders']:,} orders",
    }


async def asked(url: str, key: str) -> list[dict[str, str]]:
    """Compare on a server with the year. Raises: PlatformError."""
    async with connected(url, key) as platform:
        return await compared(platform)


def profiles_of_the_year(
    url: Annotated[str | None, typer.Option(help="The server, such as http://127.0.0.1:8000.")] = None,
    key: Annotated[str | None, typer.Option(help="An API key with every scope.", envvar="OMS_KEY")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Simulate two sourcing profiles over the replayed year, with two more locations."""
    server, api_key = server_of(url, key)
    try:
        lines = asyncio.run(asked(server, api_key))
    except PlatformError as error:
        raise CommandError(str(error)) from error
    if as_json:
        emit_json({"profiles": lines})
    else:
        table(lines, empty="No orders.")


if __name__ == "__main__":
    with reported_in_one_line():
        typer.run(profiles_of_the_year)
