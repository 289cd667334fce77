"""The service that keeps the settings: commands, queries, relay, HTTP, web client and CLI."""
