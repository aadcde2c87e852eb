"""What an input says, apart from what it leaves out."""

from typing import Any

from strawberry import UNSET


def given(source: object, *names: str) -> dict[str, Any]:
    """Return those attributes of *source* that the client gave, null included."""
    return {name: value for name in names if (value := getattr(source, name)) is not UNSET}
