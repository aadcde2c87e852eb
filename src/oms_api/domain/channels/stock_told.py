"""Since when a location has told its stock, where that is valid for some time only. Pure."""

from datetime import datetime
from typing import Any


def told_first(valid_minutes: int | None, at: datetime) -> dict[str, Any]:
    """Return the columns of a location that has to tell its stock from *at* on, or without *valid_minutes* never."""
    return {"stock_valid_minutes": valid_minutes, "stock_told_at": None if valid_minutes is None else at, "stock_stale": False}
