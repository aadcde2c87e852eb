"""Units that order lines wait for: by which rule, assigned to which supply, promised for which day.

The open units of a line's backorders are its `backordered`. Who waits longest at the highest priority is served first.
"""
