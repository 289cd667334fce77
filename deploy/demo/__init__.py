"""The demo: an SMTP server of its own on loopback, and settings that pass and fail against it."""
