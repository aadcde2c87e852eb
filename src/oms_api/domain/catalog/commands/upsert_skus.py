"""Making and changing SKUs: the same number of statements for one and for a thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from oms_api.db.idempotency import claim
from oms_api.db.rows import inserts, inserts_missing, updates
from oms_api.db.session import Claim, LookAgain, Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import Definitions, Typed, Wanted, wanted_of
from oms_api.domain.attributes.queries import definitions_in, naming
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.attributes.values import different, values_in, write_values
from oms_api.domain.catalog.batches import claimed
from oms_api.domain.catalog.errors import InvalidComponents, UnknownSku
from oms_api.domain.catalog.events import SkuChanged, SkuCreated
from oms_api.domain.catalog.given import FIELDS, MOST_SKUS, UpsertSku, applied, wrong_with
from oms_api.domain.catalog.queries import skus_by_id
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import SkuComponentRow, SkuRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IdempotencyKeyReused, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import AttributeDefinitionId, SkuId

MUTATION = "skuUpsert"
COLUMNS = ("id", "code", "kind", *FIELDS, "version", "created_at", "updated_at")
LOCK = Sql(f"SELECT {', '.join(COLUMNS)} FROM sku WHERE code = ANY (:codes::text[]) ORDER BY code FOR NO KEY UPDATE")  # noqa: S608
PARTS = Sql("""
SELECT bundle_id, component_id, quantity, share FROM sku_component
WHERE bundle_id IN (SELECT id FROM sku WHERE code = ANY (:codes::text[]))
""")
VALUES = Sql("""
SELECT owner_id, definition_id, text, number, boolean, day FROM attribute_value
WHERE owner_id IN (SELECT id FROM sku WHERE code = ANY (:codes::text[]))
""")
NAMED = Sql("SELECT code, id, kind FROM sku WHERE code = ANY (:codes::text[])")
MADE, CHANGED, LINKED = inserts_missing(SkuRow), updates(SkuRow, *FIELDS, "version", "updated_at"), inserts(SkuComponentRow)
MAKE = Sql(f"WITH made AS ({MADE} RETURNING sku.id) SELECT count(*) FROM made")  # noqa: S608 - our own columns
UNLINK = Sql("DELETE FROM sku_component WHERE bundle_id = ANY (:bundles::uuid[])")

Row = dict[str, Any]
Parts = frozenset[tuple[SkuId, int, int]]


@dataclass(frozen=True, slots=True)
class UpsertSkus:
    """A batch of SKUs; each carries its own idempotency key."""

    skus: tuple[UpsertSku, ...]


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of one SKU of a batch: written (or found as it was to be), done before, or refused."""

    sku: SkuRow | None = None
    replayed: bool = False
    error: OmsError | None = None


async def upsert_sku(tx: Tx, given: UpsertSku) -> Upserted:
    """Make or change one SKU. Raises: Refused with all that is wrong, IdempotencyKeyReused."""
    (done,) = await upsert_skus(tx, UpsertSkus((given,)))
    if done.error is not None:
        raise done.error
    return done


async def upsert_skus(tx: Tx, batch: UpsertSkus) -> list[Upserted]:
    """Make or change SKUs by their codes; each is done or refused by itself.

    What is already as it was to be is left alone, its version too. A bundle may be made of goods of the same batch.
    Raises: TooManyItems.
    """
    if len(batch.skus) > MOST_SKUS:
        raise TooManyItems(limit=MOST_SKUS, given=len(batch.skus), field=("skus",))
    if not batch.skus:
        return []
    claims, errors = claimed(tx, MUTATION, batch.skus, lambda given: (given.code, given.code, "code"))
    plan = SkuPlan(tx, {batch.skus[index].code: claim for index, claim in claims.items()})
    replayed: dict[int, SkuId] = {}
    fine: list[int] = []
    for index, earlier in zip(claims, await plan.read([batch.skus[index] for index in claims]), strict=True):
        if isinstance(earlier, UUID):
            replayed[index] = SkuId(earlier)
        elif earlier is not None:
            errors[index] = earlier
        else:
            fine.append(index)
    for index in sorted(fine, key=lambda index: batch.skus[index].makes_bundle):
        try:
            plan.decide(batch.skus[index])
        except OmsError as error:
            errors[index] = error
    await plan.write()
    before = await skus_by_id(tx, replayed.values())
    return [
        Upserted(error=errors[index])
        if index in errors
        else Upserted(sku=before[replayed[index]], replayed=True)
        if index in replayed
        else Upserted(sku=MADE.record(plan.rows[given.code]))
        for index, given in enumerate(batch.skus)
    ]


@dataclass(slots=True)
class SkuPlan:
    """What is there, and what will be written."""

    tx: Tx
    wanted: Mapping[str, Claim]
    rows: dict[str, Row] = field(default_factory=dict)
    named: dict[str, tuple[SkuId, SkuKind]] = field(default_factory=dict)
    parts: dict[SkuId, Parts] = field(default_factory=dict)
    written: list[Row] = field(default_factory=list)
    linked: dict[SkuId, Parts] = field(default_factory=dict)
    attributes: Definitions = field(default_factory=dict)
    values: dict[UUID, dict[AttributeDefinitionId, Typed]] = field(default_factory=dict)
    moved: dict[UUID, Wanted] = field(default_factory=dict)

    async def read(self, given: Sequence[UpsertSku]) -> list[UUID | IdempotencyKeyReused | None]:
        """Claim the keys, lock the SKUs that exist and read components, in one round trip."""
        codes = sorted(self.wanted)
        components = sorted({part.sku for one in given for part in one.components or ()})
        named = {(AttributeOwner.SKU, each.code) for one in given for each in one.attributes}
        wanted, parts_wanted = ([code.replace("\0", "") for code in each] for each in (codes, components))
        definitions = [naming(named, hold=True)] if named else []
        earlier, answers = await claim(
            self.tx,
            [self.wanted[one.code] for one in given],
            *definitions,
            LOCK(codes=wanted),
            PARTS(codes=wanted),
            NAMED(codes=parts_wanted),
            *([VALUES(codes=wanted)] if named else []),
        )
        if named:
            self.attributes, self.values = definitions_in(answers.pop(0)), values_in(answers.pop())
        skus, parts, components_named = answers
        for values in skus:
            row = dict(zip(COLUMNS, values, strict=True))
            row |= {"kind": SkuKind(row["kind"]), "status": SkuStatus(row["status"])}
            self.rows[row["code"]] = row
        for bundle, component, quantity, share in parts:
            self.parts[bundle] = self.parts.get(bundle, frozenset()) | {(component, quantity, share)}
        self.named = {code: (sku_id, SkuKind(kind)) for code, sku_id, kind in components_named}
        return earlier

    def decide(self, given: UpsertSku) -> None:
        """Take *given* into what will be written. Raises: Refused."""
        before = self.rows.get(given.code)
        errors = wrong_with(given, before)
        parts: Parts | None = None
        if not errors and given.components is not None:
            parts, errors = self.components(given)
        wanted, unfit = wanted_of(AttributeOwner.SKU, given.attributes, self.attributes)
        if errors := [*errors, *unfit]:
            raise Refused(errors=errors)
        columns = applied(given)
        if before is None:
            empty = dict.fromkeys(FIELDS)
            start = {"status": SkuStatus.ACTIVE, "version": 1, "created_at": self.tx.now, "updated_at": self.tx.now}
            row: Row = {"id": self.tx.new_id(SkuId), "code": given.code, "kind": given.kind, **empty, **start, **columns}
            self.tx.emit(SkuCreated(subject_id=row["id"]))
        else:
            relinked = parts is not None and parts != self.parts.get(before["id"], frozenset())
            wanted = different(self.values.get(before["id"], {}), wanted)
            moved = _moved(before, columns) | ({"components": (None, None)} if relinked else {})
            moved |= {"attributes": (None, None)} if wanted else {}
            row = before
            if moved:
                row = {**before, **columns, "version": before["version"] + 1, "updated_at": self.tx.now}
                self.tx.emit(SkuChanged(subject_id=row["id"], changes=moved))
        if row is not before:
            self.written.append(row)
            self.moved[row["id"]] = wanted
            if parts is not None:
                self.linked[row["id"]] = parts
        self.rows[given.code] = row
        self.named[given.code] = (row["id"], row["kind"])
        self.tx.results.append((self.wanted[given.code], row["id"]))

    def components(self, given: UpsertSku) -> tuple[Parts, list[OmsError]]:
        """Return the components of a bundle, and which of them are unknown or no goods."""
        parts: set[tuple[SkuId, int, int]] = set()
        errors: list[OmsError] = []
        for index, part in enumerate(given.components or ()):
            path = ("components", str(index), "sku")
            found = self.named.get(part.sku)
            if found is None:
                errors.append(UnknownSku(given=part.sku, field=path))
            elif not found[1].stocked:
                problem = f"A bundle is made of goods, and '{part.sku}' is a {found[1]}."
                errors.append(InvalidComponents(problem=problem, field=path))
            else:
                parts.add((found[0], part.quantity, part.quantity if part.share is None else part.share))
        return frozenset(parts), errors

    async def write(self) -> None:
        """Write what was decided, in one round trip. Raises: LookAgain, where another made one of the SKUs meanwhile."""
        if not self.written:
            return
        self.written.sort(key=lambda row: row["code"])
        new = [row for row in self.written if row["version"] == 1]
        statements = [MAKE(sku=MADE(new)), CHANGED.of(MADE.record(row) for row in self.written if row["version"] > 1)]
        if self.linked:
            rows = [
                {"bundle_id": bundle, "component_id": component, "quantity": quantity, "share": share}
                for bundle, parts in self.linked.items()
                for component, quantity, share in parts
            ]
            statements += [UNLINK(bundles=array(self.linked)), LINKED.of(rows)]
        try:
            [(made,)], *_ = await self.tx.flush(statements)
        except ForeignKeyViolation:  # a component's bundle was made by another meanwhile, under another id
            raise LookAgain from None
        if made < len(new):
            raise LookAgain
        write_values(self.tx, self.moved)


def _moved(before: Row, columns: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    moved = {name: (before[name], value) for name, value in columns.items() if before[name] != value}
    costs = [name for name in moved if name.startswith("cost")]
    shown = {name: values for name, values in moved.items() if name not in costs}
    return shown | ({"cost": (None, None)} if costs else {})
