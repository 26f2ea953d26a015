"""Trains the reader of names: a checkout only, never in the wheel."""
