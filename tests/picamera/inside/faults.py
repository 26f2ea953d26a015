"""Faults of the virtual camera, for a while; `pykms.py` makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER = Path("/run/camera-faults")


@contextmanager
def fault(name: str) -> Iterator[None]:
    """The camera has it until the end."""
    _FOLDER.mkdir(exist_ok=True)
    file = _FOLDER / name
    file.touch()
    try:
        yield
    finally:
        file.unlink()
