"""The database floor: connections, the unit of work, the outbox and its feed, paging and sets."""
