"""A carrier of the SDK, for any account with it. The SDK blocks, so each call runs in a thread of a small pool."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from oms_api.adapters.carriers.karrio.mapping import at_path, charged, label_of, quotes_of, refused_by, scans_of, shipment_of
from oms_api.adapters.carriers.karrio.sdk import Sdk, sdk
from oms_api.domain.parcels.port import (
    Access,
    BoughtLabel,
    CarrierRefused,
    CarrierUnreadable,
    EventsInOurForm,
    Parcel,
    Purchase,
    Quote,
    Scan,
    Setting,
)
from oms_api.kernel.dataclass import dataclass

Answer = TypeVar("Answer")
AT_ONCE = 8
SENDER = {"paid_by": "sender"}
THREADS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="karrio")
"""Of their own, so that a carrier that hangs keeps nothing else waiting."""
COUNTRY = Setting("accountCountry", "The country of the account, ISO 3166-1 alpha-2.")
TEST = Setting("test", '"true" for the servers that the carrier has for tests.', needed=False)
ZPL = Setting("labelType", "PDF, or ZPL for a label printer; PDF by default.", needed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A carrier of the SDK: its code there, its credentials with their names there, and the place of prices."""

    code: str
    title: str
    credentials: dict[str, Setting]
    number: Sequence[str | int]
    """Where the number of a label stands in its answer, should the SDK not be able to read the rest."""
    prices: Sequence[Sequence[str | int]]
    given_back: str
    """What it says of a label that was given back before."""


UPS = Kind(
    code="ups",
    title="UPS",
    credentials={
        "client_id": Setting("clientId", "The client id of the app."),
        "client_secret": Setting("clientSecret", "The client secret of the app."),
        "account_number": Setting("accountNumber", "The shipper number."),
    },
    number=("ShipmentResponse", "ShipmentResults", "ShipmentIdentificationNumber"),
    prices=(
        ("ShipmentResponse", "ShipmentResults", "NegotiatedRateCharges", "TotalCharge", "MonetaryValue", "CurrencyCode"),
        ("ShipmentResponse", "ShipmentResults", "ShipmentCharges", "TotalCharges", "MonetaryValue", "CurrencyCode"),
    ),
    given_back="already been voided",
)
DETAIL = "output", "transactionShipments", 0, "completedShipmentDetail", "shipmentRating", "shipmentRateDetails", 0
FEDEX = Kind(
    code="fedex",
    title="FedEx",
    credentials={
        "api_key": Setting("apiKey", "The API key of the project."),
        "secret_key": Setting("secretKey", "The secret key of the project."),
        "account_number": Setting("accountNumber", "The account number."),
        "track_api_key": Setting("trackApiKey", "The API key of the project that tracks.", needed=False),
        "track_secret_key": Setting("trackSecretKey", "The secret key of the project that tracks.", needed=False),
    },
    number=("output", "transactionShipments", 0, "masterTrackingNumber"),
    prices=((*DETAIL, "totalNetCharge", "currency"), (*DETAIL, "totalNetFedExCharge", "currency")),
    given_back="already",
)
KINDS = (UPS, FEDEX)


class Karrio(EventsInOurForm):
    """A carrier by the SDK. It cannot be asked what was bought by a reference of ours, so people resolve unclear labels."""

    settings: Sequence[Setting] = (COUNTRY, TEST, ZPL)
    finds = False
    tracks = True

    def __init__(self, kind: Kind, *, server_url: str | None = None) -> None:
        self._kind, self._server_url = kind, server_url
        self.title = kind.title
        self.credentials: Sequence[Setting] = tuple(kind.credentials.values())

    async def rates(self, access: Access, parcel: Parcel) -> Sequence[Quote]:
        """Return what each of its services asks for *parcel*. Raises: CarrierRefused, CarrierUnreadable."""
        asked = shipment_of(parcel)

        def ask(loaded: Sdk, gateway: Any) -> Sequence[Quote]:  # noqa: ANN401 - without types
            request = gateway.mapper.create_rate_request(loaded.models.RateRequest(services=[], **asked))
            rates, messages = gateway.mapper.parse_rate_response(gateway.proxy.get_rates(request))
            quotes = quotes_of(rates or ())
            if not quotes and messages:
                raise refused_by(messages)
            return quotes

        return await self._called(access, ask)

    async def buy(self, access: Access, purchase: Purchase) -> BoughtLabel:
        """Buy a label. Raises: CarrierRefused; CarrierUnreadable, where it may have been bought."""
        asked = shipment_of(purchase.parcel)
        label_type = access.settings.get("labelType") or "PDF"

        def ask(loaded: Sdk, gateway: Any) -> BoughtLabel:  # noqa: ANN401 - without types
            shipment = loaded.models.ShipmentRequest(
                service=purchase.service, reference=purchase.reference, label_type=label_type, payment=SENDER, **asked
            )
            request = _before_sending(loaded, lambda: gateway.mapper.create_shipment_request(shipment))
            _before_sending(loaded, lambda: gateway.proxy.authenticate(request))
            answer = gateway.proxy.create_shipment(request)
            said = answer.deserialize()
            number, price = at_path(said, self._kind.number), charged(said, self._kind.prices)
            try:
                bought, messages = gateway.mapper.parse_shipment_response(answer)
                if bought is not None:
                    return label_of(bought, price)
            except Exception:
                if isinstance(number, str):  # bought, without a picture of it
                    return BoughtLabel(tracking_number=number, price=price, carrier_ref=number)
                raise
            if not messages:
                raise CarrierUnreadable
            raise refused_by(messages)

        return await self._called(access, ask)

    async def find(self, access: Access, reference: str) -> BoughtLabel | None:
        """Raises: CarrierUnreadable: the carrier cannot be asked by a reference of ours."""
        raise CarrierUnreadable

    async def void(self, access: Access, carrier_ref: str) -> None:
        """Give a label back. Raises: CarrierRefused, CarrierUnreadable."""

        def ask(loaded: Sdk, gateway: Any) -> None:  # noqa: ANN401 - without types
            cancel = loaded.models.ShipmentCancelRequest(shipment_identifier=carrier_ref)
            request = gateway.mapper.create_cancel_shipment_request(cancel)
            done, messages = gateway.mapper.parse_cancel_shipment_response(gateway.proxy.cancel_shipment(request))
            if done is not None and done.success:
                return
            if not messages:
                raise CarrierUnreadable
            if not any(self._kind.given_back in str(each.message).lower() for each in messages):
                raise refused_by(messages)

        await self._called(access, ask)

    async def track(self, access: Access, tracking_number: str) -> Sequence[Scan]:
        """Return what is known of a parcel. Raises: CarrierRefused, CarrierUnreadable."""

        def ask(loaded: Sdk, gateway: Any) -> Sequence[Scan]:  # noqa: ANN401 - without types
            request = gateway.mapper.create_tracking_request(loaded.models.TrackingRequest(tracking_numbers=[tracking_number]))
            details, messages = gateway.mapper.parse_tracking_response(gateway.proxy.get_tracking(request))
            if not details and messages:
                raise refused_by(messages)
            return scans_of(details or ())

        return await self._called(access, ask)

    async def _called(self, access: Access, ask: Callable[[Sdk, Any], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(THREADS, self._ask, access, ask)

    def _ask(self, access: Access, ask: Callable[[Sdk, Any], Answer]) -> Answer:
        """Carry out a call, in a thread. Raises: CarrierRefused, CarrierUnreadable."""
        loaded = sdk()
        try:
            gateway = loaded.gateway(self._kind.code, self._settings(access), self._server_url)
            return ask(loaded, gateway)
        except (CarrierRefused, CarrierUnreadable):
            raise
        except loaded.carrier_error as error:  # before the request was sent: who we are is not accepted
            raise refused_by(error.messages) from None  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001 - with what it holds, an error of the SDK is not shown
            raise CarrierUnreadable from None

    def _settings(self, access: Access) -> dict[str, object]:
        named = {name: access.credentials.get(setting.name) for name, setting in self._kind.credentials.items()}
        return {
            **{name: value for name, value in named.items() if value},
            "account_country_code": access.settings.get("accountCountry"),
            "test_mode": access.settings.get("test") == "true",
            "carrier_id": self._kind.code,
        }


def _before_sending(loaded: Sdk, run: Callable[[], Answer]) -> Answer:
    """Return what *run* gives, which comes before the carrier is told to do anything. Raises: CarrierRefused."""
    try:
        return run()
    except loaded.carrier_error as error:
        raise refused_by(error.messages) from None  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001 - with what it holds, an error of the SDK is not shown
        said = (
            f"Nothing was sent to the carrier ({type(error).__name__}): it was not reached, or the parcel lacks what it needs."
        )
        raise CarrierRefused(carrier_code="NOT_SENT", carrier_message=said) from None
