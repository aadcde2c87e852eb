"""Making and changing customers: by id or external reference, never by e-mail."""

from dataclasses import asdict, field
from typing import Any, TypedDict

from sqlalchemy import Select, select

from oms_api.db.session import LookAgain, Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change, locking
from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.attributes.values import attributes_wanted, differing, write_values
from oms_api.domain.customers.errors import ExternalRefTaken
from oms_api.domain.customers.events import CustomerChanged, CustomerCreated
from oms_api.domain.customers.queries import customer_by_reference, persons_by_customer
from oms_api.domain.customers.tables import CustomerPersonRow, CustomerRow
from oms_api.kernel.address import COUNTRIES, Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, Refused, wrong_in
from oms_api.kernel.ids import CustomerId, IdKind, text_id
from oms_api.kernel.naming import check_code, check_email, check_text, check_version

PERSONAL = ("name", "email", "phone", "address")
lock = locking(CustomerRow)


@statement
def with_reference(external_ref: str) -> Select[CustomerRow]:
    """Find the customer with *external_ref*, locked."""
    return select(CustomerRow).where(CustomerRow.external_ref == external_ref).with_for_update(key_share=True)


class CustomerChanges(TypedDict, total=False):
    """What is said of a customer; what is left out stays as it is, None takes it away."""

    name: str | None
    email: str | None
    phone: str | None
    address: Address | None
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertCustomer:
    """Change the customer with the id or *external_ref*; make one where neither is known.

    With both, the customer with the id gets the reference.
    """

    customer_id: CustomerId | None = None
    external_ref: str | None = None
    changes: CustomerChanges = field(default_factory=CustomerChanges)
    attributes: tuple[AttributeGiven, ...] = ()
    expected_version: int | None = None


async def upsert_customer(tx: Tx, command: UpsertCustomer) -> CustomerRow:
    """Make or change a customer; without a country of its own the address gives it.

    Raises: NotFound, ExternalRefTaken, VersionConflict, Refused.
    """
    _check(command)
    wanted = await attributes_wanted(tx, AttributeOwner.CUSTOMER, command.attributes)
    before = await _before(tx, command)
    columns, person = _columns(command)
    if before is None:
        customer = await _create(tx, command, columns, person)
        write_values(tx, {customer.id: wanted})
        return customer
    check_version(command.expected_version, before.version)
    if command.external_ref is not None and before.external_ref != command.external_ref:
        if await customer_by_reference(tx, command.external_ref) is not None:
            raise ExternalRefTaken(given=command.external_ref, field=("externalRef",))
        columns["external_ref"] = command.external_ref
    known = await persons_by_customer.of_one(tx, before.id)
    personal = [name for name, value in person.items() if getattr(known, name, None) != value]
    values = await differing(tx, before.id, wanted)
    customer, moved = await change(tx, CustomerRow, before, columns, also=bool(personal or values))
    if values:
        write_values(tx, {customer.id: values})
        moved["attributes"] = (None, None)
    if personal:
        await _keep_person(tx, customer.id, person)
        moved |= dict.fromkeys(personal, (None, None))
    if moved:
        tx.emit(CustomerChanged(subject_id=customer.id, changes=moved))
    return customer


async def _before(tx: Tx, command: UpsertCustomer) -> CustomerRow | None:
    if command.customer_id is not None:
        found = await lock(tx, command.customer_id)
        if found is None:
            raise NotFound(what="customer", given=text_id(IdKind.CUSTOMER, command.customer_id), field=("id",))
        return found
    if command.external_ref is None:
        return None
    return await tx.one_or_none(with_reference(command.external_ref))


async def _create(tx: Tx, command: UpsertCustomer, columns: dict[str, Any], person: dict[str, Any]) -> CustomerRow:
    if command.expected_version is not None:
        raise InvalidValue(problem="There is no such customer yet, so it has no version.", field=("expectedVersion",))
    new = {"id": tx.new_id(CustomerId), "external_ref": command.external_ref, "created_at": tx.now, "updated_at": tx.now}
    customer = await tx.made_or_none(CustomerRow, {**new, **columns})
    if customer is None:
        raise LookAgain
    await _keep_person(tx, customer.id, person)
    tx.emit(CustomerCreated(subject_id=customer.id))
    return customer


async def _keep_person(tx: Tx, customer_id: CustomerId, person: dict[str, Any]) -> None:
    if person:
        await tx.upserted(CustomerPersonRow, {"customer_id": customer_id, **person}, *person, on=("customer_id",))


def _columns(command: UpsertCustomer) -> tuple[dict[str, Any], dict[str, Any]]:
    changes = command.changes
    person: dict[str, Any] = {name: changes[name] for name in PERSONAL if name in changes}  # type: ignore[literal-required]
    columns: dict[str, Any] = {"country": changes["country"]} if "country" in changes else {}
    if (address := changes.get("address")) is not None:
        person["address"] = asdict(address)
        columns.setdefault("country", address.country)
    return columns, person


def _check(command: UpsertCustomer) -> None:
    changes, reference, country = command.changes, command.external_ref, command.changes.get("country")
    errors = wrong_in(
        lambda: check_text(changes.get("name"), "name"),
        lambda: check_text(changes.get("phone"), "phone"),
        *([] if reference is None else [lambda: check_code(reference, "externalRef")]),
        lambda: check_email(changes.get("email"), "email"),
    )
    if country is not None and country not in COUNTRIES:
        problem = f"'{country}' is not a country code of ISO 3166-1 alpha-2, such as GB."
        errors.append(InvalidValue(problem=problem, field=("country",)))
    if errors:
        raise Refused(errors=errors)
