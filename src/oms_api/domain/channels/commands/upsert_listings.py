"""Listing many SKUs in channels: the same number of statements for one and for a thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from uuid import UUID

from oms_api.db.idempotency import claim
from oms_api.db.records import Shape, changed
from oms_api.db.rows import inserts_missing, updates
from oms_api.db.session import Claim, LookAgain, Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.batches import claimed
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.upsert_listing import UpsertListing, columns_of, not_new, published
from oms_api.domain.channels.events import ListingChanged
from oms_api.domain.channels.queries import channels_by_id, listings_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.channels.tables import ChannelRow, ListingRow
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IdempotencyKeyReused, NotFound, OmsError, ReplayHidden, TooManyItems
from oms_api.kernel.ids import ChannelId, IdKind, ListingId, text_id
from oms_api.kernel.naming import check_code, check_version

MOST_LISTINGS = 1_000
MUTATION = "listingUpsert"
LISTINGS = Shape(ListingRow)
LOCK = Sql(f"""
SELECT {LISTINGS.columns} FROM listing
JOIN unnest(:channels::uuid[], :codes::text[]) AS wanted (channel_id, code)
  ON wanted.channel_id = listing.channel_id AND wanted.code = listing.code
ORDER BY listing.channel_id, listing.code FOR NO KEY UPDATE OF listing
""")  # noqa: S608 - our own columns
MADE, CHANGED = inserts_missing(ListingRow), updates(ListingRow, "sku_id", "price", "status", "version", "updated_at")
MAKE = Sql(f"WITH made AS ({MADE} RETURNING listing.id) SELECT count(*) FROM made")  # noqa: S608 - our own columns

Place = tuple[ChannelId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedListing:
    """A listing of a batch with its own idempotency key."""

    idempotency_key: str
    listing: UpsertListing

    @property
    def place(self) -> Place:
        """The channel and its code."""
        return self.listing.channel_id, self.listing.code


@dataclass(frozen=True, slots=True)
class UpsertListings:
    """A batch of listings."""

    listings: tuple[KeyedListing, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of one listing of a batch: written (or found as it was to be), done before, or refused."""

    listing: ListingRow | None = None
    replayed: bool = False
    error: OmsError | None = None


async def upsert_listings(tx: Tx, batch: UpsertListings) -> list[Listed]:
    """Make or change listings by their channels and codes; each is done or refused by itself.

    What is already as it was to be is left alone, its version too. Raises: TooManyItems.
    """
    if len(batch.listings) > MOST_LISTINGS:
        raise TooManyItems(limit=MOST_LISTINGS, given=len(batch.listings), field=("listings",))
    claims, errors = claimed(tx, MUTATION, batch.listings, about, lambda one: one.listing)
    fine = [index for index in range(len(batch.listings)) if index not in errors]
    known = await KnownListings.read(tx, [batch.listings[index] for index in fine], [claims[index] for index in fine])
    done: dict[int, ListingRow] = {}
    replayed: dict[int, ListingId] = {}
    for index, earlier in zip(fine, known.earlier, strict=True):
        if isinstance(earlier, UUID):
            replayed[index] = ListingId(earlier)
            continue
        try:
            refuse_if(earlier)
            done[index] = known.decide(tx, batch.listings[index].listing)
        except OmsError as error:
            errors[index] = error
        else:
            tx.results.append((claims[index], done[index].id))
    await known.write(tx)
    before = await listings_by_id(tx, replayed.values())
    errors |= {index: ReplayHidden(field=("idempotencyKey",)) for index, key in replayed.items() if key not in before}
    return [
        Listed(error=errors[index])
        if index in errors
        else Listed(before[replayed[index]], replayed=True)
        if index in replayed
        else Listed(done[index])
        for index in range(len(batch.listings))
    ]


def about(one: KeyedListing) -> tuple[Place, str, str]:
    """Return the listing's place, and its code as told. Raises: InvalidValue, for a code that is none."""
    check_code(one.listing.code, "code")
    return one.place, one.listing.code, "code"


@dataclass(slots=True)
class KnownListings:
    """What is there, locked, and what will be written."""

    earlier: Sequence[UUID | IdempotencyKeyReused | None]
    rows: dict[Place, ListingRow]
    channels: Mapping[ChannelId, ChannelRow]
    skus: Mapping[SkuRef, SkuRow]
    made: list[ListingRow] = field(default_factory=list)
    changed: list[ListingRow] = field(default_factory=list)

    @classmethod
    async def read(cls, tx: Tx, listings: Sequence[KeyedListing], claims: Sequence[Claim]) -> "KnownListings":
        """Claim the keys, lock the listings that exist, and read their channels and SKUs."""
        places = sorted({one.place for one in listings})
        channels, codes = array(channel for channel, _ in places), text_array(code for _, code in places)
        earlier, (rows,) = await claim(tx, claims, LOCK(channels=channels, codes=codes))
        found = map(LISTINGS.record, rows)
        return cls(
            earlier,
            {(row.channel_id, row.code): row for row in found},
            await channels_by_id(tx, {one.listing.channel_id for one in listings}),
            await skus_by_reference(tx, [one.listing.sku for one in listings if one.listing.sku is not None]),
        )

    def decide(self, tx: Tx, given: UpsertListing) -> ListingRow:
        """Return the listing as it will be. Raises: as `upsert_listing`."""
        channel = self.channels.get(given.channel_id)
        if channel is None:
            raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, given.channel_id), field=("channelId",))
        columns = columns_of(given, channel)
        if given.sku is not None:
            if given.sku not in self.skus:
                raise given.sku.unknown("sku")
            columns["sku_id"] = self.skus[given.sku].id
        before = self.rows.get((given.channel_id, given.code))
        if before is None:
            refuse_if(not_new(given))
            start = {"id": tx.new_id(ListingId), "channel_id": channel.id, "code": given.code, "status": Activity.ACTIVE}
            times = {"version": 1, "created_at": tx.now, "updated_at": tx.now}
            row = MADE.record(start | columns | times)
            self.made.append(row)
            tx.emit(ListingChanged(subject_id=row.id, sku_id=row.sku_id, channel_id=channel.id))
            return row
        check_version(given.expected_version, before.version)
        moved = {name: (was, value) for name, value in columns.items() if (was := getattr(before, name)) != value}
        if not moved:
            return before
        row = changed(before, **columns, version=before.version + 1, updated_at=tx.now)
        self.changed.append(row)
        tx.emit(ListingChanged(subject_id=row.id, sku_id=row.sku_id, channel_id=channel.id, changes=published(moved)))
        return row

    async def write(self, tx: Tx) -> None:
        """Write what was decided, in one round trip. Raises: LookAgain, where another made one of the listings meanwhile."""
        if self.changed:
            tx.write(CHANGED, self.changed)
        if self.made:
            self.made.sort(key=lambda row: (row.channel_id, row.code))
            ([(made,)],) = await tx.flush([MAKE(listing=MADE(self.made))])
            if made < len(self.made):
                raise LookAgain
