"""The event store on SQLite and PostgreSQL; what only one of them has is in its own package."""
