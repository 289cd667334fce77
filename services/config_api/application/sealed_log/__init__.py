"""The log that proves the history: sealed behind the store, proven, handed out as a bundle."""
