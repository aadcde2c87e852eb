"""Readers of documents: one connector for each source, by the name of the source."""

from typing import Protocol

from oms_api.domain.orders.given import Cart


class Connector(Protocol):
    """Reads the documents of one source."""

    def normalise(self, document: object) -> Cart:
        """Return the order that *document* means. Raises: OmsError, where it means none, with the path in the document."""


CONNECTORS: dict[str, Connector] = {}
"""Every connector that is built in, by its source."""
