"""Files and documents of settings, one module a format."""
