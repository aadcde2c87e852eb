"""The kinds of documents, and the states of their templates."""

from enum import StrEnum


class DocumentKind(StrEnum):
    """A paper that goes with a parcel, or stays in the warehouse."""

    LABEL = "LABEL"
    """The label of a package, 4 x 6 inches: what its carrier gave, or ours."""
    PACKING_SLIP = "PACKING_SLIP"
    """What is in a package, or what a fulfillment order has to ship."""
    PICK_LIST = "PICK_LIST"
    """What is taken from which bin for a pick batch, and into which slot it goes."""
    COMMERCIAL_INVOICE = "COMMERCIAL_INVOICE"
    """What customs need to know of a package: goods, codes, origins, values, weights."""
    RETURN_LABEL = "RETURN_LABEL"
    """The label under which goods come back."""
    MANIFEST = "MANIFEST"
    """The parcels that a carrier takes along at the end of the day."""


class TemplateStatus(StrEnum):
    """The state of a template or of one of its versions."""

    DRAFT = "DRAFT"
    """Nothing is printed by it yet; previews are possible."""
    ACTIVE = "ACTIVE"
    """Documents are printed by it."""
    RETIRED = "RETIRED"
    """Nothing is printed by it any more."""
