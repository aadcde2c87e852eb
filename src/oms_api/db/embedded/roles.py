"""The roles and the database that every server of ours has, and how they are reached."""

import json
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.kernel.dataclass import dataclass

DATABASE = "oms"
ADMIN, OWNER, APP = "postgres", "oms_owner", "oms_app"
APP_SETTINGS: Mapping[str, str] = {
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "plan_cache_mode": "force_generic_plan",
}
"""Defaults of the runtime role, in force for every database it connects to."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server. URLs are `postgresql://user:password@127.0.0.1:port/database`.

    *admin_url* is the superuser on database postgres (to create and clone databases); the others are on database oms.
    """

    owner_url: str
    app_url: str
    admin_url: str
    data: Path
    bin: Path


def furnished(data: Path, binary_folder: Path, port: int) -> EmbeddedServer:
    """Add what is missing of the two roles, their settings and the database."""
    passwords = json.loads((data.parent / "passwords.json").read_text())

    def url(role: str, database: str) -> str:
        return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/{database}"

    admin = url(ADMIN, "postgres")
    try:
        with psycopg.connect(admin, autocommit=True, sslmode="disable", gssencmode="disable") as connection:
            _furnish(connection, passwords)
    except psycopg.Error as error:
        message = f"PostgreSQL started on {data}, but its roles could not be set up: {error}"
        raise EmbeddedPostgresError(message) from error
    return EmbeddedServer(url(OWNER, DATABASE), url(APP, DATABASE), admin, data, binary_folder)


def _furnish(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Create the roles and the database unless they exist; every statement may be the last one a killed run made."""
    roles: dict[str, list[str] | None] = dict(
        connection.execute("SELECT rolname, rolconfig FROM pg_roles WHERE NOT rolsuper").fetchall()
    )
    for role in (OWNER, APP):
        if role not in roles:
            hashed = connection.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256")
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(hashed.decode())))
    for name, value in APP_SETTINGS.items():
        if f"{name}={value}" not in (roles.get(APP) or ()):
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            connection.execute(statement.format(sql.Identifier(APP), sql.Identifier(name), sql.Literal(value)))
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
        names = {"database": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER)}
        connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        grant = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
        connection.execute(grant.format(sql.Identifier(DATABASE), sql.Identifier(APP)))
