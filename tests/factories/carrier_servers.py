"""UPS and FedEx as far as labels need them: servers with a book of charges that answer in the shapes which both publish."""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from PIL import Image

PICTURE = BytesIO()
Image.new("L", (40, 60), 255).save(PICTURE, "GIF")
GIF = b64encode(PICTURE.getvalue()).decode()
PAGE = BytesIO()
Image.new("L", (40, 60), 255).save(PAGE, "PDF")
PDF = b64encode(PAGE.getvalue()).decode()
TOKENS = {
    "/security/v1/oauth/token": {
        "token_type": "Bearer",
        "issued_at": "4102444800000",
        "access_token": "t",
        "expires_in": "14399",
    },
    "/oauth/token": {"access_token": "t", "token_type": "bearer", "expires_in": 3599, "scope": "CXS"},
}


@dataclass
class Server:
    """A carrier's server. What it does is set by `mood`: "refuse", "hang", "nonsense", "charge_and_fail", "deny"."""

    address: str = ""
    mood: str = ""
    charged: dict[str, str] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    waits: threading.Event = field(default_factory=threading.Event)

    @property
    def standing(self) -> list[str]:
        """The references of labels that are charged and were not given back."""
        return [reference for number, reference in self.charged.items() if number not in self.voided]

    def charge(self, reference: str, number: str) -> str:
        """Charge a label, and return its number."""
        self.charged[number] = reference
        return number


class Answered(Exception):
    """An answer: a status, and JSON or text."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def ups(server: Server, path: str, given: Any) -> Any:
    """Answer as UPS does (Rating, Shipping and Tracking APIs of its developer portal)."""
    if server.mood == "refuse":
        errors = [{"code": "120802", "message": "Address Validation Error on ShipTo address: postal code is invalid"}]
        raise Answered(400, {"response": {"errors": errors}})
    if path.startswith("/api/rating/"):
        return {
            "RateResponse": {"Response": OK, "RatedShipment": [_ups_rate("11", "14.18", "3"), _ups_rate("07", "21.50", "1")]}
        }
    if path.endswith("/ship"):
        shipment = given["ShipmentRequest"]["Shipment"]
        number = server.charge(shipment["ReferenceNumber"]["Value"], f"1Z{len(server.charged) + 1:016d}")
        if server.mood == "charge_and_fail":
            raise ConnectionResetError
        label = {"ImageFormat": {"Code": "GIF"}, "GraphicImage": GIF}
        results = {
            "ShipmentCharges": {"TotalCharges": {"CurrencyCode": "GBP", "MonetaryValue": "14.18"}},
            "ShipmentIdentificationNumber": number,
            "PackageResults": [{"TrackingNumber": number, "ShippingLabel": label}],
        }
        return {"ShipmentResponse": {"Response": OK, "ShipmentResults": results}}
    if "/void/cancel/" in path:
        number = path.rpartition("/")[2]
        if number not in server.charged:
            raise Answered(
                400,
                {"response": {"errors": [{"code": "190100", "message": "No shipment found within the allowed void period"}]}},
            )
        if number in server.voided:
            raise Answered(
                400, {"response": {"errors": [{"code": "190117", "message": "The shipment has already been voided"}]}}
            )
        server.voided.add(number)
        return {"VoidShipmentResponse": {"Response": OK, "SummaryResult": {"Status": {"Code": "1", "Description": "Voided"}}}}
    number = path.rpartition("/")[2].partition("?")[0]
    activity = [
        _ups_scan("D", "FS", "DELIVERED", "143000"),
        _ups_scan("I", "OR", "Origin Scan", "080000"),
        _ups_scan("M", "MP", "Shipper created a label", "070000"),
    ]
    return {"trackResponse": {"shipment": [{"package": [{"trackingNumber": number, "activity": activity}]}]}}


OK = {"ResponseStatus": {"Code": "1", "Description": "Success"}}


def _ups_rate(code: str, amount: str, days: str) -> dict[str, Any]:
    money = {"CurrencyCode": "GBP", "MonetaryValue": amount}
    nothing = {"CurrencyCode": "GBP", "MonetaryValue": "0.00"}
    arrival = {"EstimatedArrival": {"BusinessDaysInTransit": days}}
    return {
        "Service": {"Code": code},
        "TransportationCharges": money,
        "BaseServiceCharge": money,
        "ServiceOptionsCharges": nothing,
        "ItemizedCharges": [],
        "TotalCharges": money,
        "TimeInTransit": {"ServiceSummary": arrival},
    }


def _ups_scan(kind: str, code: str, said: str, at: str) -> dict[str, Any]:
    place = {"address": {"city": "LONDON", "countryCode": "GB"}}
    return {"location": place, "status": {"type": kind, "code": code, "description": said}, "date": "20261130", "time": at}


def fedex(server: Server, path: str, given: Any) -> Any:
    """Answer as FedEx does (Rate, Ship and Track APIs of its developer portal)."""
    if server.mood == "refuse":
        errors = [{"code": "RECIPIENT.POSTALCODE.INVALID", "message": "Recipient postal code is invalid."}]
        raise Answered(400, {"transactionId": "x", "errors": errors})
    if path == "/rate/v1/rates/quotes":
        return {"output": {"rateReplyDetails": [_fedex_rate("INTERNATIONAL_ECONOMY", 18.2), _fedex_rate("FEDEX_GROUND", 9.5)]}}
    if path == "/ship/v1/shipments":
        number = server.charge(_fedex_reference(given), f"{794600000000 + len(server.charged)}")
        if server.mood == "charge_and_fail":
            raise ConnectionResetError
        document = {"contentType": "LABEL", "docType": "PDF", "encodedLabel": PDF}
        piece = {"trackingNumber": number, "packageDocuments": [document], "netChargeAmount": 9.5, "currency": "GBP"}
        price = {"rateType": "ACCOUNT", "totalNetCharge": 9.5, "currency": "GBP"}
        detail = {"shipmentRating": {"actualRateType": "ACCOUNT", "shipmentRateDetails": [price]}}
        shipment = {
            "masterTrackingNumber": number,
            "serviceType": "FEDEX_GROUND",
            "pieceResponses": [piece],
            "completedShipmentDetail": detail,
        }
        return {"output": {"transactionShipments": [shipment]}}
    if path == "/ship/v1/shipments/cancel":
        number = given["trackingNumber"]
        if number not in server.charged:
            raise Answered(
                400, {"errors": [{"code": "SHIPMENT.NOT.FOUND", "message": "Unable to find the shipment to delete."}]}
            )
        if number in server.voided:
            raise Answered(400, {"errors": [{"code": "SHIPMENT.DELETED", "message": "The shipment was already cancelled."}]})
        server.voided.add(number)
        return {"output": {"cancelledShipment": True, "cancelledHistory": True}}
    if path != "/track/v1/trackingnumbers":
        raise Answered(404, {"errors": [{"code": "NOT.FOUND.ERROR", "message": "The resource is no longer available."}]})
    number = given["trackingInfo"][0]["trackingNumberInfo"]["trackingNumber"]
    events = [_fedex_scan("DL", "Delivered", 14), _fedex_scan("PU", "Picked up", 8), _fedex_scan("OC", "Label created", 7)]
    result = {"trackingNumberInfo": {"trackingNumber": number}, "scanEvents": events, "latestStatusDetail": {"code": "DL"}}
    return {"output": {"completeTrackResults": [{"trackingNumber": number, "trackResults": [result]}]}}


def _fedex_reference(given: Any) -> str:
    parcel = given["requestedShipment"]["requestedPackageLineItems"][0]
    named = {each["customerReferenceType"]: each["value"] for each in parcel["customerReferences"]}
    return str(named["CUSTOMER_REFERENCE"])


def _fedex_rate(service: str, amount: float) -> dict[str, Any]:
    rated = {"rateType": "ACCOUNT", "totalNetCharge": amount, "totalBaseCharge": amount, "currency": "GBP"}
    detail = rated | {"shipmentRateDetail": {"surCharges": [], "currency": "GBP"}}
    return {"serviceType": service, "serviceName": service.title(), "ratedShipmentDetails": [detail], "operationalDetail": {}}


def _fedex_scan(code: str, said: str, hour: int) -> dict[str, Any]:
    place = {"city": "London", "countryCode": "GB"}
    return {"date": f"2026-11-30T{hour:02d}:00:00+00:00", "eventType": code, "eventDescription": said, "scanLocation": place}


SAY = {"ups": ups, "fedex": fedex}


@contextmanager
def carrier_server(code: str, saying: Callable[[Server, str, Any], Any] | None = None) -> Iterator[Server]:
    """Serve as a carrier, on a port of its own; *saying* answers instead of what stands here."""
    server = Server()
    say = saying or SAY[code]

    class Handler(BaseHTTPRequestHandler):
        """Answers a request."""

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            text = self.rfile.read(length).decode()
            path = self.path
            with suppress(BrokenPipeError, ConnectionResetError):
                try:
                    if path.partition("?")[0] in TOKENS:
                        status, body = (401, DENIED[code]) if server.mood == "deny" else (200, TOKENS[path.partition("?")[0]])
                    else:
                        given = json.loads(text) if text else None
                        server.requests.append((self.command, path, given))
                        if server.mood == "hang":
                            server.waits.wait(30)
                        body, status = (
                            ("<html>busy</html>" if server.mood == "nonsense" else say(server, path, given)),
                            200,
                        )
                except Answered as answered:
                    status, body = answered.status, answered.body
                except ConnectionResetError:
                    self.connection.close()
                    return
                content = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - as the base class calls them

        def log_message(self, *_given: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        served.daemon_threads = True
        server.address = f"http://127.0.0.1:{served.server_port}"
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.waits.set()
            time.sleep(0)
            served.shutdown()
            thread.join()


DENIED: dict[str, Any] = {
    "ups": {"response": {"errors": [{"code": "10401", "message": "ClientId is Invalid"}]}},
    "fedex": {"errors": [{"code": "NOT.AUTHORIZED.ERROR", "message": "The given client credentials were not valid."}]},
}
