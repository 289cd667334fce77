"""A bus within one process, for tests of what uses a bus."""
