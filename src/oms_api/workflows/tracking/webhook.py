"""Taking a webhook of a carrier's account: verified by its signature, answered with the result of each event."""

from collections.abc import Sequence

from oms_api.db.session import Reader
from oms_api.domain.carriers.errors import SignatureWrong
from oms_api.domain.carriers.queries import accounts_by_code
from oms_api.domain.carriers.tables import CarrierAccountRow
from oms_api.domain.carriers.webhooks import check_signature, opened
from oms_api.kernel.checks import check_length
from oms_api.kernel.errors import OmsError
from oms_api.workflows.labels.desk import Desk, name_of
from oms_api.workflows.tracking.numbers import Reporter
from oms_api.workflows.tracking.report import MOST_SCANS
from oms_api.workflows.tracking.rows import ReportedScan, scan_in
from oms_api.workflows.tracking.scans import Outcome, take_reported


async def account_that_signed(read: Reader, desk: Desk, code: str, header: str, body: bytes) -> CarrierAccountRow:
    """Return the account with *code* whose secret signed a body; an inactive one still has parcels on their way.

    Raises: SignatureWrong, also where there is no such account; SignatureExpired; CredentialsUnreadable.
    """
    account = await accounts_by_code.of_one(read, code)
    known = [] if account is None else opened(desk.ports.vault, account.id, account.webhook_secrets)
    check_signature(known, header, body, desk.work.clock())
    if account is None:
        raise SignatureWrong
    return account


async def take_webhook(desk: Desk, account: CarrierAccountRow, body: object) -> Sequence[Outcome]:
    """Record the events in a body that an account signed, and return the result of each.

    Raises: InvalidValue, for a body of another form; TooManyItems; UnknownCarrier; Busy, Unavailable.
    """
    carrier = desk.carrier(account)
    events = carrier.events_in(body)
    check_length(events, "events", MOST_SCANS)
    now, scans, outcomes = desk.work.clock(), dict[int, ReportedScan](), dict[int, Outcome]()
    for at, event in enumerate(events):
        try:
            scans[at] = scan_in(event, now)
        except OmsError as error:
            outcomes[at] = Outcome.refused(error)
    reporter = reporter_of(account, name_of(account, carrier))
    outcomes |= await take_reported(desk, reporter, scans)
    return [outcomes[at] for at in range(len(events))]


def reporter_of(account: CarrierAccountRow, name: str) -> Reporter:
    """Return who reports by an account: packages may call its carrier by its name or by its code."""
    return Reporter(names=(account.carrier, name), account_id=account.id)
