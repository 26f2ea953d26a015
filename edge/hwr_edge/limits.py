"""What a file of a stranger may cost: the one place of such bounds.

The defaults fit a Raspberry Pi with 1 GB. Who needs more says so with an option of `hwr-edge file`, or
in the environment, which counts for every command and for the Python API.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from hwr_edge.errors import DataError

MOST_PIXELS = 100_000_000
"""Of an image."""
IMAGE_BYTES = 256 << 20
"""Of an image's file that is read whole; PDF and TIFF files on a disk are not."""
HEADER_PARTS = 100_000
"""Segments or chunks of a file before its pixels, or directories of a TIFF."""
TEXT_BYTES = 64 << 20
"""Of a roster, a table of corrections or another text of people."""
SHEET_CELLS = 2_000_000
"""Of a spreadsheet, empty ones as well: 50 columns of 40,000 people."""
TOML_BYTES = 1 << 20
"""Of a form's template, or of settings."""
RESULTS_BYTES = 128 << 20
"""Of results, and of the answers to them, which a review keeps in memory."""
REQUEST_BYTES = 64 << 20
"""Of an image or PDF that one request of the API reads."""
REQUEST_PAGES = 50
"""Of such a file."""
REQUEST_SECONDS = 60
"""That reading such a file takes."""
CARD_BYTES = 1 << 20
"""Of a model's card."""

_NAMES = ("HWR_EDGE_MAX_MEMORY", "HWR_EDGE_MAX_SECONDS", "HWR_EDGE_MAX_PAGES")


class Limits(NamedTuple):
    """What one image, or one page of a file, may take while it is decoded.

    memory: MiB of its pixels, of all channels and of any depth. A library that decodes it elsewhere
        (`image.sandbox`) may take twice as much.
    seconds: of the processor, where a library decodes it elsewhere.
    pages: of a file.
    """

    memory: int = 256
    seconds: int = 8
    pages: int = 1000

    @property
    def memory_bytes(self) -> int:
        """The memory in bytes."""
        return self.memory << 20


def limits() -> Limits:
    """The defaults, or what the environment says instead.

    Raises:
        DataError: it says no whole number from 1.
    """
    said = [os.environ.get(name) for name in _NAMES]
    if not any(said):
        return _DEFAULTS
    return Limits(*(_number(*one) for one in zip(_NAMES, said, _DEFAULTS, strict=True)))


def set_limits(memory: int | None, seconds: int | None, pages: int | None) -> None:
    """Let other limits count in this process and in those that it begins; None leaves one as it is."""
    for name, value in zip(_NAMES, (memory, seconds, pages), strict=True):
        if value is not None:
            os.environ[name] = str(value)
    limits()


def _number(name: str, said: str | None, default: int) -> int:
    if not said:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and int(said)):
        raise DataError(f"{name} is {said!r}; give a whole number from 1")
    return int(said)


_DEFAULTS = Limits()
