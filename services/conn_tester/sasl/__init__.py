"""The SASL mechanisms that the tester speaks, one exchange a login."""
