"""Batch loaders around payments."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.queries import (
    NOTHING,
    balances_by_order,
    events_by_id,
    events_by_transaction,
    transactions_by_id,
    transactions_by_order,
)
from oms_api.domain.payments.tables import PaymentEventRow, PaymentTransactionRow
from oms_api.graphql.context import BatchLoader


class BalanceByOrder(BatchLoader[UUID, Balance]):
    """How the money of each order stands; the orders were seen before."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Balance]:
        found = await balances_by_order(read, keys)
        return [found.get(key, NOTHING) for key in keys]


class TransactionsByOrder(BatchLoader[UUID, Sequence[PaymentTransactionRow]]):
    """The transactions of each order that the caller may see, at most 250, by gateway and reference."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[PaymentTransactionRow]]:
        found = await transactions_by_order(read, keys)
        return [found[key] for key in keys]


class TransactionById(BatchLoader[UUID, PaymentTransactionRow | None]):
    """Transactions that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[PaymentTransactionRow | None]:
        found = await transactions_by_id(read, keys)
        return [found.get(key) for key in keys]


class EventById(BatchLoader[UUID, PaymentEventRow | None]):
    """Payment events that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[PaymentEventRow | None]:
        found = await events_by_id(read, keys)
        return [found.get(key) for key in keys]


class EventsByTransaction(BatchLoader[UUID, Sequence[PaymentEventRow]]):
    """The events of each transaction, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[PaymentEventRow]]:
        found = await events_by_transaction(read, keys)
        return [found[key] for key in keys]
