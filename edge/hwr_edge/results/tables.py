"""How rows become a table for a spreadsheet: CSV, with one record for each row or for each form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hwr_edge.results.cells import no_formula, to_json
from hwr_edge.results.layouts import Lines
from hwr_edge.results.rows import Row
from hwr_edge.results.separator import Separator

PLUS = "+"
"""Between the pages of one form in a cell; a spreadsheet makes a date of 1-2."""
_TEXT_KEYS = ("text", "text 2", "text 3", "text 4")
CELL_KEYS = ("row", "column", *_TEXT_KEYS[1:])
"""Columns of CSV for a table on a page; "text" is its first cell."""
BOX_KEYS = ("left", "top", "width", "height")
CSV_KEYS = (
    "image", "page", "field", "text", "confidence", "match", "match_confidence", "review",
    *BOX_KEYS, "turn", "alternatives", *CELL_KEYS,
)  # fmt: skip
FORM_COLUMNS = ("image", "page", "turn")
FORM_MORE = ("confidence", "match", "match_confidence", "review", *BOX_KEYS)
"""Of a form's table: the columns before its fields, and what each field has more columns for, as "FIELD left"."""


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


class Csv(Lines):
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
        return self._separator.record(map(_shown, cells))

    def records(self, rows: Sequence[Row]) -> list[list[Any]]:
        """A list for each row, or for each line of a table."""
        found = [table_cells(row) for row in rows]
        if any(cells.get("row") is not None for cells in found):
            from hwr_edge.results.table_lines import lines_of_tables  # for pages with tables

            found = lines_of_tables(found, _TEXT_KEYS)
        return [[one.get(key) for key in self.columns] for one in found]


class FormTable(Lines):
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
        return self._separator.record(map(_shown, cells))

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


def _shown(value: Any) -> Any:
    """A value as it stands in CSV."""
    return to_json(value) if isinstance(value, bool) else no_formula(value)
