"""The decision of a sourcing profile on a cart: by the code that places orders, with nothing written."""

from collections.abc import Sequence
from dataclasses import replace

from oms_api.db.session import Tx
from oms_api.domain.orders.given import Cart
from oms_api.domain.sourcing.errors import VersionNotThere
from oms_api.domain.sourcing.explaining import DecidedStep
from oms_api.domain.sourcing.queries import profile_coded, version_numbered
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.domain.sourcing.tables import SourcingProfileRow, SourcingProfileVersionRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, wrong_in
from oms_api.kernel.ids import SourcingProfileVersionId, new_uuid
from oms_api.workflows.place_order.decide import Decision
from oms_api.workflows.place_order.preview import snapshot_to_preview
from oms_api.workflows.place_order.snapshot import read_sourcing


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSourcing:
    """A cart, and by which version of which profile to decide: those of its channel unless told."""

    cart: Cart
    profile: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SourcingPreview:
    """What a version of a profile would decide, and why placing the cart so would fail."""

    currency: str
    version_id: SourcingProfileVersionId | None = None
    decisions: Sequence[DecidedStep] = ()
    errors: Sequence[OmsError] = ()


async def preview_sourcing(tx: Tx, wanted: PreviewSourcing) -> SourcingPreview:
    """Return what would be decided on a cart now.

    Raises: NotFound for a profile or a channel, VersionNotThere; InvalidValue, where neither channel nor caller names one.
    """
    cart = wanted.cart
    snapshot = await snapshot_to_preview(tx, cart)
    decision = Decision(snapshot, tx.principal, new_uuid, tx.now)
    try:
        channel = decision.channel(cart)
    except OmsError as error:
        raise error.at("cart") from None
    if wanted.profile is not None:
        version = await version_named(tx, wanted.profile, wanted.number)
        channel = replace(channel, profile=version.id)
        snapshot.channels[channel.id] = channel
    elif channel.profile is None:
        problem = "The channel has no active sourcing profile: name one."
        raise InvalidValue(problem=problem, field=("profile",))
    await read_sourcing(tx, snapshot)
    items, errors = decision.checked(cart, channel)
    if not items or len(items) < len(cart.lines):
        return SourcingPreview(channel.currency, channel.profile, errors=_in_cart(errors))
    if errors := errors or wrong_in(lambda: decision.priced(cart, channel, items)):
        return SourcingPreview(channel.currency, channel.profile, errors=_in_cart(errors))
    lines = decision.priced(cart, channel, items).lines
    asked = decision.demanded(cart, channel, lines)
    strategy = decision.strategy(cart, channel, lines, asked.conversion)
    assert isinstance(strategy, ProfileStrategy)  # noqa: S101 - its version was read
    short = wrong_in(lambda: decision.sources(cart, channel, lines))
    if not short:
        decision = Decision(snapshot, tx.principal, new_uuid, tx.now)
    decision.stock.source(channel, asked.wanted, priority=cart.priority, partly=True, strategy=strategy)
    return SourcingPreview(channel.currency, channel.profile, tuple(strategy.decisions), _in_cart(short))


def _in_cart(errors: Sequence[OmsError]) -> list[OmsError]:
    return [error.at("cart") for error in errors]


async def version_named(tx: Tx, code: str, number: int | None) -> SourcingProfileVersionRow:
    """Return a version of the profile with a code, the newest unless told. Raises: NotFound, VersionNotThere."""
    profile: SourcingProfileRow | None = await tx.one_or_none(profile_coded(code))
    if profile is None:
        raise NotFound(what="sourcing profile", given=code, field=("profile",))
    wanted = profile.latest if number is None else number
    version = await tx.one_or_none(version_numbered(profile.id, wanted))
    if version is None:
        raise VersionNotThere(profile=code, given=wanted, latest=profile.latest, field=("version",))
    return version
