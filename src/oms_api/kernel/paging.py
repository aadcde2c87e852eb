"""What a page is, apart from any database."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems

DEFAULT_PAGE = 50
LARGEST_PAGE = 250
Item = TypeVar("Item")


@dataclass(eq=False)
class InvalidCursor(OmsError):
    """The cursor '{given}' is damaged, or belongs to another list or sort order: read the list from its start.

    The cursor is damaged, or belongs to another list or sort order.
    """

    code = "INVALID_CURSOR"
    given: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: *size* items after (or, backwards, before) *cursor*."""

    size: int = DEFAULT_PAGE
    cursor: str | None = None
    backwards: bool = False

    @classmethod
    def of(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> "PageRequest":
        """Return the page that Relay's four arguments ask for.

        Raises: InvalidValue, for arguments that contradict each other or a negative size; TooManyItems, above 250.
        """
        if (first is not None or after is not None) and (last is not None or before is not None):
            raise InvalidValue(problem="Use first and after, or last and before, not both.", field=("last",))
        backwards = last is not None or before is not None
        size = (last if backwards else first) if (last is not None or first is not None) else DEFAULT_PAGE
        name = "last" if backwards else "first"
        if size is None or size < 0:
            raise InvalidValue(problem=f"{name} must not be negative.", field=(name,))
        if size > LARGEST_PAGE:
            raise TooManyItems(limit=LARGEST_PAGE, given=size, field=(name,))
        return cls(size=size, cursor=before if backwards else after, backwards=backwards)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, always in the list's own order; `cursor_of` gives the place of an item when it is asked for."""

    items: Sequence[Item]
    cursor_of: Callable[[Item], str]
    has_next: bool
    has_previous: bool

    @property
    def cursors(self) -> list[str]:
        """The place of each item."""
        return [self.cursor_of(item) for item in self.items]
