"""The steps of a connection test, one module a step."""
