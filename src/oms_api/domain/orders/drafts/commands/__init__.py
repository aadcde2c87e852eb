"""Making, changing and discarding drafts; placing one spans areas: see `workflows.place_draft`."""
