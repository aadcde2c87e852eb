"""Placing orders without rules and with five of them, in turns: `python -m benchmarks.ruled [--profile] [--before FOLDER]`.

Both sides run the programs of this checkout; with `--before` the first runs those of another one, which may know no rules.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import uvloop

from benchmarks.client import UnexpectedAnswerError, callers, document
from benchmarks.compare import in_turns, running
from benchmarks.place import CLIENTS, check, singles
from benchmarks.stage import HERE, staged
from benchmarks.work import Side, Taken, Work, loaded
from oms_api.kernel.ids import IdKind, text_id

ORDERS = 1_200
CONDITIONS = (
    "order.total > 100000.0",
    'order.country == "FR" && order.units > 100',
    "lines.exists(line, line.quantity >= 500)",
    "customer.known && customer.orders == 0 && order.total > 50000.0",
    "order.sameAddressOrders24h >= 1000",
)
"""None of them matches: what is measured is asking."""
MORE_PLACES = """
INSERT INTO location (id, code, name, kind, status, time_zone, created_at, updated_at)
SELECT uuidv7(), 'PLACE-' || n, 'PLACE-' || n, 'WAREHOUSE', 'ACTIVE', 'Europe/London', now(), now()
FROM generate_series(3, 20) AS n;
INSERT INTO channel_location (channel_id, location_id, priority)
SELECT channel.id, location.id, substr(location.code, 7)::int FROM channel, location WHERE location.code LIKE 'PLACE-%';
INSERT INTO inventory_level (id, sku_id, location_id, free, sequence)
SELECT uuidv7(), sku.id, location.id, 1000000, 1 FROM sku, location WHERE location.code LIKE 'PLACE-%';
ANALYZE location, channel_location, inventory_level;
"""
"""18 locations more."""
YOUNG = "ANALYZE orders, order_party, order_line, fulfillment_order, allocation"
"""Tables that were empty when their first plans were made are planned as what they have become."""
PROFILE = """mutation ($input: SourcingProfileCreateInput!) {
    sourcingProfileCreate(input: $input) { sourcingProfile { id } userErrors { message } } }"""
DECIDE = (
    "mutation ($input: SourcingProfileActivateInput!) { sourcingProfileActivate(input: $input) { userErrors { message } } }"
)
CHANNEL = "mutation ($input: ChannelUpdateInput!) { channelUpdate(input: $input) { userErrors { message } } }"
CREATE = """mutation ($input: OrderRuleCreateInput!) {
    orderRuleCreate(input: $input) { orderRule { id } userErrors { message } } }"""
ACTIVATE = "mutation ($input: OrderRuleActivateInput!) { orderRuleActivate(input: $input) { userErrors { message } } }"


async def rule(side: Side) -> None:
    """Put five rules in force, in every channel."""
    (caller,) = await callers(side.server.address, side.stage.key, 1)
    for number, condition in enumerate(CONDITIONS):
        code = f"rule-{number}"
        said = {"code": code, "name": code, "condition": condition, "actions": [{"tag": {"tags": [code]}}]}
        made = (await caller.call(document(CREATE, input={"idempotencyKey": code, **said}))).data["orderRuleCreate"]
        if made["userErrors"]:
            raise UnexpectedAnswerError(repr(made))
        given = {"idempotencyKey": code, "ruleId": made["orderRule"]["id"], "mode": "ACTIVE"}
        await caller.call(document(ACTIVATE, input=given))
    caller.close()


async def source_by_cost(side: Side) -> None:
    """Let a profile by cost choose among 20 locations."""
    (caller,) = await callers(side.server.address, side.stage.key, 1)

    async def done(text: str, root: str, **said: object) -> dict[str, Any]:
        answer: dict[str, Any] = (await caller.call(document(text, input=said))).data[root]
        if answer["userErrors"]:
            raise UnexpectedAnswerError(repr(answer))
        return answer

    codes = [code for (code,) in side.stage.rows("SELECT code FROM location ORDER BY code")]
    rates = [{"fromLocation": code, "fixed": 3 + at * 7 % 5, "perKg": "0.40"} for at, code in enumerate(codes)]
    named = {"idempotencyKey": "profile", "code": "cost", "name": "Cost", "splitPenalty": "1.50", "rates": rates}
    steps = [{"name": "cheapest", "by": "COST", "mostShipments": 4}]
    profile = (await done(PROFILE, "sourcingProfileCreate", **named, steps=steps))["sourcingProfile"]["id"]
    await done(DECIDE, "sourcingProfileActivate", idempotencyKey="decide", profileId=profile)
    channel = text_id(IdKind.CHANNEL, side.stage.shop.channel_id)
    await done(CHANNEL, "channelUpdate", id=channel, sourcingProfileId=profile)
    caller.close()


def main() -> None:
    """Measure, and print the figures of both sides as JSON, with the ratio of the second to the first."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ruled", description=__doc__)
    parser.add_argument("--before", type=Path, default=HERE, help="the first side runs the programs of this checkout")
    parser.add_argument("--no-rules", action="store_true", help="put no rules in force: compare two versions without any")
    parser.add_argument("--profile", action="store_true", help="let the second side also source by cost from 20 locations")
    parser.add_argument("--orders", type=int, default=ORDERS, help=f"orders a round [{ORDERS}]")
    given = parser.parse_args()

    async def place(side: Side) -> Taken:
        load, usage = await loaded(side, CLIENTS, list(singles(side.purchases, given.orders)))
        check(load)
        return Taken(given.orders, load, usage)

    async def measured(sides: list[Side]) -> list[dict[str, Any]]:
        if not given.no_rules:
            await rule(sides[1])
        if given.profile:
            await source_by_cost(sides[1])
        for side in sides:
            await place(side)
            side.stage.rows(YOUNG)
        return await in_turns(sides, [Work("place", "orderPlace, 3 lines, 16 clients", "orders", place)])

    with ExitStack() as stack:
        stages = [stack.enter_context(staged(tree)) for tree in (given.before, HERE)]
        if given.profile:
            stages[1].rows(MORE_PLACES)
        sides = stack.enter_context(running(stages, worker=False))
        first, second = (figures["place"] for figures in uvloop.run(measured(sides)))
    told = {"first": first, "second": second, "ratio": second["per_s"] / first["per_s"]}
    sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")


if __name__ == "__main__":
    main()
