"""From evidence to code, facts and fix; pure functions over what the probe saw."""
