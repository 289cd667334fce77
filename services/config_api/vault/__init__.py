"""Secrets at rest: sealed under a tenant's key, which is wrapped by the master key."""
