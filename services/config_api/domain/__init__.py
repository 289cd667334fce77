"""Values, commands, decide and evolve, errors: no framework, no clock, no input or output."""
