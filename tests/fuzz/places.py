"""Where targets put what is read from a disk: in memory, where the system has such a place."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

_IN_MEMORY = Path("/dev/shm")  # a folder of its own is made there


@functools.cache
def folder() -> Path:
    """A folder, gone at the end."""
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="hwr-edge-fuzz-", dir=place))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    cv2.imwrite(str(made / "p.png"), np.full((50, 100), 255, np.uint8))
    return made


def written(name: str, data: bytes) -> Path:
    """A file of that name."""
    path = folder() / name
    path.write_bytes(data)
    return path
