"""What a return shows of the money that goes back for it."""

from oms_api.domain.payments.queries import refunds_by_return
from oms_api.domain.returns.tables import ReturnRow
from oms_api.graphql.declared.links import many
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import output
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope


@output
class RefundsOfReturn(Record[ReturnRow]):
    """The field of a return that tells of its refunds; `Return` inherits it."""

    refunds: list[Refund] = many(refunds_by_return, Refund, scope=Scope.PAYMENTS_READ)
    """The refunds for the return, oldest first, at most 250."""
