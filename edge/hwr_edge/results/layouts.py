"""How rows become text: a line each, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from hwr_edge.image.sources import label
from hwr_edge.results.cells import one_line, to_json
from hwr_edge.results.rows import Row

_DIGITS = 4  # of a confidence


class Layout(Protocol):
    """Turns rows into text, piece by piece: head, the rows of each image as they come, tail.

    columns: the heading of a CSV, else nothing.
    """

    columns: tuple[str, ...]

    def head(self) -> str:
        """What stands before the first row."""

    def rows(self, rows: Sequence[Row]) -> str:
        """What the rows of one image add."""

    def tail(self) -> str | bytes:
        """What ends the whole."""

    def records(self, rows: Sequence[Row]) -> list[list[Any]]:
        """What the rows of one image are in a table, a value a cell; only of layouts with columns."""


class NoTable:
    """A layout without columns."""

    def records(self, rows: Sequence[Row]) -> list[list[Any]]:
        """Never asked for."""
        raise NotImplementedError


class Lines(NoTable):
    """A line or more for each row; nothing before or after them."""

    columns: tuple[str, ...] = ()

    def head(self) -> str:
        """Nothing."""
        return ""

    def rows(self, rows: Sequence[Row]) -> str:
        """The lines of each row."""
        return "".join(map(self.row, rows))

    def row(self, row: Row) -> str:
        """The lines of one row."""
        raise NotImplementedError

    def tail(self) -> str:
        """Nothing."""
        return ""


class NameOnly(Lines):
    """The names alone, a line each, for a single image; with its field before it for a form."""

    def row(self, row: Row) -> str:
        """One line, empty where nothing is written."""
        field = "" if row.field is None else f"{row.field}\t"
        return f"{field}{row.reading.text}\n{_alternatives(row)}"


class TextLines(Lines):
    """Path, name and confidence; match and its confidence; "review": with tabs between.

    The roster's name and the last are there where they were asked for; "-" is none of the roster. A
    form's field stands after the path.
    """

    def row(self, row: Row) -> str:
        """One line."""
        reading = row.reading
        cells = [one_line(label(row.image, row.page))] + ([] if row.field is None else [row.field])
        cells += [reading.text, f"{reading.confidence:.{_DIGITS}f}"]
        if reading.match:
            name, sure = reading.match
            cells += ["-" if name is None else name, f"{sure:.{_DIGITS}f}"]
        if reading.review is not None:
            cells.append("review" if reading.review else "")
        return "\t".join(cells) + "\n" + _alternatives(row)


def _alternatives(row: Row) -> str:
    """A line each, where the path would stand empty."""
    return "".join(
        f"\t{alternative.text}\t{alternative.confidence:.{_DIGITS}f}\n"
        for alternative in row.reading.alternatives
    )


class JsonLines(Lines):
    """One JSON object a line."""

    def row(self, row: Row) -> str:
        """One line."""
        return f"{to_json(row.to_dict())}\n"


class JsonArray(NoTable):
    """One JSON array, given out at the end, so that it is never cut short."""

    columns: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._rows: list[str] = []

    def head(self) -> str:
        """Nothing yet."""
        return ""

    def rows(self, rows: Sequence[Row]) -> str:
        """Nothing yet."""
        self._rows += (to_json(row.to_dict()) for row in rows)
        return ""

    def tail(self) -> str:
        """The array, a row a line."""
        return "[" + ",".join(f"\n {row}" for row in self._rows) + "\n]\n"
