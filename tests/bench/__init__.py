"""Benchmarks: they measure and print; nothing fails for being slow."""
