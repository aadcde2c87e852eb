"""Documents made smaller while they still show what was found."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

PARTS = (FieldNode, InlineFragmentNode, FragmentSpreadNode, DirectiveNode, ArgumentNode, ObjectFieldNode)
MOST_LOOKS = 400


async def smallest(document: str, shows: Callable[[str], Awaitable[bool]]) -> str:
    """Return *document* without what can be left out so that it still *shows* something."""
    looks, found = 0, True
    while found:
        found = False
        for smaller in candidates(document):
            looks += 1
            if looks > MOST_LOOKS:
                return document
            if await shows(smaller):
                document, found = smaller, True
                break
    return document


def candidates(document: str) -> Iterator[str]:
    """Return each document that lacks one part of *document*, large parts first."""
    whole = parse(document)
    at = 0
    while (smaller := without(whole, at)) is not None:
        yield print_ast(tidy(smaller))
        at += 1


def without(document: DocumentNode, at: int) -> DocumentNode | None:
    """Return *document* without its part number *at*, or None where it has fewer."""
    left = at

    class Removing(Visitor):
        def enter(self, node: Any, *_: Any) -> Any:
            nonlocal left
            if isinstance(node, PARTS):
                left -= 1
                if left == -1:
                    return REMOVE
            return None

    smaller: DocumentNode = visit(document, Removing())
    return smaller if left < 0 else None


def tidy(document: DocumentNode) -> DocumentNode:
    """Return *document* without the fragments and variables that nothing uses."""
    while True:
        used: set[str] = set()

        class Noting(Visitor):
            def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any, used: set[str] = used) -> None:
                used.add(f"...{node.name.value}")

            def enter_variable(self, node: VariableNode, _key: Any, parent: Any, *_: Any, used: set[str] = used) -> None:
                if getattr(parent, "kind", "") != "variable_definition":
                    used.add(node.name.value)

        visit(document, Noting())
        kept: list[Any] = []
        for part in document.definitions:
            if isinstance(part, OperationDefinitionNode):
                needed = [each for each in part.variable_definitions or () if each.variable.name.value in used]
                kept.append(with_variables(part, needed))
            elif isinstance(part, FragmentDefinitionNode) and f"...{part.name.value}" in used:
                kept.append(part)
        if len(kept) == len(document.definitions):
            return DocumentNode(definitions=tuple(kept))
        document = DocumentNode(definitions=tuple(kept))


def with_variables(operation: OperationDefinitionNode, variables: list[Any]) -> OperationDefinitionNode:
    """Return *operation* with the definitions of these *variables* only."""
    parts: dict[str, Any] = {name: getattr(operation, name, None) for name in operation.keys}
    return OperationDefinitionNode(**{**parts, "variable_definitions": tuple(variables)})
