"""The replay as a process against a running server: stopped in the middle, run again, nothing twice."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from examples.online_retail.rows import Row
from examples.online_retail.tests.figures import figures
from examples.online_retail.tests.invoices import line, numbered, write
from oms_api.domain.inventory.tables import InventoryAdjustmentRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.tables import PaymentEventRow, RefundRow
from oms_api.domain.returns.tables import ReturnReceiptRow, ReturnRow
from oms_api.domain.shipping.tables import ShipmentRow
from oms_api.workflows.doctor import check
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import working
from tests.factories.raw import raw
from tests.factories.served import TESTER, Served, served, settings_for

ORDERS = 300


def invoices() -> list[Row]:
    """Return a shop's June: 300 sales in a few batches, between them credit notes and rows of everything that is no sale."""
    rows = []
    for n in range(ORDERS):
        sale: dict[str, Any] = {"invoice": f"{500_000 + n}", "at": f"2010-06-{1 + n // 15:02} 1{n // 60}:{n % 60:02}:00"}
        customer = None if n % 4 == 0 else f"{12_000 + n % 30}"
        rows.append(line(code=f"1000{n % 6}", quantity=1 + n % 5, price="1.35", customer=customer, **sale))
        if n % 3 == 0:
            rows.append(line(code="POST", price="4.95", customer=customer, country="EIRE", **sale))
        if n % 50 == 0:
            rows.append(line(code="M", quantity=2, price="0.125", customer=customer, **sale))
            rows.append(line(f"6{n:05}", "10001", 3, "0", customer=None, at=sale["at"]))
            rows.append(line(f"7{n:05}", "10002", -2, "0", customer=None, at=sale["at"]))
            rows.append(line(f"C{n:05}", "10003", -1, "1.35", at=sale["at"]))
        if n % 25 == 5:
            rows += credit_notes(n, f"1000{n % 6}", customer, sale["at"])
    stray: dict[str, Any] = {"at": "2010-06-30 17:00:00"}
    rows += [
        line("800001", "PADS", 1, "0.001", **stray),
        line("800002", "POST", 2, "1.50", customer=None, country="Channel Islands", **stray),
        line("800003", "TEST001", 5, "4.50", **stray),
        line("800004", "gift_0001_10", 1, "10.00", **stray),
        line("800005", "10001", 1, "2.10", **stray),
        line("800005", "D", -1, "0.60", **stray),
        line("800005", "10002", 1, "0", **stray),
        line("A800006", "B", 1, "-100", customer=None, **stray),
        line("800007", "POST", 7, "0", customer=None, **stray),
    ]
    return numbered(*rows)


def credit_notes(n: int, code: str, customer: str | None, at: str) -> list[Row]:
    """Return what a customer gives back of the order just placed, in the same minute, and of earlier ones too."""
    back: dict[str, Any] = {"customer": customer, "at": at}
    return [
        line(f"C1{n:04}", code, -1, "1.35", **back),
        line(f"C1{n:04}", "D", -1, "0.50", **back),
        line(f"C2{n:04}", code, -4, "9.99", **back),
        line(f"C3{n:04}", code, -100, "1.35", **back),
    ]


PLACED = ORDERS + 4
"""Every sale, and of the strays the pads, the postage, the voucher and the discounted order."""


RETURNS = 30
MADE = {
    OrderRow: PLACED,
    PaymentEventRow: 2 * (PLACED - 1) + RETURNS,  # there is nothing to pay for the pads
    ShipmentRow: PLACED - 2,  # the postage and the voucher have nothing to ship
    InventoryAdjustmentRow: 12 + 1,  # and the opening stock
    ReturnRow: RETURNS,
    ReturnReceiptRow: RETURNS,
    RefundRow: RETURNS,
}
STOPS = (
    (OrderRow, signal.SIGKILL),
    (PaymentEventRow, signal.SIGKILL),
    (ShipmentRow, signal.SIGINT),
    (ReturnRow, signal.SIGKILL),
    (RefundRow, signal.SIGKILL),
)
STOPPED = {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 130}


@pytest.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Served]:
    async with (
        served(settings_for(database), schema=None) as running,
        working(database.app_url, running.oms.work, SUBSCRIBERS),
    ):
        yield running


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of the made-up month."""
    return write(tmp_path_factory.mktemp("replay") / "june.parquet", invoices())


@pytest.fixture(scope="module")
async def command(server: Served, path: Path) -> list[str]:
    """Give the command that replays it."""
    key = (await server.key(client="shop")).text
    return [
        sys.executable,
        "-m",
        *("examples.online_retail", str(path), "--json", "--url", server.address, "--key", key),
    ]


async def started(command: list[str], *more: str) -> asyncio.subprocess.Process:
    own = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, *more, stdout=pipe, stderr=pipe, env=own)


async def ended(command: list[str], *more: str) -> tuple[int | None, Any, str]:
    """Run to the end and return the exit code, the report and what was said beside it."""
    process = await started(command, *more)
    async with asyncio.timeout(120):
        told, aside = await process.communicate()
    return process.returncode, json.loads(told) if told else None, aside.decode()


async def count(server: Served, table: Any) -> int:
    async with server.oms.work.reads(TESTER) as read:
        return await read.value(raw(select(func.count()).select_from(table))) or 0


async def settled(server: Served, table: Any) -> int:
    """Return the number of rows once the server is through with all that a client asked for which is gone."""
    left = server.server.server_state
    while left.connections or left.tasks:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    return await count(server, table)


async def stopped_after(server: Served, command: list[str], table: Any, *, by: signal.Signals) -> int | None:
    """Start the command, stop it as soon as there is something in *table* that was not, and return the exit code."""
    before = await count(server, table)
    process = await started(command)
    async with asyncio.timeout(120):
        while process.returncode is None and await count(server, table) <= before:  # noqa: ASYNC110 - the process tells nobody
            await asyncio.sleep(0.01)
        process.send_signal(by)
        await process.communicate()
    return process.returncode


async def test_a_replay_that_was_stopped_again_and_again_does_nothing_twice(server: Served, command: list[str]) -> None:
    code, limited, aside = await ended(command, "--limit", "20")
    assert (code, limited["agrees"], limited["invoices"]) == (0, True, 20), (limited, aside)
    assert limited["orders"]["paymentEvents"] == 2 * limited["orders"]["placed"]
    for table, by in STOPS:
        assert await stopped_after(server, command, table, by=by) == STOPPED[by]
    shipped = await settled(server, ShipmentRow)
    code, report, aside = await ended(command)
    assert (code, report["agrees"], report["wrong"], report["refused"]) == (0, True, [], []), (report, aside)
    assert report["orders"]["inApi"] == report["orders"]["deliveredInApi"] == report["orders"]["paidInApi"] == PLACED
    assert report["orders"]["placed"] + report["orders"]["placedBefore"] == PLACED
    assert report["orders"]["shipped"] == await count(server, ShipmentRow) - shipped
    assert {table: await count(server, table) for table in MADE} == MADE


async def test_the_next_run_finds_everything_done(server: Served, command: list[str]) -> None:
    code, report, aside = await ended(command)
    orders = report["orders"]
    did = ("placed", "paymentEvents", "shipped", "delivered")
    assert (code, [orders[what] for what in did], orders["placedBefore"]) == (0, [0, 0, 0, 0], PLACED), aside
    assert (report["returns"]["received"], report["returns"]["refunded"]) == (0, 0)
    assert {table: await count(server, table) for table in MADE} == MADE


async def test_the_report_accounts_for_every_row_and_penny(command: list[str]) -> None:
    _, report, _ = await ended(command)
    rows = report["rows"]
    assert rows["file"] == rows["accountedFor"] == len(invoices())
    assert rows["placed"] == {"GOODS": 302, "POSTAGE": 101, "FEE": 6, "GIFT_CARD": 1, "GIFT": 1, "DISCOUNT": 1}
    assert rows["adjusted"] == {"FOUND": 6, "WRITTEN_OFF": 6}
    assert rows["returned"] == {"RETURN": 16}
    assert rows["listed"] == {"NOTHING_SHIPPED": 17, "NO_CUSTOMER": 9, "CREDITED_DISCOUNT": 12, "BAD_DEBT": 1}
    assert rows["refused"] == {"TEST_PRODUCT": 1, "NO_STOCK_KEPT": 1}
    (june,) = report["months"]
    assert {reason: by["gross"] for reason, by in june["differences"].items()} == {
        "SUB_PENNY_PRICES": "0.001",
        "TEST_PRODUCT": "22.50",
    }
    assert june["agrees"]


async def test_the_reports_figures_are_those_of_the_independent_script(command: list[str], path: Path) -> None:
    _, report, _ = await ended(command)
    script = figures(path)
    assert report["orders"]["inApi"] == script["orders"]
    (june,), told = report["months"], script["months"]["2010-06"]
    less = {measure: sum(reasons.values()) for measure, reasons in told["differences"].items()}
    assert june["api"]["orders"] == told["orders"]
    for measure in ("gross", "discounts", "returns"):
        assert Decimal(june["api"][measure]) == told[measure] - less.get(measure, 0) != 0
    assert Decimal(june["api"]["net"]) == told["net"] - less["gross"] + less["returns"]
    assert Decimal(report["returns"]["refundedInApi"]) == script["returns"]["granted"] < script["returns"]["credited"]
    by_reason = report["creditNotes"].pop("byReason")
    assert report["creditNotes"] == script["creditNotes"]
    assert {kind: {**of, "amount": Decimal(of["amount"])} for kind, of in by_reason.items()} == script["credits"]


async def test_the_books_of_the_server_add_up(server: Served, command: list[str]) -> None:
    await ended(command)
    async with server.oms.work.reads(TESTER) as read:
        assert [finding for finding in await check(read) if not finding.ok] == []


async def test_what_came_back_had_left_before_and_everything_is_paid_back(server: Served, command: list[str]) -> None:
    await ended(command)
    async with server.oms.work.reads(TESTER) as read:
        too_early = text("""
            SELECT count(*) FROM return_receipt receipt JOIN returns ON returns.id = receipt.return_id
            JOIN shipment ON shipment.order_id = returns.order_id
            WHERE receipt.occurred_at < greatest(shipment.shipped_at, shipment.delivered_at)
        """)
        assert await read.all(raw(too_early, {})) == [(0,)]
        assert await read.all(raw(text("SELECT DISTINCT status FROM refund"), {})) == [("SUCCEEDED",)]
        assert await read.all(raw(text("SELECT DISTINCT status FROM orders"), {})) == [("COMPLETED",)]


async def test_a_key_that_does_not_hold_is_told_in_one_line(command: list[str]) -> None:
    code, report, aside = await ended([*command[:-1], "oms_nobody_nothing"])
    assert (code, report) == (1, None)
    assert aside.strip().splitlines()[-1].startswith("oms: ")


async def test_without_a_server_the_command_says_what_to_start(command: list[str], tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *command[: command.index("--url")],
        env={**os.environ, "OMS_HOME": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, aside = await process.communicate()
    assert process.returncode == 1
    assert b"start `make dev`, or give --url and --key" in aside
