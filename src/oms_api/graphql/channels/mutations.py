"""Making and changing channels, listings and locations."""

from typing import Annotated, TypeVar

import strawberry

from oms_api.domain.channels.commands.change_channel import update_channel
from oms_api.domain.channels.commands.change_location import create_location, update_location
from oms_api.domain.channels.commands.upsert_listing import upsert_listing
from oms_api.domain.channels.commands.upsert_listings import Listed, upsert_listings
from oms_api.graphql.channels.inputs import (
    ChannelCreateInput,
    ChannelDeactivateInput,
    ChannelUpdateInput,
    ListingsUpsertInput,
    ListingUpsertInput,
    LocationCreateInput,
    LocationDeactivateInput,
    LocationUpdateInput,
)
from oms_api.graphql.channels.types import Channel, Listing, Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.workflows.open_channel import open_channel

Record = TypeVar("Record")


@output
class ChannelPayload(Payload):
    """The channel as it is now."""

    channel: Channel | None = None
    """The channel."""


@output
class LocationPayload(Payload):
    """The location as it is now."""

    location: Location | None = None
    """The location."""


@output
class ListingUpsertPayload(Payload):
    """The listing as it is now."""

    listing: Listing | None = None
    """The listing."""


@output
class ListingUpsertResult:
    """The result of one listing of a batch."""

    index: int
    """Its place in the batch, from 0."""
    listing: Listing | None
    """The listing as it is now; null where it was refused."""
    user_errors: list[UserError]
    """Why the row was refused; empty on success."""
    replayed: bool
    """Whether this is the answer of an earlier call with the same idempotency key."""

    @classmethod
    def of(cls, index: int, done: Listed) -> "ListingUpsertResult":
        """Describe the outcome of one listing."""
        errors = [] if done.error is None else user_errors(done.error.at("listings", index))
        listing = None if done.listing is None else Listing.of(done.listing)
        return cls(index=index, listing=listing, user_errors=errors, replayed=done.replayed)


@output
class ListingsUpsertPayload(Payload):
    """The result of each listing; userErrors hold only the problems of the batch as a whole."""

    results: list[ListingUpsertResult] = strawberry.field(default_factory=list)
    """One result for each listing, in the order given."""


@output
class ChannelMutations:
    """Making and changing channels, listings and locations."""

    channel_create = carries_out(
        open_channel, ChannelCreateInput, ChannelPayload, Scope.CHANNELS_WRITE, describes="The channel."
    )
    """Create a channel, a source of orders."""

    channel_update = carries_out(
        update_channel, ChannelUpdateInput, ChannelPayload, Scope.CHANNELS_WRITE, describes="The changes."
    )
    """Change a channel's policies and locations."""
    channel_deactivate = carries_out(
        update_channel, ChannelDeactivateInput, ChannelPayload, Scope.CHANNELS_WRITE, describes="The channel."
    )
    """Deactivate a channel: it takes no more orders; its existing orders go on."""
    listing_upsert = carries_out(
        upsert_listing, ListingUpsertInput, ListingUpsertPayload, Scope.CHANNELS_WRITE, describes="The listing."
    )
    """Create or change the listing of a SKU in a channel, with the channel's own code and price."""

    @mutation(
        Scope.CHANNELS_WRITE,
        description="Create or change up to 1,000 listings of SKUs in channels; each succeeds or is refused on its own.",
    )
    async def listings_upsert(
        self, info: Info, input: Annotated[ListingsUpsertInput, argument("The listings.")]
    ) -> ListingsUpsertPayload:
        done = await info.context.execute(upsert_listings, input.to_command())
        return ListingsUpsertPayload(results=[ListingUpsertResult.of(index, one) for index, one in enumerate(done)])

    location_create = carries_out(
        create_location, LocationCreateInput, LocationPayload, Scope.CHANNELS_WRITE, describes="The location."
    )
    """Create a location, a place that holds stock."""

    location_update = carries_out(
        update_location, LocationUpdateInput, LocationPayload, Scope.CHANNELS_WRITE, describes="The changes."
    )
    """Change a location."""
    location_deactivate = carries_out(
        update_location, LocationDeactivateInput, LocationPayload, Scope.CHANNELS_WRITE, describes="The location."
    )
    """Deactivate a location: it serves no more orders. Work that it has not begun is sourced from other locations, as far as
    they have the units."""
