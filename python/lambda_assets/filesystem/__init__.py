"""Fingerprint, copy, ignore, snapshot, explain: what the package does with directories."""
