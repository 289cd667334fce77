"""Programs of the peers, run by the environment that holds them."""
