"""How a reading is printed: one row each, as text, JSON, JSON lines or CSV.

The keys are the same everywhere; `Row.to_dict` is the only place that names them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from hwr_edge.recognizer import Reading

SCHEMA = 1
_DIGITS = 4  # of a confidence
CSV_KEYS = (
    "schema", "image", "text", "confidence", "box", "alternatives",
    "match", "match_confidence", "review",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A reading and where it comes from.

    image: the path exactly as it was given, or found under the given folder; "-" for stdin.
    top: how many alternatives were asked for.
    """

    image: str
    reading: Reading
    top: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The row as a program gets it."""
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "image": self.image,
            "text": self.reading.text,
            "confidence": round(self.reading.confidence, _DIGITS),
            "box": list(self.reading.box),
        }
        if self.top or self.reading.alternatives:
            found["alternatives"] = [
                {"text": other.text, "confidence": round(other.confidence, _DIGITS)}
                for other in self.reading.alternatives
            ]
        if self.reading.match:
            found["match"] = self.reading.match.name
            found["match_confidence"] = round(self.reading.match.confidence, _DIGITS)
        if self.reading.review is not None:
            found["review"] = self.reading.review
        return found


class Layout(Protocol):
    """Turns rows into text, piece by piece: head, each row as it comes, tail."""

    def head(self) -> str:
        """What stands before the first row."""

    def row(self, row: Row) -> str:
        """What one row adds."""

    def tail(self) -> str:
        """What ends the whole."""


class _Plain:
    """Nothing before or after the rows."""

    def head(self) -> str:
        return ""

    def tail(self) -> str:
        return ""


class NameOnly(_Plain):
    """The name alone, for a single picture."""

    def row(self, row: Row) -> str:
        """One line, empty where nothing is written."""
        return f"{row.reading.text}\n{_alternatives(row)}"


class Table(_Plain):
    """Path, name and confidence; match and its confidence; "review": with tabs between.

    The roster's name and the last are there where they were asked for; "-" is none of the roster.
    """

    def row(self, row: Row) -> str:
        """One line."""
        reading = row.reading
        cells = [row.image, reading.text, f"{reading.confidence:.{_DIGITS}f}"]
        if reading.match:
            name, sure = reading.match
            cells += ["-" if name is None else name, f"{sure:.{_DIGITS}f}"]
        if reading.review is not None:
            cells.append("review" if reading.review else "")
        return "\t".join(cells) + "\n" + _alternatives(row)


def _alternatives(row: Row) -> str:
    """A line each, where the path would stand empty."""
    return "".join(
        f"\t{other.text}\t{other.confidence:.{_DIGITS}f}\n" for other in row.reading.alternatives
    )


class JsonLines(_Plain):
    """One JSON object a line."""

    def row(self, row: Row) -> str:
        """One line."""
        return f"{to_json(row.to_dict())}\n"


class JsonArray:
    """One JSON array, given out at the end, so that it is never cut short."""

    def __init__(self) -> None:
        self._rows: list[str] = []

    def head(self) -> str:
        """Nothing yet."""
        return ""

    def row(self, row: Row) -> str:
        """Nothing yet."""
        self._rows.append(to_json(row.to_dict()))
        return ""

    def tail(self) -> str:
        """The array, a row a line."""
        return "[" + ",".join(f"\n {row}" for row in self._rows) + "\n]\n"


class Csv(_Plain):
    """Comma-separated values with a header; `box`, `alternatives` and `review` are JSON in a cell.

    What was not asked for is empty; so is `match` for none of the roster.
    """

    def head(self) -> str:
        """The header."""
        return self._line(CSV_KEYS)

    def row(self, row: Row) -> str:
        """One record."""
        cells = row.to_dict()
        for key in ("box", "alternatives", "review"):
            cells[key] = to_json(cells[key]) if key in cells else ""
        return self._line([cells.get(key) for key in CSV_KEYS])

    def _line(self, cells: Any) -> str:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        return line.getvalue()


LAYOUTS: dict[str, Callable[[], Layout]] = {
    "text": Table,
    "json": JsonArray,
    "jsonl": JsonLines,
    "csv": Csv,
}
"""Each `--format` with its layout; text is `NameOnly` where there is one picture."""


def to_json(value: Any) -> str:
    """JSON on one line; a path that is no valid Unicode stays valid JSON."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
