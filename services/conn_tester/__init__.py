"""The connection tester: takes a test from the bus, probes the server, reports what it found."""
