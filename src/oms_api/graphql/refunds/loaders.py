"""Batch loaders around refunds."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.payments.queries import (
    events_by_refund,
    refunds_by_event,
    refunds_by_id,
    refunds_by_order,
    refunds_by_return,
)
from oms_api.domain.payments.tables import PaymentEventRow, RefundRow
from oms_api.graphql.context import BatchLoader


class RefundById(BatchLoader[UUID, RefundRow | None]):
    """Refunds that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[RefundRow | None]:
        found = await refunds_by_id(read, keys)
        return [found.get(key) for key in keys]


class RefundsByOrder(BatchLoader[UUID, Sequence[RefundRow]]):
    """The refunds of each order that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[RefundRow]]:
        found = await refunds_by_order(read, keys)
        return [found[key] for key in keys]


class RefundsByReturn(BatchLoader[UUID, Sequence[RefundRow]]):
    """The refunds of each return that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[RefundRow]]:
        found = await refunds_by_return(read, keys)
        return [found[key] for key in keys]


class RefundByEvent(BatchLoader[UUID, RefundRow | None]):
    """The refund of each payment event that was seen before."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[RefundRow | None]:
        found = await refunds_by_event(read, keys)
        return [found.get(key) for key in keys]


class EventsByRefund(BatchLoader[UUID, Sequence[PaymentEventRow]]):
    """The events of each refund that was seen before, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[PaymentEventRow]]:
        found = await events_by_refund(read, keys)
        return [found[key] for key in keys]
