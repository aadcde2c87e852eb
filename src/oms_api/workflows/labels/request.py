"""Asking for a label: the row that is there before its carrier is called, and all that is refused before."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.carriers.errors import AccountElsewhere, AccountInactive, LabelExists, NoShippingService, PackageNotPacked
from oms_api.domain.carriers.events import LabelRequested
from oms_api.domain.carriers.policies import next_look
from oms_api.domain.carriers.queries import (
    account_by_id,
    label_by_id,
    labels_by_package,
    labels_by_return,
    service_of,
)
from oms_api.domain.carriers.states import LabelStatus
from oms_api.domain.carriers.tables import CarrierAccountRow, LabelRow
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.documents.queries import active_source
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.giving_up import facts_of
from oms_api.domain.fulfillment.verbs import on_hold
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.orders.given import Amount
from oms_api.domain.parcels.port import Access, Carrier, Parcel, Purchase
from oms_api.domain.ports import Ports
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.shipping.states import PackageStatus
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IllegalMove, InvalidQuantity, InvalidValue, NotFound
from oms_api.kernel.ids import CarrierAccountId, IdKind, LabelId, LocationId, PackageId, ReturnId, text_id
from oms_api.kernel.money import MixedCurrencies, to_minor
from oms_api.kernel.naming import check_code
from oms_api.workflows.labels.desk import access_to, name_of
from oms_api.workflows.labels.facts import PLAIN, Options, parcel_of, parcels_of_packages, parcels_of_returns

BY_PACKAGE = Way("(SELECT parcel.order_id FROM package parcel WHERE parcel.id = :key::uuid)")
BY_RETURN = Way("(SELECT back.order_id FROM returns back WHERE back.id = :key::uuid)")
OPEN = frozenset({LabelStatus.REQUESTED, LabelStatus.PURCHASED, LabelStatus.UNKNOWN, LabelStatus.VOIDING})
COMING = frozenset({ReturnOrderStatus.APPROVED, ReturnOrderStatus.IN_TRANSIT, ReturnOrderStatus.PARTIALLY_RECEIVED})
HEAVIEST_G = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLabel:
    """Buy the label of a package: by a service of an account, or by what the order's shipping code leads to."""

    package_id: PackageId
    account_id: CarrierAccountId | None = None
    service: str | None = None
    max_price: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseReturnLabel:
    """Buy the label of a return, which comes to a location."""

    return_id: ReturnId
    location_id: LocationId
    account_id: CarrierAccountId
    service: str
    weight_g: int | None = None
    max_price: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChoice:
    """The account and service that a label is bought by."""

    account: CarrierAccountRow
    service: str
    options: Options = PLAIN


@dataclass(frozen=True, slots=True)
class Requested:
    """A label that was requested, with its parcel for the carrier; None where it was requested before."""

    label: LabelRow
    purchase: Purchase | None = None
    access: Access | None = None
    carrier: Carrier | None = None
    carrier_name: str = ""

    @property
    def id(self) -> LabelId:
        """The label, by which a retry finds it."""
        return self.label.id


async def requested_before(read: Any, key: LabelId) -> Requested:  # noqa: ANN401 - a reader
    """Return a label that was asked for before, as it is now. Raises: NotFound."""
    return Requested(await label_by_id(read, key))


async def request_label(tx: Tx, command: PurchaseLabel, *, ports: Ports) -> Requested:
    """Record that the label of a package is asked for.

    Raises: NotFound, OrderOnHold, FulfillmentOrderOnHold, PackageNotPacked, LabelExists, NoShippingService, AccountInactive,
    AccountElsewhere, WeightMissing, AddressMissing, CredentialsUnreadable.
    """
    key = command.package_id
    document, _ = await locked_document(tx, BY_PACKAGE, key)
    facts = await parcels_of_packages.of_one(tx, key)
    if document is None or facts is None or not tx.principal.sees_location(facts.location_id):
        raise NotFound(what="package", given=text_id(IdKind.PACKAGE, key), field=("packageId",))
    _check_work(document, facts.fulfillment_order_id)
    refuse_if(exists(await labels_by_package.of_one(tx, key), "packageId"))
    if facts.status != PackageStatus.DRAFT:
        raise PackageNotPacked(status=facts.status, field=("packageId",))
    choice = await chosen(tx, command.account_id, command.service, facts)
    parcel = parcel_of(facts, choice.options)
    return await _record(tx, ports, document, choice, facts, parcel, command.max_price, package_id=key)


async def request_return_label(tx: Tx, command: PurchaseReturnLabel, *, ports: Ports) -> Requested:
    """Record that the label of a return is asked for. Raises: as `request_label`; IllegalMove, for one that does not come."""
    key, weight_g = command.return_id, command.weight_g
    if weight_g is not None and not 0 < weight_g <= HEAVIEST_G:
        raise InvalidQuantity(given=weight_g, largest=HEAVIEST_G, field=("weightG",))
    document, _ = await locked_document(tx, BY_RETURN, key)
    place = (await locations_by_id(tx, [command.location_id])).get(command.location_id)
    if place is None:
        given = text_id(IdKind.LOCATION, command.location_id)
        raise NotFound(what="location", given=given, field=("locationId",))
    facts = await parcels_of_returns.of_one(tx, (key, command.location_id))
    if document is None or facts is None:
        raise NotFound(what="return", given=text_id(IdKind.RETURN, key), field=("returnId",))
    if facts.status not in COMING:
        current = ReturnOrderStatus(facts.status)
        raise IllegalMove(what="return", current=current, target=ReturnOrderStatus.IN_TRANSIT, field=("returnId",))
    refuse_if(exists(await labels_by_return.of_one(tx, key), "returnId"))
    choice = await chosen(tx, command.account_id, command.service, facts)
    parcel = parcel_of(facts, weight_g=weight_g, back=True)
    return await _record(tx, ports, document, choice, facts, parcel, command.max_price, return_id=key)


def _check_work(document: OrderDocument, work_id: Any) -> None:  # noqa: ANN401 - a row
    work = document.works[work_id]
    held = on_hold(facts_of(document, work))
    refuse_if(held and held.at("packageId"))


def exists(labels: list[LabelRow], *path: str) -> LabelExists | None:
    """Return the error that one of *labels* is bought or may be, or None."""
    found = next((label for label in labels if label.status in OPEN), None)
    return None if found is None else LabelExists(status=found.status, label_id=found.id, field=path)


def check_choice(account_id: CarrierAccountId | None, service: str | None) -> None:
    """Raises: InvalidValue, where only one of an account and a service is named, or the service is no code."""
    if (account_id is None) != (service is None):
        missing = "service" if service is None else "accountId"
        raise InvalidValue(problem="Name an account and one of its services, or neither.", field=(missing,))
    if service is not None:
        check_code(service, "service")


async def chosen(tx: Tx, account_id: CarrierAccountId | None, service: str | None, facts: Any) -> LabelChoice:  # noqa: ANN401 - a row
    """Return what a label is bought by: what is named, or what the order's shipping code leads to.

    Raises: NotFound, InvalidValue, NoShippingService, AccountInactive, AccountElsewhere.
    """
    check_choice(account_id, service)
    if account_id is not None and service is not None:
        choice = LabelChoice(account=await account_by_id(tx, account_id), service=service)
    else:
        found = await service_of(tx, facts.shipping_code, facts.channel_id)
        if found is None:
            raise NoShippingService(given=facts.shipping_code or "", field=("service",))
        options = Options(signature=found.signature, insured=found.insured, pickup_point=found.pickup_point)
        choice = LabelChoice(account=await account_by_id(tx, found.account_id), service=found.service, options=options)
    account = choice.account
    if account.status is not Activity.ACTIVE:
        raise AccountInactive(account=account.code, field=("accountId",))
    if account.location_ids is not None and facts.location_id not in account.location_ids:
        raise AccountElsewhere(account=account.code, location=facts.location_code, field=("accountId",))
    return choice


async def _record(
    tx: Tx,
    ports: Ports,
    document: OrderDocument,
    choice: LabelChoice,
    facts: Any,  # noqa: ANN401 - a row
    parcel: Parcel,
    max_price: Amount | None,
    **of: UUID,
) -> Requested:
    access, most = await access_to(tx, ports, choice.account), limit(max_price, facts.currency)
    key = tx.new_id(LabelId)
    row: dict[str, object] = {
        "id": key,
        "order_id": document.order.id,
        "channel_id": document.order.channel_id,
        "location_id": facts.location_id,
        "account_id": choice.account.id,
        "service": choice.service,
        "reference": text_id(IdKind.LABEL, key).partition("_")[2],
        "status": LabelStatus.REQUESTED,
        "max_price_minor": most,
        "currency": None if most is None else facts.currency,
        "look_at": next_look(tx.now, 0),
        "actor": tx.actor,
        "requested_at": tx.now,
        **of,
    }
    label = await tx.made(LabelRow, row)
    tx.emit(
        LabelRequested(
            subject_id=key,
            order_id=label.order_id,
            channel_id=label.channel_id,
            location_ids=(label.location_id,),
            changes={"label.status": (None, label.status)},
        )
    )
    template = await tx.value(active_source(DocumentKind.LABEL, label.channel_id))
    purchase = Purchase(reference=label.reference, service=label.service, parcel=replace(parcel, template=template))
    carrier = ports.carriers[choice.account.carrier]
    return Requested(label, purchase, access, carrier, name_of(choice.account, carrier))


def limit(given: Amount | None, currency: str) -> int | None:
    """Return the most that a label may cost, in minor units. Raises: MixedCurrencies, TooManyDecimals, InvalidValue."""
    if given is None:
        return None
    if given.currency not in {None, currency}:
        raise MixedCurrencies(given=str(given.currency), expected=currency, field=("maxPrice", "currencyCode"))
    minor = to_minor(given.value, currency)
    if minor < 0:
        raise InvalidValue(problem="A price is 0 or more.", field=("maxPrice", "amount"))
    return minor
