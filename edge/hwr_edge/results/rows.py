"""How a reading is printed: one row each, as text, JSON, JSON lines or CSV.

The keys are the same everywhere; `Row.to_dict` is the only place that names them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hwr_edge.image.sources import label
from hwr_edge.results.separator import Separator

if TYPE_CHECKING:
    from hwr_edge.line.reading import Reading

SCHEMA = 1
PLUS = "+"
"""Between the pages of one form in a cell; a spreadsheet makes a date of 1-2."""
_DIGITS = 4  # of a confidence
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a formula begins with in a spreadsheet
_TEXT_KEYS = ("text", "text 2", "text 3", "text 4")
CELL_KEYS = ("row", "column", *_TEXT_KEYS[1:])
"""Columns of CSV for a table on a page; "text" is its first cell."""
BOX_KEYS = ("left", "top", "width", "height")
CSV_KEYS = (
    "image", "page", "field", "text", "confidence", "match", "match_confidence", "review",
    *BOX_KEYS, "turn", "alternatives", *CELL_KEYS,
)  # fmt: skip
ID_KEY = "match_id"
"""Under which people of the roster are numbered; each other column of the roster has its `row_key`."""
FORM_COLUMNS = ("image", "page", "turn")
FORM_MORE = ("confidence", "match", "match_confidence", "review", *BOX_KEYS)
"""Of a form's table: the columns before its fields, and what each field has more columns for, as "FIELD left"."""


@dataclass(frozen=True)
class Row:
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


def table_cells(row: Row) -> dict[str, Any]:
    """The row for a spreadsheet: one value a cell, box and alternatives too."""
    return spread(row.to_dict())


def spread(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's keys with its box as BOX_KEYS and its alternatives as one text."""
    found = dict(row)
    found |= dict(zip(BOX_KEYS, found.pop("box"), strict=True))
    others = found.get("alternatives", ())
    found["alternatives"] = "; ".join(f"{one['text']} ({one['confidence']})" for one in others)
    return found


def one_line(text: str) -> str:
    """A text that a tab or a line end would break, with these spelt out."""
    return text.translate({9: "\\t", 10: "\\n", 13: "\\r"})


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


class _Plain(NoTable):
    """Nothing before or after the rows."""

    columns: tuple[str, ...] = ()

    def head(self) -> str:
        return ""

    def rows(self, rows: Sequence[Row]) -> str:
        return "".join(map(self.row, rows))

    def row(self, row: Row) -> str:
        raise NotImplementedError

    def tail(self) -> str:
        return ""


class NameOnly(_Plain):
    """The names alone, a line each, for a single image; with its field before it for a form."""

    def row(self, row: Row) -> str:
        """One line, empty where nothing is written."""
        field = "" if row.field is None else f"{row.field}\t"
        return f"{field}{row.reading.text}\n{_alternatives(row)}"


class Table(_Plain):
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


class JsonLines(_Plain):
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


class Csv(_Plain):
    """A table with a header, for spreadsheets; box and alternatives have no brackets.

    What was not asked for is empty; so is `match` for none of the roster. A line of a table on a page is one
    record.
    """

    def __init__(self, separator: Separator = Separator.COMMA, kept: Sequence[str] = ()) -> None:
        """With what stands between cells, and the keys of the roster's columns."""
        self._separator, self._kept = separator, tuple(kept)
        self.columns = (*CSV_KEYS, *kept)

    def head(self) -> str:
        """The header."""
        return self._separator.heading(self.columns)

    def rows(self, rows: Sequence[Row]) -> str:
        """A record for each row, or for each line of a table."""
        return "".join(map(self._record, self.records(rows)))

    def _record(self, cells: Sequence[Any]) -> str:
        return self._separator.record(map(_cell, cells))

    def records(self, rows: Sequence[Row]) -> list[list[Any]]:
        """A list for each row, or for each line of a table."""
        found = [table_cells(row) for row in rows]
        if any(cells.get("row") is not None for cells in found):
            from hwr_edge.results.table_lines import lines_of_tables  # for pages with tables

            found = lines_of_tables(found, _TEXT_KEYS)
        return [[one.get(key) for key in self.columns] for one in found]


class FormTable(_Plain):
    """A table, one record a form: what each field says, then all else of each field."""

    def __init__(
        self,
        fields: Sequence[str],
        matched: bool,
        reviewed: bool,
        separator: Separator = Separator.COMMA,
        kept: Sequence[str] = (),
    ) -> None:
        """Know the columns.

        Args:
            fields: their names.
            matched: whether there is a roster.
            reviewed: whether it was said what to accept.
            separator: what stands between cells.
            kept: the keys of the roster's columns.
        """
        self._separator = separator
        self._fields = tuple(fields)
        absent = set() if matched else {"match", "match_confidence"}
        absent |= set() if reviewed else {"review"}
        self._more = [*(key for key in FORM_MORE if key not in absent), *kept]
        more = [f"{field} {key}" for key in self._more for field in fields]
        self.columns = (*FORM_COLUMNS, *fields, *more)

    def head(self) -> str:
        """The header."""
        return self._separator.heading(self.columns)

    def rows(self, rows: Sequence[Row]) -> str:
        """One record."""
        if not rows:
            return ""
        (cells,) = self.records(rows)
        return self._separator.record(map(_cell, cells))

    def records(self, rows: Sequence[Row]) -> list[list[Any]]:
        """One list: a form, or a page of one; of several pages that `Copies` joined, "1+2"."""
        said = {row.field: table_cells(row) for row in rows}
        pages = {row.page: row.turn for row in rows}
        turns = set(pages.values()) - {0} and [*pages.values()]
        cells: list[Any] = [rows[0].image, _together([*pages]), _together([*turns])]
        # A form's other pages have other fields.
        each = [said.get(field, {}) for field in self._fields]
        cells += [one.get("text") for one in each]
        return [cells + [one.get(key) for key in self._more for one in each]]


def _together(numbers: Sequence[int | None]) -> int | str | None:
    """Numbers of a form's pages in one cell: one where all are alike, none where there are none."""
    if len(set(numbers)) > 1:
        return PLUS.join(map(str, numbers))
    return numbers[0] if numbers else None


def _cell(value: Any) -> Any:
    """A value as it stands in CSV."""
    return to_json(value) if isinstance(value, bool) else no_formula(value)


LAYOUTS: dict[str, Callable[[], Layout]] = {
    "text": Table,
    "json": JsonArray,
    "jsonl": JsonLines,
    "csv": Csv,
}
"""Each `--format` with its layout; text is `NameOnly` where there is one image, and CSV `FormTable`
for forms."""


def no_formula(cell: Any) -> Any:
    """A cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_it_was(cell: str) -> str:
    """A text before `no_formula`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def to_json(value: Any) -> str:
    """JSON on one line; a path that is no valid Unicode stays valid JSON."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
