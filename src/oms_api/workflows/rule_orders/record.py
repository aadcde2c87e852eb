"""What a verdict writes beside the order: the ruling with its matches, holds and notes, and the event that tells of it."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.domain.orders.events import OrderNoteAdded
from oms_api.domain.orders.holds.placing import place_hold
from oms_api.domain.orders.notes.tables import OrderNoteRow
from oms_api.domain.rules.events import OrderRuled
from oms_api.domain.rules.tables import OrderRuleMatchRow, OrderRulingRow
from oms_api.domain.rules.verdicts import Verdict
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, LocationId, OrderId, OrderNoteId, OrderRuleMatchId, OrderRulingId, RulebookId

RULINGS, MATCHES, NOTES = inserts(OrderRulingRow), inserts(OrderRuleMatchRow), inserts(OrderNoteRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An order that was judged, by which rulebook; *on_hold* says whether it was on hold before."""

    rulebook_id: RulebookId
    order_id: OrderId
    channel_id: ChannelId
    location_ids: tuple[LocationId, ...] = ()
    on_hold: bool = False


@dataclass(slots=True)
class Rulings:
    """The rows of what rules said of many orders, to be written together."""

    rulings: list[Row] = field(default_factory=list)
    matches: list[Row] = field(default_factory=list)

    def write(self, tx: Tx) -> None:
        """Hand them to the last flush."""
        tx.write(RULINGS, self.rulings)
        tx.write(MATCHES, self.matches)


def write_verdict(
    tx: Tx,
    verdict: Verdict,
    judged: Judged,
    at: datetime,
    into: Rulings,
    changes: Mapping[str, tuple[object, object]] | None = None,
) -> None:
    """Hand the holds and notes of a verdict to the last flush; the order is handed over before, or there already.

    The ruling itself goes *into* those that are written later. *changes* are what it made different of an order that was there.

    Where it places holds, who calls it writes on the order that it is on hold.
    """
    order_id, channel_id, places, on_hold = judged.order_id, judged.channel_id, judged.location_ids, judged.on_hold
    for _, hold, _ in verdict.holds:
        place_hold(tx, hold, order_id=order_id, channel_id=channel_id, location_ids=places, on_hold=on_hold)
        on_hold = True
    for rule, text in verdict.notes:
        said = {"text": text, "actor": rule.placed_by, "occurred_at": at, "recorded_at": tx.now}
        note = tx.put(NOTES, id=tx.new_id(OrderNoteId), order_id=order_id, channel_id=channel_id, **said)
        added = OrderNoteAdded(subject_id=order_id, order_id=order_id, channel_id=channel_id, location_ids=places)
        tx.emit(replace(added, cause_id=note.id, occurred_at=at))
    ruling = tx.new_id(OrderRulingId)
    of = {"order_id": order_id, "channel_id": channel_id, "trigger": verdict.trigger, "at": at}
    into.rulings.append({"id": ruling, "rulebook_id": judged.rulebook_id, **of})
    into.matches += [{"ruling_id": ruling, **of, **row} for row in _matches(tx, verdict)]
    if verdict.acted:
        ruled = OrderRuled(subject_id=order_id, order_id=order_id, channel_id=channel_id, location_ids=places)
        tx.emit(replace(ruled, cause_id=ruling, occurred_at=at, changes=changes or None))


def _matches(tx: Tx, verdict: Verdict) -> list[Row]:
    return [
        {
            "id": tx.new_id(OrderRuleMatchId),
            "rule_id": match.rule.rule_id,
            "rule_code": match.rule.code,
            "version_id": match.rule.version_id,
            "number": match.rule.number,
            "mode": match.rule.mode,
            "did": [did.stored() for did in match.did],
            "error": match.error,
        }
        for match in verdict.matches
    ]
