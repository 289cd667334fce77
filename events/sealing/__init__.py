"""Proof that the log was not changed: content hashes, Merkle tree, checkpoints."""
