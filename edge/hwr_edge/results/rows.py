"""A row of results: a reading and where it comes from.

The keys are the same in every format; `Row.to_dict` is the only place that names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from hwr_edge.line.reading import Reading


SCHEMA = 1
ID_KEY = "match_id"
"""Under which people of the roster are numbered; each other column of the roster has its `row_key`."""


class Row(NamedTuple):
    """A reading and where it comes from.

    image: the path exactly as it was given, or found under the given folder; "-" for stdin.
    top: how many alternatives were asked for.
    page: from 1, of a file with many.
    field: of a form.
    turn: degrees clockwise by which the image was turned to be read; the box is in the turned one.
    crc32: of the image's file, which tells whether another lies there later; None of standard input.
    size: width and height of the turned image, pixels.
    kept: what the roster says of the match, by key, where it has further columns.
    """

    image: str
    reading: Reading
    top: int = 0
    page: int | None = None
    field: str | None = None
    turn: int = 0
    crc32: str | None = None
    size: tuple[int, int] | None = None
    kept: Mapping[str, str | None] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The row as a program gets it."""
        row: dict[str, Any] = {
            "schema": SCHEMA,
            "image": self.image,
        }
        row |= {"crc32": self.crc32} if self.crc32 is not None else {}
        row |= {"page": self.page} if self.page is not None else {}
        row |= {"field": self.field} if self.field is not None else {}
        for key, value in self.reading.to_dict(self.top).items():
            row |= (self.kept or {}) if key == "review" else {}
            row[key] = value
            row |= {"turn": self.turn} if key == "box" and self.turn else {}
        row |= self.kept or {}
        return row


def row_key(heading: str) -> str:
    """The key of a column of the roster."""
    return f"match {heading}"


def is_kept(key: str) -> bool:
    """Whether a key is of the roster's columns."""
    return key == ID_KEY or key.startswith(row_key(""))
