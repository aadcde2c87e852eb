"""Which columns a document needs of the rows that it shows, so that nothing else of them is read."""

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, is_abstract_type

from oms_api.db.relations import Names
from oms_api.graphql.declared.links import link_of
from oms_api.graphql.declared.records import Record
from oms_api.graphql.internals import plain_attribute, shown_class


class NeededColumns:
    """The columns that the fields of a document read, by the types that show the rows; None where one may read any."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.of_types: dict[type, Names | None] = {}
        self.taken: set[tuple[str, str]] = set()

    def of(self, show: type) -> Names | None:
        """Return the columns of the rows that are shown as *show*, None for all of them."""
        return self.of_types.get(show, frozenset()) if issubclass(show, Record) else None

    def take(self, parent: GraphQLNamedType, name: str) -> None:
        """Add what the field *name* of *parent* reads, whichever type of it a record may have."""
        if (parent.name, name) in self.taken:
            return
        self.taken.add((parent.name, name))
        for type_ in self.schema.get_possible_types(parent) if is_abstract_type(parent) else [parent]:
            if not isinstance(type_, GraphQLObjectType):
                continue
            record = shown_class(type_)
            if record is not None and issubclass(record, Record):
                read, known = columns_read(record, type_.fields[name]), self.of(record)
                self.of_types[record] = None if read is None or known is None else known | read


def columns_read(record: type[Record[object]], field: GraphQLField) -> Names | None:
    """Return the columns that *field* of a *record* reads, None where it may read any."""
    if (link := link_of(field)) is not None:
        return link.read
    attribute = plain_attribute(field)
    if attribute is None or attribute not in record.sources:
        return None
    _, names = record.sources[attribute]
    return frozenset(name for name in names if name != record.along)
