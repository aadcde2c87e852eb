"""What a whole replay must come to, from the parquet file alone: `python tests/replay/figures.py PATH` prints it as JSON.

It shares no code with the product and goes another way: everything is SQL over sets, in whole millionths of a pound and pence.
Who gives back what is not found with a stack of purchases but by layers: of one customer and product every unit bought lies
one layer higher than those still there, a unit given back is the highest, and so belongs to what last came to its layer.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

CODES = {
    "postage": "('POST', 'DOT', 'C2', 'C3')",
    "fees": "('BANK CHARGES', 'AMAZONFEE', 'ADJUST', 'ADJUST2', 'B', 'S', 'CRUK')",
    "manual": "('M', 'm')",
}

STEPS = (
    # one row an invoice line: micro: price in millionths of a pound, money in pence, half a penny away from zero
    """
    CREATE TABLE line AS
    SELECT file_row_number AS n, Invoice AS invoice, trim(StockCode, ' \t\r\n') AS code, Quantity::BIGINT AS quantity,
           InvoiceDate AS moment, round(Price * 1e6)::BIGINT AS micro, "Customer ID"::BIGINT AS customer,
           quantity::HUGEINT * micro AS amount, (abs(amount) + 5000) // 10000 AS pence,
           CASE WHEN starts_with(invoice, 'A') THEN 'BAD_DEBT'
                WHEN code = '' THEN 'NO_CODE'
                WHEN starts_with(code, 'TEST') THEN 'TEST_PRODUCT'
                WHEN quantity = 0 THEN 'NO_QUANTITY'
                WHEN micro < 0 THEN 'NEGATIVE_PRICE'
                WHEN starts_with(invoice, 'C') THEN CASE
                    WHEN code IN {manual} THEN 'CREDITED_MANUAL'
                    WHEN code IN {fees} THEN 'CREDITED_FEE'
                    WHEN code IN {postage} THEN 'CREDITED_POSTAGE'
                    WHEN code = 'D' THEN 'CREDITED_DISCOUNT'
                    WHEN starts_with(code, 'gift_0001_') THEN 'CREDITED_GIFT_CARD'
                    WHEN quantity > 0 THEN 'CHARGED_AFTERWARDS'
                    WHEN customer IS NULL THEN 'NO_CUSTOMER'
                    ELSE 'RETURN' END
                WHEN micro = 0 AND (quantity < 0 OR customer IS NULL) THEN 'STOCK'
                WHEN code = 'D' AND quantity < 0 THEN 'DISCOUNT'
                WHEN quantity < 0 THEN 'NEGATIVE_QUANTITY'
                WHEN code IN {postage} THEN 'POSTAGE'
                WHEN code IN {fees} OR code IN {manual} OR code = 'D' OR starts_with(code, 'gift_0001_') THEN 'OTHER'
                ELSE 'GOODS' END AS kind,
           kind IN ('GOODS', 'OTHER', 'POSTAGE', 'DISCOUNT') AS placed,
           NOT starts_with(invoice, 'C') AND NOT starts_with(invoice, 'A') AND quantity > 0 AND micro > 0 AS is_gross
    FROM read_parquet($path, file_row_number = true)
    """,
    # an invoice is one document: of two times the first, its first known customer
    """
    CREATE TABLE document AS
    SELECT invoice, min(n) AS position, min(moment) AS moment, min(moment)[:7] AS month, bool_or(placed) AS is_order,
           first(customer ORDER BY n) FILTER (customer IS NOT NULL) AS customer,
           sum(CASE WHEN NOT placed THEN 0 WHEN kind = 'DISCOUNT' THEN -pence ELSE pence END) AS total,
           coalesce(sum(pence) FILTER (kind = 'DISCOUNT'), 0) AS discount
    FROM line GROUP BY invoice
    """,
    # each line's share of its order's discounts: rounded down, what is left goes to the largest remainders
    """
    CREATE TABLE shared AS
    WITH part AS (
        SELECT n, invoice, pence, discount, greatest(sum(pence) OVER (PARTITION BY invoice), 1) AS whole
        FROM line JOIN document USING (invoice) WHERE line.kind IN ('GOODS', 'OTHER') AND discount > 0
    ), floored AS (
        SELECT n, invoice, discount, discount * pence // whole AS share,
               row_number() OVER (PARTITION BY invoice ORDER BY discount * pence % whole DESC, n) AS rank
        FROM part
    )
    SELECT n, share + (rank <= discount - sum(share) OVER (PARTITION BY invoice))::INT AS discount FROM floored
    """,
    # purchases and credits of one customer and product in the order of time, and how many units the customer has after each
    """
    CREATE TABLE event AS
    WITH moved AS (
        SELECT line.n, line.code, line.quantity, line.kind = 'RETURN' AS back, document.moment, document.position,
               CASE WHEN back THEN line.customer ELSE document.customer END AS who
        FROM line JOIN document USING (invoice) WHERE line.kind IN ('GOODS', 'RETURN')
    ), summed AS (
        SELECT *, sum(quantity) OVER run AS total, row_number() OVER run AS seq
        FROM moved WHERE who IS NOT NULL WINDOW run AS (PARTITION BY who, code ORDER BY moment, position, n)
    ), held AS (  -- what is given back beyond what was there does not count: the sum never falls below its own low
        SELECT *, total - least(0, min(total) OVER (PARTITION BY who, code ORDER BY seq)) AS after FROM summed
    )
    SELECT *, coalesce(lag(after) OVER (PARTITION BY who, code ORDER BY seq), 0) AS before FROM held
    """,
    """
    CREATE TABLE matched AS
    WITH layer AS (
        SELECT n, who, code, seq, back, unnest(range(least(before, after)::BIGINT, greatest(before, after)::BIGINT)) AS height
        FROM event SEMI JOIN (SELECT who, code FROM event WHERE back) USING (who, code)
    ), under AS (
        SELECT n, back, lag(n) OVER (PARTITION BY who, code, height ORDER BY seq) AS sold FROM layer
    )
    SELECT n AS credit, sold, count(*) AS units FROM under WHERE back GROUP BY ALL
    """,
    # what the units had cost: differences of shares of the line's price and discount, so that the last unit takes the rest
    """
    CREATE TABLE returned AS
    WITH told AS (
        SELECT note.month, credit.invoice AS note, sale.invoice AS sale, note.moment, note.position, matched.units,
               matched.units * credit.micro AS credited, matched.units * sale.micro AS cost,
               sale.pence AS goods, coalesce(shared.discount, 0) AS discount, sale.quantity AS ordered,
               sum(matched.units) OVER (PARTITION BY sold ORDER BY note.moment, note.position, credit.n) AS upto
        FROM matched JOIN line credit ON credit.n = matched.credit JOIN line sale ON sale.n = matched.sold
        JOIN document note ON note.invoice = credit.invoice LEFT JOIN shared ON shared.n = sale.n
    )
    SELECT *, (2 * goods * upto + ordered) // (2 * ordered)
              - (2 * goods * (upto - units) + ordered) // (2 * ordered) AS goods_back,
           (2 * discount * upto + ordered) // (2 * ordered)
              - (2 * discount * (upto - units) + ordered) // (2 * ordered) AS discount_back
    FROM told
    """,
    # a refund is what the credit note gives, as far as the order's payment reaches
    """
    CREATE TABLE refunded AS
    WITH given AS (
        SELECT note, sale, min(moment) AS moment, min(position) AS position, (sum(credited) + 5000) // 10000 AS credited
        FROM returned GROUP BY note, sale
    ), summed AS (
        SELECT given.*, greatest(total, 0) AS most,
               sum(credited) OVER (PARTITION BY sale ORDER BY given.moment, given.position) AS upto
        FROM given JOIN document ON document.invoice = given.sale
    )
    SELECT note, sale, credited, least(most, upto) - least(most, upto - credited) AS granted FROM summed
    """,
    # what became of each row of the credit notes; a row of which only some units were matched stands under two reasons
    """
    CREATE TABLE credit AS
    WITH row AS (
        SELECT line.*, coalesce(m.units, 0) AS taken
        FROM line LEFT JOIN (SELECT credit AS n, sum(units) AS units FROM matched GROUP BY credit) AS m USING (n)
        WHERE starts_with(invoice, 'C')
    )
    SELECT invoice, micro, CASE WHEN kind = 'RETURN' AND taken = 0 THEN 'NOTHING_SHIPPED' ELSE kind END AS reason,
           CASE WHEN taken = 0 THEN -quantity ELSE taken END AS units FROM row
    UNION ALL
    SELECT invoice, micro, 'MORE_THAN_SHIPPED', -quantity - taken FROM row WHERE taken > 0 AND taken < -quantity
    """,
)

MONTHS = """
    WITH sold AS (
        SELECT moment[:7] AS month, sum(amount) AS gross, coalesce(sum(amount - pence * 10000) FILTER (placed), 0) AS sub_penny
        FROM line WHERE is_gross GROUP BY month
    ), placed AS (
        SELECT month, count(*) AS orders, sum(discount) * 10000 AS discounts FROM document WHERE is_order GROUP BY month
    ), back AS (
        SELECT month, sum(cost - discount_back * 10000) AS returns, sum(cost - goods_back * 10000) AS lost
        FROM returned GROUP BY month
    )
    SELECT month, coalesce(orders, 0), coalesce(gross, 0), coalesce(discounts, 0), coalesce(returns, 0),
           coalesce(sub_penny, 0), coalesce(lost, 0)
    FROM sold FULL JOIN placed USING (month) FULL JOIN back USING (month) ORDER BY month
"""
REFUSED = "SELECT moment[:7], kind, sum(amount) FROM line WHERE is_gross AND NOT placed GROUP BY ALL"
REASONS = """
    SELECT reason, count(DISTINCT invoice), count(*), sum(units), sum(-units::HUGEINT * micro)
    FROM credit GROUP BY reason ORDER BY reason
"""
NOTES = """
    SELECT count(*), count(*) FILTER (matched AND whole), count(*) FILTER (matched AND NOT whole), count(*) FILTER (NOT matched)
    FROM (SELECT bool_or(reason = 'RETURN') AS matched, bool_and(reason = 'RETURN') AS whole FROM credit GROUP BY invoice)
"""
RETURNS = "SELECT count(*), count(*) FILTER (granted > 0), coalesce(sum(credited), 0), coalesce(sum(granted), 0) FROM refunded"


def figures(path: Path) -> dict[str, Any]:
    """Return the figures of a file; amounts are decimals of pounds."""
    with duckdb.connect() as base:
        for step in STEPS:
            base.execute(step.format(**CODES), {"path": str(path)} if "$path" in step else None)
        every, whole, in_part, unmatched = rows(base, NOTES)[0]
        returns, refunds, credited, granted = rows(base, RETURNS)[0]
        months = {month: month_of(*told) for month, *told in rows(base, MONTHS)}
        for month, kind, amount in rows(base, REFUSED):
            months[month]["differences"]["gross"][kind] = pounds(amount)
        return {
            "orders": sum(month["orders"] for month in months.values()),
            "months": months,
            "creditNotes": {"all": every, "matched": whole, "matchedInPart": in_part, "unmatched": unmatched},
            "credits": {
                reason: {"notes": notes, "rows": lines, "units": int(units), "amount": pounds(amount)}
                for reason, notes, lines, units, amount in rows(base, REASONS)
            },
            "returns": {
                "returns": returns,
                "refunds": refunds,
                "credited": pounds(credited * 10_000),
                "granted": pounds(granted * 10_000),
            },
        }


def month_of(orders: int, gross: int, discounts: int, returns: int, sub_penny: int, lost: int) -> dict[str, Any]:
    """Return the figures of a month as the file has them, and by how much the API's must be lower, by reason."""
    return {
        "orders": orders,
        "gross": pounds(gross),
        "discounts": pounds(discounts),
        "returns": pounds(returns),
        "net": pounds(gross - discounts - returns),
        "differences": {"gross": {"SUB_PENNY_PRICES": pounds(sub_penny)}, "returns": {"SUB_PENNY_PRICES": pounds(lost)}},
    }


def rows(base: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of *query*."""
    return base.execute(query).fetchall()


def pounds(millionths: int) -> Decimal:
    """Return an amount in pounds."""
    return Decimal(int(millionths)).scaleb(-6).normalize() + Decimal("0.00")


if __name__ == "__main__":
    json.dump(figures(Path(sys.argv[1])), sys.stdout, indent=2, default=str)
