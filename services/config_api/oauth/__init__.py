"""The client's side of OAuth 2.0: what is asked of a provider, and what it answers."""
