"""Connections that the service itself makes: to OAuth and OpenID providers."""
