"""The programs of Relaybook; they share nothing but `events`."""
