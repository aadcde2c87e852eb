"""Reading the report of sales: a page of its rows, totals over the whole range, and how current they are, all of one moment."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from oms_api.db.session import Reader
from oms_api.db.snapshot import one_snapshot
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.analytics.rollup import FOLLOWER, SUMS, TYPES
from oms_api.domain.analytics.sales import NUMBERS, Place, Sales, SalesOfPeriod, SalesQuestion, SumsSource
from oms_api.domain.analytics.tables import NO_COUNTRY, NO_SKU, SalesByDayRow
from oms_api.domain.channels.queries import channels_by_id
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

OURS = "(:channels::uuid[] IS NULL OR {column} = ANY (:channels::uuid[]))"
SUMMED = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
SOMETHING = " OR ".join(f"sum({name}) <> 0" for name in SUMS)
"""A day of which all was canceled has nothing to say."""

TOTALS = Sql(f"""
SELECT currency, {SUMMED} FROM {SalesByDayRow.__tablename__}
WHERE day >= :start AND day < :before AND {OURS.format(column="channel_id")}
GROUP BY currency HAVING {SOMETHING} ORDER BY currency
""")  # noqa: S608 - our own names
ZONES = Sql(f"""
SELECT DISTINCT coalesce(zone.time_zone, channel.time_zone)
FROM channel LEFT JOIN sales_zone zone ON zone.channel_id = channel.id
WHERE {OURS.format(column="channel.id")} ORDER BY 1
""")  # noqa: S608 - our own names
UP_TO_DATE = Sql(f"""
SELECT NOT EXISTS (
    SELECT FROM (
        SELECT type, channel_id FROM feed
        WHERE position > coalesce((SELECT position FROM follower WHERE name = :follower), 0) ORDER BY position OFFSET 0
    ) AS ahead WHERE type = ANY (:types::text[]) AND {OURS.format(column="channel_id")}
) AND NOT EXISTS (
    SELECT FROM outbox_stage WHERE type = ANY (:types::text[]) AND {OURS.format(column="channel_id")}
)
""")  # noqa: S608 - our own names
"""The feed is read in its order, from where the sums have come to: without an order a plan reads all of it."""


@dataclass(frozen=True, slots=True)
class ReportedSales:
    """A page of rows, totals by currency over the whole range, the zones its days are of, and whether it counts everything."""

    rows: Page[SalesOfPeriod]
    totals: Sequence[Sales]
    time_zones: Sequence[str]
    up_to_date: bool


async def sales_report(read: Reader, question: SalesQuestion, page: PageRequest) -> ReportedSales:
    """Answer *question* within the principal's channels. Raises: InvalidRange, InvalidValue, NotFound, InvalidCursor."""
    question.check()
    place = None if page.cursor is None else question.place(page.cursor)
    channels = None if read.principal.channels is None else sorted(read.principal.channels)
    if question.channel_id is not None:
        channels = [question.channel_id]
        if question.channel_id not in await channels_by_id(read, channels):
            given = text_id(IdKind.CHANNEL, question.channel_id)
            raise NotFound(what="channel", given=given, field=("channelId",))
    async with one_snapshot(read) as seen:
        rows = await _rows(seen, question, page, place, channels)
        totals = await seen.all(Query[Any](*TOTALS(start=question.start, before=question.before, channels=channels)))
        zones = await seen.values(Query[str](*ZONES(channels=channels)))
        up_to_date = await seen.value(Query[bool](*UP_TO_DATE(follower=FOLLOWER, types=sorted(TYPES), channels=channels)))
    return ReportedSales(
        rows=_page(question, rows, page),
        totals=[Sales(currency=currency, **_numbers(sums)) for currency, *sums in totals],
        time_zones=zones,
        up_to_date=bool(up_to_date),
    )


async def _rows(
    read: Reader, question: SalesQuestion, page: PageRequest, place: Place | None, channels: list[ChannelId] | None
) -> list[SalesOfPeriod]:
    """Return the rows of the page and, if there is one, the row beyond it, in the direction of the page."""
    found: list[SalesOfPeriod] = []
    for source, spans in question.sources(backwards=page.backwards, place=place):
        resumes = place if place is not None and spans[0].start == place[0] else None
        given: dict[str, Any] = {"starts": [span.start for span in spans], "befores": [span.before for span in spans]}
        given |= {"channels": channels, "size": page.size + 1 - len(found)}
        if resumes is not None:
            given |= {f"from_{key}": value for key, value in zip(question.keys, resumes[1], strict=True)}
        statement = rows_of(source, question.keys, resumes=resumes is not None, backwards=page.backwards)
        found += [_row(question.keys, row) for row in await read.all(Query[Any](*statement(**given)))]
        if len(found) > page.size:
            break
    return found


@lru_cache(maxsize=256)
def rows_of(source: SumsSource, keys: tuple[str, ...], *, resumes: bool, backwards: bool) -> Sql:
    """Return the statement for the first rows of a list of periods.

    Each period is read by itself and no further than the page needs: where a period is one day of the table, its groups come
    one after another from the index.
    """
    days = "day = span.start" if source.exact else "day >= span.start AND day < span.before"
    listed, turn = ", ".join(keys), " DESC" if backwards else ""
    order = ", ".join(f"{key}{turn}" for key in keys)
    beyond = f"AND ({listed}) {'<' if backwards else '>'} ({', '.join(f':from_{key}' for key in keys)})" if resumes else ""
    return Sql(f"""
    SELECT span.start, span.before, found.*
    FROM unnest(:starts::date[], :befores::date[]) WITH ORDINALITY AS span (start, before, number)
    CROSS JOIN LATERAL (
        SELECT {listed}, {SUMMED} FROM {source.table.__tablename__}
        WHERE {days} AND {OURS.format(column="channel_id")} {beyond}
        GROUP BY {listed} HAVING {SOMETHING} ORDER BY {order} LIMIT :size
    ) AS found
    ORDER BY span.number, {", ".join(f"found.{key}{turn}" for key in keys)} LIMIT :size
    """)  # noqa: S608 - our own names


def _row(keys: tuple[str, ...], row: Sequence[Any]) -> SalesOfPeriod:
    start, before, *rest = row
    values, sums = dict(zip(keys, rest, strict=False)), rest[len(keys) :]
    return SalesOfPeriod(
        currency=values["currency"],
        **_numbers(sums),
        start=start,
        before=before,
        channel_id=values.get("channel_id"),
        sku_id=None if values.get("sku_id") == NO_SKU else values.get("sku_id"),
        country=None if values.get("country") == NO_COUNTRY else values.get("country"),
    )


def _numbers(sums: Sequence[Any]) -> dict[str, int]:
    return dict(zip(NUMBERS, map(int, sums), strict=True))


def _page(question: SalesQuestion, found: list[SalesOfPeriod], page: PageRequest) -> Page[SalesOfPeriod]:
    more, items = len(found) > page.size, found[: page.size]
    if page.backwards:
        items.reverse()
    there = page.cursor is not None
    return Page(
        items=items,
        cursor_of=question.cursor,
        has_next=there if page.backwards else more,
        has_previous=more if page.backwards else there,
    )
