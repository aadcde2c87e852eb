"""The kinds of documents, and the states of their templates."""

from enum import StrEnum


class DocumentKind(StrEnum):
    """A paper that goes with a parcel, or stays in the warehouse."""

    LABEL = "LABEL"
    """The label of a package, 4 x 6 inches: the carrier's own, or one printed here."""
    PACKING_SLIP = "PACKING_SLIP"
    """The contents of a package, or the units that a fulfillment order has to ship."""
    PICK_LIST = "PICK_LIST"
    """The units to pick for a pick batch, each with its bin and the slot it goes into."""
    COMMERCIAL_INVOICE = "COMMERCIAL_INVOICE"
    """The particulars of a package for customs: goods, codes, origins, values, weights."""
    RETURN_LABEL = "RETURN_LABEL"
    """The label under which a customer sends goods back."""
    MANIFEST = "MANIFEST"
    """The parcels that a carrier takes along at the end of the day."""


class TemplateStatus(StrEnum):
    """The state of a template or of one of its versions."""

    DRAFT = "DRAFT"
    """Not in use yet: no document is printed with the version, but it can be previewed."""
    ACTIVE = "ACTIVE"
    """In use: documents are printed with the version."""
    RETIRED = "RETIRED"
    """No longer in use: no document is printed with the version any more."""
