"""Asking for the decision of a sourcing profile on a cart."""

from collections.abc import Sequence
from typing import Annotated, Self

from oms_api.domain.orders.given import Cart
from oms_api.domain.sourcing.queries import versions_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.orders.inputs import OrderCartInput
from oms_api.graphql.orders.preview import A_PREVIEW
from oms_api.graphql.permissions import query
from oms_api.graphql.sourcing.decisions import SourcingStepPreview
from oms_api.graphql.sourcing.profiles import SourcingProfileVersion
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.workflows.place_order.preview_sourcing import PreviewSourcing, SourcingPreview, preview_sourcing


@output
class SourcingPreviewResult:
    """The decisions that a sourcing profile would make now. Nothing is written or reserved."""

    profile_version: SourcingProfileVersion | None
    """The version that would decide; null where the input is wrong."""
    decisions: list[SourcingStepPreview]
    """The decisions of the profile's steps, one after the other."""
    errors: list[UserError]
    """The errors that placing this cart as an order would give. Their paths point into the input."""

    @classmethod
    async def of(cls, info: Info, preview: SourcingPreview) -> Self:
        """Describe a preview."""
        version = None if preview.version_id is None else await info.context.load(versions_by_id, preview.version_id)
        return cls(
            profile_version=None if version is None else SourcingProfileVersion.of(version),
            decisions=[SourcingStepPreview.of(each, preview.currency) for each in preview.decisions],
            errors=wrong(preview.errors),
        )


def wrong(errors: Sequence[OmsError]) -> list[UserError]:
    """Return what errors tell, each of their causes by itself."""
    return [shown for error in errors for cause in error.causes for shown in user_errors(cause)]


def _cart(given: OrderCartInput) -> Cart:
    try:
        return given.to_command()
    except OmsError as error:
        raise error.at("cart") from None


@output
class SourcingPreviewQueries:
    """Asking what a sourcing profile would decide."""

    @query(
        Scope.ORDERS_WRITE,
        description=(
            "The locations that a sourcing profile would choose for a cart placed now, and all other locations that "
            "it considers. Each location has its costs; a location that is not chosen also has the reason. Nothing is "
            "written or reserved, and no rules are evaluated."
        ),
        price=A_PREVIEW,
    )
    async def sourcing_preview(
        self,
        info: Info,
        cart: Annotated[OrderCartInput, argument("The cart; its lines need prices.")],
        profile: Annotated[str | None, argument("The code of the profile; by default the profile of the channel.")] = None,
        version: Annotated[
            int | None, argument("The number of the profile's version, which may be a draft; the newest by default.")
        ] = None,
    ) -> SourcingPreviewResult:
        try:
            command = PreviewSourcing(cart=_cart(cart), profile=profile, number=version)
            preview = await info.context.execute(preview_sourcing, command)
        except OmsError as error:
            return SourcingPreviewResult(profile_version=None, decisions=[], errors=wrong([error]))
        return await SourcingPreviewResult.of(info, preview)
