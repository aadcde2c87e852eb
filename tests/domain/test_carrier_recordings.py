"""Answers of UPS and FedEx as karrio's own tests recorded them, read by our adapters.

They are not ours to keep: OMS_TEST_KARRIO names a checkout of github.com/karrioapi/karrio, and without it nothing is run.
"""

import ast
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oms_api.domain.parcels.port import CarrierRefused
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.workflows.labels.desk import checked
from tests.domain.test_carrier_contract import PARCEL, Bench, by_sdk
from tests.factories.carrier_servers import carrier_server

CHECKOUT = os.environ.get("OMS_TEST_KARRIO")
pytestmark = pytest.mark.skipif(CHECKOUT is None, reason="OMS_TEST_KARRIO names no checkout of karrio")


@cache
def recorded(carrier: str, of: str, name: str) -> Any:
    """Return the JSON that a module of karrio's tests keeps under *name*."""
    path = Path(CHECKOUT or "") / f"modules/connectors/{carrier}/tests/{carrier}/test_{of}.py"
    texts = {
        target.id: statement.value.value
        for statement in ast.parse(path.read_text()).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return json.loads(texts[name])


@contextmanager
def answered(carrier: str, of: str, name: str) -> Iterator[Bench]:
    """Give a carrier whose server answers everything as was recorded."""
    answer = recorded(carrier, of, name)
    with carrier_server(carrier, lambda _server, _path, _given: answer) as server:
        yield by_sdk(carrier, server)


@pytest.mark.parametrize(("carrier", "name"), [("ups", "RateResponseJSON"), ("fedex", "RateResponse")])
async def test_recorded_rates_are_prices_of_services(carrier: str, name: str) -> None:
    with answered(carrier, "rate", name) as bench:
        quotes = await bench.carrier.rates(bench.access, PARCEL)
    assert quotes
    assert all(quote.price.minor > 0 and quote.service.startswith(carrier) for quote in quotes)


@pytest.mark.parametrize(
    ("carrier", "name", "number"),
    [("ups", "ShipmentResponseJSON", "1ZXXXXXXXXXXXXXXXX"), ("fedex", "ShipmentResponse", "794953535000")],
)
async def test_a_recorded_label_has_its_number_its_price_and_its_picture(carrier: str, name: str, number: str) -> None:
    with answered(carrier, "shipment", name) as bench:
        label = checked(await bench.carrier.buy(bench.access, bench.purchase()))
    assert label.tracking_number == number
    assert label.price is not None
    assert label.price.minor > 0
    assert label.pdf is not None or label.png is not None


@pytest.mark.parametrize(("carrier", "name"), [("ups", "ShipmentCancelResponseJSON"), ("fedex", "ShipmentCancelResponse")])
async def test_a_recorded_void_is_one(carrier: str, name: str) -> None:
    with answered(carrier, "shipment", name) as bench:
        await bench.carrier.void(bench.access, "1")


@pytest.mark.parametrize(
    ("carrier", "name", "number"),
    [("ups", "TrackingResponseJSON", "1Z023E2X0214323462"), ("fedex", "TrackingResponse", "39936862321")],
)
async def test_recorded_scans_are_read(carrier: str, name: str, number: str) -> None:
    with answered(carrier, "tracking", name) as bench:
        scans = await bench.carrier.track(bench.access, number)
    assert scans
    assert {scan.status for scan in scans} - {TrackingStatus.UNKNOWN}


async def test_a_recorded_refusal_is_in_their_words() -> None:
    with answered("ups", "tracking", "InvalidTrackingNumberResponseJSON") as bench, pytest.raises(CarrierRefused) as refused:
        await bench.carrier.track(bench.access, "1")
    assert refused.value.carrier_message
