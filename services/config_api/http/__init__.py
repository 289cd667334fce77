"""The HTTP API: routes, their roles, problems, and the server that runs them."""
