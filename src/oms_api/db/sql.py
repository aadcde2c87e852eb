"""SQL written by hand: its parameters have names, and are numbered once, when the module loads."""

import re
from collections.abc import Mapping

from oms_api.db.pipeline import Statement

PARTS = re.compile(
    r"""
      \bE'(?:[^'\\]|''|\\.)*'  |  '(?:[^']|'')*'  # a text, with escapes or without
    | "(?:[^"]|"")*"                            # a quoted name
    | --[^\n]*  |  /\*.*?\*/                    # a comment
    | \$(?P<tag>[a-z_]*)\$.*?\$(?P=tag)\$       # a text between dollars
    | ::  |  :=                                 # a cast, an argument by name
    | (?<=[\w\])]):                             # the middle of an array's slice
    | \$(?P<number>\d+)                         # what nobody counts by hand
    | :(?P<name>[a-z_][a-z_0-9]*)               # a parameter
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


class Sql:
    """SQL with named parameters: called with their values, it gives the statement that a transaction sends.

    ``Sql("SELECT code FROM sku WHERE id = ANY (:ids::uuid[])")(ids=array(ids))``. A name may stand in it several times. In a
    larger text it stands for itself, so parts are put together by f-strings when a module loads, each with its own names.
    (A slice of an array has a lower bound: ``[1:size]``, for ``[:size]`` holds a parameter.)
    """

    __slots__ = ("known", "names", "numbered", "text")

    def __init__(self, text: str) -> None:
        numbers: dict[str, int] = {}

        def numbered(part: re.Match[str]) -> str:
            if part["number"]:
                raise ValueError(f"a parameter has a name, not the number {part[0]}: {text}")
            return f"${numbers.setdefault(part['name'], len(numbers) + 1)}" if part["name"] else part[0]

        self.text = text
        self.numbered = PARTS.sub(numbered, text)
        self.names = tuple(numbers)
        self.known = frozenset(numbers)

    def __str__(self) -> str:
        return self.text

    def __call__(self, /, **values: object) -> Statement:
        """Return the statement with *values*. Raises: TypeError, naming what is missing and what is unknown."""
        if values.keys() != self.known:
            missing = [f"lacks {name}" for name in self.names if name not in values]
            unknown = [f"does not know {name}" for name in values if name not in self.known]
            raise TypeError(f"the statement {', '.join(missing + unknown)}: {self.text}")
        return self.of(values)

    def of(self, values: Mapping[str, object]) -> Statement:
        """Return the statement with those of *values* that it names."""
        return self.numbered, tuple([values[name] for name in self.names])
