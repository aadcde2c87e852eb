"""Invariants of transfers: what the lines say, what the acts say and what the ledger says is the same."""

INVARIANTS = {
    "transfer lines are the sums of their acts": """
        SELECT format('transfer line %s: sent %s, arrived %s, damaged %s, lost %s, brought back %s, called off %s; acts: %s',
                      line.id, line.sent, line.arrived, line.damaged, line.lost, line.brought_back, line.called_off,
                      coalesce(acts.outcomes, 'nothing'))
        FROM transfer_line line LEFT JOIN (
            SELECT transfer_line_id, string_agg(format('%s %s', outcome, quantity), ', ') AS outcomes,
                   sum(quantity) FILTER (WHERE outcome = 'SENT') AS sent,
                   sum(quantity) FILTER (WHERE outcome = 'ARRIVED') AS arrived,
                   sum(quantity) FILTER (WHERE outcome = 'DAMAGED') AS damaged,
                   sum(quantity) FILTER (WHERE outcome = 'LOST') AS lost,
                   sum(quantity) FILTER (WHERE outcome = 'BROUGHT_BACK') AS brought_back,
                   sum(quantity) FILTER (WHERE outcome = 'CALLED_OFF') AS called_off
            FROM transfer_act_line GROUP BY transfer_line_id
        ) AS acts ON acts.transfer_line_id = line.id
        WHERE (line.sent, line.arrived, line.damaged, line.lost, line.brought_back, line.called_off) IS DISTINCT FROM
              (coalesce(acts.sent, 0), coalesce(acts.arrived, 0), coalesce(acts.damaged, 0), coalesce(acts.lost, 0),
               coalesce(acts.brought_back, 0), coalesce(acts.called_off, 0))
    """,
    "what transfers have in transit is in the ledger's account": """
        WITH flows AS (
            SELECT act.transfer_line_id,
                   sum(CASE WHEN movement.target = 'in_transit' THEN movement.quantity ELSE 0 END
                       - CASE WHEN movement.source = 'in_transit' THEN movement.quantity ELSE 0 END) AS units
            FROM stock_movement movement LEFT JOIN transfer_act_line act ON act.id = movement.cause_id
            WHERE movement.cause_kind = 'transline' GROUP BY act.transfer_line_id
        )
        SELECT format('transfer line %s: %s in transit, %s in the ledger', coalesce(line.id, flows.transfer_line_id),
                      coalesce(line.in_transit, 0), coalesce(flows.units, 0))
        FROM transfer_line line FULL JOIN flows ON flows.transfer_line_id = line.id
        WHERE coalesce(line.in_transit, 0) <> coalesce(flows.units, 0) OR coalesce(line.in_transit, 0) < 0
    """,
    "every act of a transfer has its movements, at the end where it was done": """
        SELECT format('transfer act line %s: %s %s; moved: %s %s', act.id, act.outcome, act.quantity, movement.kind,
                      movement.quantity)
        FROM transfer_act_line act JOIN transfer_act parent ON parent.id = act.act_id
        LEFT JOIN stock_movement movement
            ON movement.cause_kind = 'transline' AND movement.cause_id = act.id AND movement.kind <> 'SUPERSEDED'
        LEFT JOIN inventory_level level ON level.id = movement.level_id
        WHERE (movement.kind, movement.source, movement.target, movement.lot, movement.quantity) IS DISTINCT FROM (
                CASE act.outcome WHEN 'SENT' THEN 'SEND' WHEN 'LOST' THEN 'LOSE' WHEN 'CALLED_OFF' THEN NULL ELSE 'ARRIVE' END,
                CASE act.outcome WHEN 'SENT' THEN 'free' WHEN 'CALLED_OFF' THEN NULL ELSE 'in_transit' END,
                CASE act.outcome WHEN 'SENT' THEN 'in_transit' WHEN 'LOST' THEN 'adjustment' WHEN 'DAMAGED' THEN 'damaged'
                     WHEN 'CALLED_OFF' THEN NULL ELSE 'free' END, act.lot,
                CASE WHEN act.outcome <> 'CALLED_OFF' THEN act.quantity END)
           OR level.location_id <> parent.location_id
    """,
    "acts of transfers happen at one of their ends": """
        SELECT format('%s %s of transfer %s', act.kind, act.id, act.transfer_id)
        FROM transfer_act act JOIN transfer ON transfer.id = act.transfer_id
        WHERE act.location_id <> CASE act.kind WHEN 'RECEIPT' THEN transfer.destination_id ELSE transfer.origin_id END
    """,
    "stored transfer statuses are what the lines say": """
        WITH said AS (
            SELECT transfer_id, sum(in_transit) AS in_transit, sum(to_come) AS to_come, sum(sent) AS sent FROM transfer_line
            GROUP BY transfer_id
        ), received AS (
            SELECT transfer_id, bool_or(kind = 'RECEIPT') AS something FROM transfer_act GROUP BY transfer_id
        )
        SELECT format('transfer %s is %s: %s sent, %s in transit, %s to come', transfer.id, transfer.status, said.sent,
                      said.in_transit, said.to_come)
        FROM transfer LEFT JOIN said ON said.transfer_id = transfer.id LEFT JOIN received ON received.transfer_id = transfer.id
        WHERE NOT CASE transfer.status
                WHEN 'DRAFT' THEN said.sent = 0 AND said.to_come > 0
                WHEN 'READY_TO_SHIP' THEN said.sent = 0 AND said.to_come > 0
                WHEN 'IN_TRANSIT' THEN said.sent > 0 AND said.to_come > 0 AND NOT coalesce(received.something, false)
                WHEN 'PARTIALLY_RECEIVED' THEN said.to_come > 0 AND received.something
                WHEN 'RECEIVED' THEN said.to_come = 0 AND received.something
                ELSE said.to_come = 0 AND NOT coalesce(received.something, false) END
           OR (said.sent > 0) <> (transfer.shipped_at IS NOT NULL) OR said.transfer_id IS NULL
    """,
}
