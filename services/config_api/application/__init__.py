"""Handlers of commands and queries over time, and the duties of the relay."""
