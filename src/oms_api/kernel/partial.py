"""Values of some fields of a record, the others left out."""

from typing import Any, Generic, TypeVar

Record = TypeVar("Record")


class Partial(dict[str, Any], Generic[Record]):
    """Values of fields of a *Record* by their names: what is to be different of one."""
