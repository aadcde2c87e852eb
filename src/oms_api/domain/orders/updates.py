"""What may be said anew of an order at any time, as it moves neither units nor money. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, field, replace
from typing import TypedDict

from oms_api.db.columns import Json
from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.orders.texts import MOST_TAGS, texts_of, too_long
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import CustomerId, LineId, OrderId
from oms_api.kernel.naming import LONGEST_CODE, check_email, check_note, check_text

PARTS = ("name", "email", "phone")


class OrderDetails(TypedDict, total=False):
    """What is to be different; what is left out stays as it is, None takes it away.

    `contact` replaces all of the contact, `email` and `phone` a part of it; `tags` are all the tags.
    """

    contact: Contact | None
    email: str | None
    phone: str | None
    billing_address: Address | None
    note: str | None
    tags: tuple[str, ...]
    priority: int
    customer_id: CustomerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDetails:
    """What is to be different of a line."""

    line_id: LineId
    attributes: tuple[AttributeGiven, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrder:
    """Change details of an order, and keep who did it and why."""

    order_id: OrderId
    changes: OrderDetails = field(default_factory=OrderDetails)
    attributes: tuple[AttributeGiven, ...] = ()
    lines: tuple[LineDetails, ...] = ()
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    reason: str | None = None
    expected_version: int | None = None

    def tags(self, before: list[str]) -> list[str]:
        """Return the tags after it: in the order in which they came."""
        kept = list(self.changes.get("tags", before))
        added = dict.fromkeys(tag for tag in self.add_tags if tag not in kept)
        return [tag for tag in (*kept, *added) if tag not in self.remove_tags]

    def contact(self, before: Json | None) -> Json | None:
        """Return the contact after it, as it is stored."""
        contact = Contact(**before) if before else Contact()
        if "contact" in self.changes:
            contact = self.changes["contact"] or Contact()
        for part in ("email", "phone"):
            if part in self.changes:
                contact = replace(contact, **{part: self.changes[part]})
        return asdict(contact) if any(getattr(contact, part) for part in PARTS) else None

    def billing_address(self, before: Json | None) -> Json | None:
        """Return the billing address after it, as it is stored."""
        if "billing_address" not in self.changes:
            return before
        address = self.changes["billing_address"]
        return None if address is None else asdict(address)


def check_update(command: UpdateOrder) -> None:
    """Raises: Refused, with all that is wrong with what is said."""
    if errors := [*_contradictions(command), *_wrong(command)]:
        raise Refused(errors=errors)


def _contradictions(command: UpdateOrder) -> Iterator[OmsError]:
    changes = command.changes
    if "contact" in changes:
        problem = "contact replaces the whole contact: give either it or its parts."
        yield from (InvalidValue(problem=problem, field=(part,)) for part in ("email", "phone") if part in changes)
    if "tags" in changes and (command.add_tags or command.remove_tags):
        problem = "tags replaces all tags: give either it or addTags and removeTags."
        yield InvalidValue(problem=problem, field=("tags",))
    for index, tag in enumerate(command.remove_tags):
        if tag in command.add_tags:
            problem = "The same tag is added and removed."
            yield InvalidValue(problem=problem, field=("removeTags", str(index)))
    if len(command.lines) > MOST_LINES:
        yield TooManyItems(limit=MOST_LINES, given=len(command.lines), field=("lines",))
    seen: set[LineId] = set()
    for index, line in enumerate(command.lines):
        if line.line_id in seen:
            yield InvalidValue(problem="A line is given once.", field=("lines", str(index), "lineId"))
        seen.add(line.line_id)


def _wrong(command: UpdateOrder) -> Iterator[OmsError]:
    changes = command.changes
    contact, address = changes.get("contact"), changes.get("billing_address")
    for name in ("tags", "priority"):
        if changes.get(name, ()) is None:
            yield InvalidValue(problem=f"{name} cannot be null.", field=(name,))
    yield from wrong_in(
        lambda: check_note(changes.get("note"), "note"),
        lambda: check_text(command.reason, "reason"),
        lambda: check_email(changes.get("email"), "email"),
        lambda: check_email(contact.email if contact else None, "contact", "email"),
    )
    for name, tags in (("tags", changes.get("tags")), ("addTags", command.add_tags), ("removeTags", command.remove_tags)):
        yield from too_long((((name, i), tag) for i, tag in enumerate(tags or ())), "A tag", LONGEST_CODE)
        if len(tags or ()) > MOST_TAGS:
            yield TooManyItems(limit=MOST_TAGS, given=len(tags or ()), field=(name,))
    people = (*texts_of("contact", contact), *texts_of("billingAddress", address), (("phone",), changes.get("phone")))
    yield from too_long(people, "This", LONGEST_CODE)
