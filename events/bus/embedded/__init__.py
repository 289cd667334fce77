"""The bus without a broker: a transport of kombu with leases on one SQLite file."""
