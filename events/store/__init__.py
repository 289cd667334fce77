"""The event store: what was said, in order, with the rows that change together with it."""
