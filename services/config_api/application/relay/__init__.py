"""What runs beside the HTTP API: each duty is held by one process at a time."""
