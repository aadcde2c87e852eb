"""The settings of an installation, read once from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_SECRET = 32
PLANS_KEPT_DAYS, INTAKES_KEPT_DAYS = 30, 90


class Settings(BaseSettings):
    """Every setting is an environment variable with the prefix OMS_."""

    model_config = SettingsConfigDict(env_prefix="OMS_", frozen=True, extra="ignore")

    database_url: str | None = Field(
        default=None, description="postgresql://user:password@host/database; without it the embedded database."
    )
    database_direct_url: str | None = Field(
        default=None, description="The same database past any connection pooler, for LISTEN, the worker and migrations."
    )
    database_owner_url: str | None = Field(default=None, description="The role that owns the tables, for migrations.")
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="Comma-separated secrets of 32 characters or more; the first signs, all verify."
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Comma-separated origins, such as https://shop.example, whose pages may call the API."
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes one that is free.")
    home: Path = Field(default=Path(".oms"), description="Where the embedded database and the development key live.")
    pool_size: int = Field(default=16, ge=1, description="Connections to the database for each process.")
    processes: int = Field(default=1, ge=1, description="Server processes of `oms serve`.")
    log_format: str = Field(default="console", pattern="^(console|json)$", description="console or json.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    graceful_timeout_s: int = Field(default=20, description="Seconds for requests to finish in when a server is told to end.")
    most_sockets: int = Field(default=50, ge=1, description="How many WebSockets one API key may have open in each process.")
    most_subscriptions: int = Field(
        default=500,
        ge=1,
        description="How many operations one API key may have open in each process, on sockets and as streams.",
    )
    most_events_per_s: int = Field(
        default=1_000, ge=1, description="How many events a second the subscriptions of one API key get in each process."
    )
    most_visits: int = Field(
        default=8, ge=1, description="How many requests without an API key (`orderTracking`) each process answers at a time."
    )
    plans_kept_days: int = Field(
        default=PLANS_KEPT_DAYS, ge=3, description="How long a stock plan is kept after it was asked for; the newest one stays."
    )
    intakes_kept_days: int = Field(
        default=INTAKES_KEPT_DAYS,
        ge=7,
        description="How long a document of the intake is kept after it became an order or was given up.",
    )

    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]*[^\s?#/])?$",
        description="The address under which clients reach the API, such as https://oms.example: links to files begin with it.",
    )
    files_folder: Path | None = Field(
        default=None,
        description="A folder that all processes share, for labels and documents; without it they are kept in the database.",
    )

    @field_validator("secret_keys", "allowed_origins", mode="before")
    @classmethod
    def split_keys(cls, value: object) -> object:
        """Accept one comma-separated string."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("secret_keys")
    @classmethod
    def long_enough(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        """Refuse secrets that could be guessed."""
        if any(len(key.get_secret_value()) < SHORTEST_SECRET for key in keys):
            raise ValueError(f"each of OMS_SECRET_KEYS needs at least {SHORTEST_SECRET} characters")
        return keys

    @property
    def direct_url(self) -> str | None:
        """The database past any pooler."""
        return self.database_direct_url or self.database_url

    @property
    def migration_url(self) -> str | None:
        """The database as its owner."""
        return self.database_owner_url or self.direct_url


def explained() -> dict[str, str]:
    """Return what each setting is for and its default, by the name of its variable."""
    said: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, ()) else f" ({field.default})"
        said[f"{Settings.model_config['env_prefix']}{name.upper()}"] = f"{field.description}{default}"
    return said
