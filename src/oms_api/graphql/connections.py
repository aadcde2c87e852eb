"""Relay connections over keyset pages."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, TypeVar, cast

import strawberry

from oms_api.graphql.described import argument, output
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.paging import Page, PageRequest

Node = TypeVar("Node")
Item = TypeVar("Item")


@output
class PageInfo:
    """Whether there are further pages, and where they start."""

    has_next_page: bool
    """Whether items follow this page."""
    has_previous_page: bool
    """Whether items come before this page."""
    start_cursor: Cursor | None
    """The place of the first item; null on an empty page."""
    end_cursor: Cursor | None
    """The place of the last item; null on an empty page."""

    @classmethod
    def of(cls, page: Page[Any]) -> "PageInfo":
        """Describe *page*."""
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=Cursor(page.cursor_of(page.items[0])) if page.items else None,
            end_cursor=Cursor(page.cursor_of(page.items[-1])) if page.items else None,
        )


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[Node]):
    """An item and its place in the list."""

    cursor: Cursor = strawberry.field(description="The place of the item: give it as `after` or `before`.")
    node: Node = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list, with its items both as nodes and as edges.")
class Connection(Generic[Node]):
    """A page of a list."""

    nodes: list[Node] = strawberry.field(description="The items of the page.")
    edges: list[Edge[Node]] = strawberry.field(description="The items with their cursors.")
    page_info: PageInfo = strawberry.field(description="Whether there are further pages.")

    @classmethod
    def of(cls, page: Page[Item], node: Callable[[Item], Node]) -> "Connection[Node]":
        """Return *page* with each item made a node; edges and page info are made only where they are asked for."""
        return cast("Connection[Node]", LoadedPage(page, [node(item) for item in page.items]))


@dataclass(slots=True)
class LoadedPage(Generic[Node]):
    """What a Connection is read from."""

    page: Page[Any]
    nodes: list[Node]

    @property
    def edges(self) -> list[Edge[Node]]:
        """The nodes with their cursors."""
        return [Edge(cursor=Cursor(c), node=n) for c, n in zip(self.page.cursors, self.nodes, strict=True)]

    @property
    def page_info(self) -> PageInfo:
        """Whether there are further pages."""
        return PageInfo.of(self.page)


First = Annotated[int | None, argument("The number of items from the start of the list: 50 by default, 250 at most.")]
After = Annotated[Cursor | None, argument("Only items after this place.")]
Last = Annotated[
    int | None,
    argument(
        "The number of items from the end of the list or, with `before`, from just ahead of that cursor. The items keep the "
        "order of the list."
    ),
]
Before = Annotated[Cursor | None, argument("Only items before this place.")]
PAGE: dict[str, tuple[Any, Any]] = {
    "first": (First, None),
    "after": (After, None),
    "last": (Last, None),
    "before": (Before, None),
}
"""The arguments of a page, each with its default."""


def page_request(given: Mapping[str, Any]) -> PageRequest:
    """Return the page that the arguments *given* ask for. Raises: InvalidValue, TooManyItems."""
    return PageRequest.of(*(given.get(name) for name in PAGE))
