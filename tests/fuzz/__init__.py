"""Bytes of any kind for every parser: `make fuzz`."""
