"""Runs: written whole, fingerprinted, published by one rename, never changed afterwards."""
