"""The message bus: work for the testers, results, live steps and the events for others."""
