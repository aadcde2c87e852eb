"""Rules, their versions, the rulebooks of channels, and the rulings of orders."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.rules.states import RuleMode, RuleTrigger
from oms_api.kernel.ids import (
    ChannelId,
    JobId,
    OrderId,
    OrderRuleId,
    OrderRuleMatchId,
    OrderRuleSimulationId,
    OrderRuleVersionId,
    OrderRulingId,
    RulebookId,
    SkuId,
)


class OrderRuleRow(Base):
    """A rule by its code. `mode` is the furthest of its versions: ACTIVE, else SHADOW, else DRAFT, else RETIRED."""

    __tablename__ = "order_rule"
    id: Mapped[Key[OrderRuleId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    mode: Mapped[RuleMode] = mapped_column(coded(RuleMode, "mode"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),
        Index(None, "created_at", "id"),
    )


class OrderRuleVersionRow(Base):
    """One version of a rule: its content never changes, only its mode goes forward.

    `channel_ids` None is all channels, those to come too. `actions` are as `actions.stored` makes them.
    """

    __tablename__ = "order_rule_version"
    id: Mapped[Key[OrderRuleVersionId]]
    rule_id: Mapped[OrderRuleId] = mapped_column(ForeignKey("order_rule.id"))
    number: Mapped[int]
    mode: Mapped[RuleMode] = mapped_column(coded(RuleMode, "mode"))
    triggers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    channel_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    condition: Mapped[str]
    actions: Mapped[list[Any]] = mapped_column(JSONB)
    position: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("rule_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("cardinality(triggers) > 0", name="asked_some_time"),
        CheckConstraint("(mode = 'RETIRED') = (retired_at IS NOT NULL)", name="retired_once"),
        Index("uq_order_rule_version_active", "rule_id", unique=True, postgresql_where=text("mode = 'ACTIVE'")),
        Index("uq_order_rule_version_shadow", "rule_id", unique=True, postgresql_where=text("mode = 'SHADOW'")),
    )


class RulebookRow(Base):
    """The versions of rules in force in a channel, `version_ids` ACTIVE and `shadow_ids` in SHADOW, each sorted.

    It never changes, `channel.rulebook_id` does.
    """

    __tablename__ = "rulebook"
    id: Mapped[Key[RulebookId]]
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"), index=True)
    version_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    shadow_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    made_at: Mapped[datetime]


class RuleInsertRow(Base):
    """A SKU that rules in force add to orders of a channel: its stock is read and locked with that of what is ordered."""

    __tablename__ = "rule_insert"
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), primary_key=True)


class OrderRulingRow(Base):
    """That an order was judged by the rules of a rulebook. What is no match in it did not match."""

    __tablename__ = "order_ruling"
    id: Mapped[Key[OrderRulingId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    rulebook_id: Mapped[RulebookId]
    trigger: Mapped[RuleTrigger] = mapped_column(coded(RuleTrigger, "trigger"))
    at: Mapped[datetime]
    __table_args__ = (Index(None, "order_id", "id"),)


class OrderRuleMatchRow(Base):
    """That a version of a rule matched an order, or failed with an `error`, and what it did: see `verdicts.Did`.

    In SHADOW nothing was done. `number` is that of the version. Rules, versions and rulebooks are never deleted, so that a
    match and a ruling name them without a foreign key, which would lock them for each order.
    """

    __tablename__ = "order_rule_match"
    id: Mapped[Key[OrderRuleMatchId]]
    ruling_id: Mapped[OrderRulingId] = mapped_column(ForeignKey("order_ruling.id"))
    order_id: Mapped[OrderId]
    channel_id: Mapped[ChannelId]
    rule_id: Mapped[OrderRuleId]
    rule_code: Mapped[str]
    version_id: Mapped[OrderRuleVersionId]
    number: Mapped[int]
    mode: Mapped[RuleMode] = mapped_column(coded(RuleMode, "mode"))
    trigger: Mapped[RuleTrigger] = mapped_column(coded(RuleTrigger, "trigger"))
    did: Mapped[list[Any]] = mapped_column(JSONB)
    error: Mapped[str | None]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("mode IN ('SHADOW', 'ACTIVE')", name="in_force"),
        Index(None, "ruling_id", "id"),
        Index(None, "order_id", "id"),
        Index(None, "rule_id", "at", "id"),
        Index(None, "at", "id"),
    )


class OrderRuleSimulationRow(Base):
    """The matches that a version of a rule would have had among the orders placed from `since` to `until`.

    Counts grow while its job runs. `amounts` are minor units by currency, `months` counts by month and currency, `samples` ids
    of orders.
    """

    __tablename__ = "order_rule_simulation"
    id: Mapped[Key[OrderRuleSimulationId]]
    rule_id: Mapped[OrderRuleId] = mapped_column(ForeignKey("order_rule.id"))
    version_id: Mapped[OrderRuleVersionId] = mapped_column(ForeignKey("order_rule_version.id"))
    number: Mapped[int]
    channel_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    since: Mapped[datetime]
    until: Mapped[datetime]
    job_id: Mapped[JobId]
    asked: Mapped[int] = mapped_column(server_default=text("0"))
    matched: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    amounts: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    months: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    samples: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    first_error: Mapped[str | None]
    reached_at: Mapped[datetime | None]
    reached_id: Mapped[OrderId | None]
    finished_at: Mapped[datetime | None]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "rule_id", "created_at", "id"),
        CheckConstraint("since < until", name="a_while"),
    )


results_in(OrderRuleRow.id, "orderRuleCreate", "orderRuleUpdate", "orderRuleActivate", "orderRuleRetire")
results_in(OrderRuleSimulationRow.id, "orderRuleSimulate")
