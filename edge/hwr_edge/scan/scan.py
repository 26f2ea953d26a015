"""What was read in an image, and in all pages of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hwr_edge.errors import DataError
from hwr_edge.line.reading import Reading
from hwr_edge.results.rows import Row


@dataclass(frozen=True)
class Page:
    """What was read in one image, or in one page of a file.

    turn: degrees clockwise by which the image was turned to be read; boxes are in the turned one.
    found: readings in reading order, with the field of each where there is a form.
    problems: a line for each thing that could not be read.
    number: from 1, of a file with many pages.
    size: width and height of the turned image, pixels.
    note: what was not read of a page, and why; empty where all was.
    """

    turn: int
    found: tuple[tuple[str | None, Reading], ...]
    problems: tuple[str, ...] = ()
    number: int | None = None
    size: tuple[int, int] | None = None
    note: str = ""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """In reading order."""
        return tuple(reading for _, reading in self.found)

    @property
    def fields(self) -> dict[str, Reading]:
        """A form's fields by their names; empty without a form."""
        return {field: reading for field, reading in self.found if field is not None}

    def rows(self, image: str, top: int = 0, crc32: str | None = None) -> list[Row]:
        """A row for each reading.

        Args:
            image: the file's path.
            top: how many alternatives were asked for.
            crc32: of the file.
        """
        return [
            Row(image, reading, top, self.number, field, self.turn, crc32, self.size)
            for field, reading in self.found
        ]


@dataclass(frozen=True)
class Scan:
    """What was read in a file: an image of one line, a page, a form, or many pages of these.

    image: the path as it was given; of an image in memory a word for it.
    pages: in their order; an image is one page.
    top: how many alternatives were asked for.
    crc32: of the file.
    """

    image: str
    pages: tuple[Page, ...]
    top: int = 0
    crc32: str | None = None

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings)

    def __len__(self) -> int:
        return len(self.readings)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Of all pages, in reading order."""
        return tuple(reading for page in self.pages for reading in page.readings)

    @property
    def texts(self) -> tuple[str, ...]:
        """What was read, in reading order."""
        return tuple(reading.text for reading in self.readings)

    @property
    def fields(self) -> dict[str, Reading]:
        """A form's fields by their names; empty without a form.

        Raises:
            DataError: there are several pages, each with fields of its own.
        """
        if len(self.pages) > 1:
            raise DataError(f"{self.image}: has several forms; take the fields of each of `pages`")
        return self.pages[0].fields

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each thing that could not be read."""
        return tuple(problem for page in self.pages for problem in page.problems)

    def rows(self) -> list[Row]:
        """A row for each reading, as the command prints them."""
        return [row for page in self.pages for row in page.rows(self.image, self.top, self.crc32)]

    def to_dicts(self) -> list[dict[str, Any]]:
        """As `hwr-edge file --format json` prints it."""
        return [row.to_dict() for row in self.rows()]
