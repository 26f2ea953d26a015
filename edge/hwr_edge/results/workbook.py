"""Rows as an Excel workbook, by XlsxWriter: the extra `sheets`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from hwr_edge.errors import OutputError
from hwr_edge.results.layouts import Layout
from hwr_edge.results.rows import Row

_NEEDS = (
    "xlsx needs the package XlsxWriter; run: pip install XlsxWriter  "
    "(or install hwr-edge with the extra sheets)"
)
_WIDTHS = {"image": 32, "text": 24, "match": 24}  # characters; other columns have 12
_MOST_CELL = 32_767  # characters, Excel's own limit


class Workbook:
    """The columns and cells of a CSV layout, as a sheet; given out at the end."""

    columns: tuple[str, ...]

    def __init__(self, table: Layout) -> None:
        """Take over a CSV's cells.

        Raises:
            OutputError: XlsxWriter is not installed.
        """
        try:
            import xlsxwriter  # noqa: F401  # said before hours are spent on reading
        except ImportError as error:
            raise OutputError(_NEEDS) from error
        self._table, self.columns = table, table.columns
        self._records: list[list[Any]] = []

    def head(self) -> str:
        """Nothing yet."""
        return ""

    def rows(self, rows: Sequence[Row]) -> str:
        """Nothing yet."""
        self._records += self.records(rows) if rows else []
        return ""

    def records(self, rows: Sequence[Row]) -> list[list[Any]]:
        """Those of the CSV."""
        return self._table.records(rows)

    def tail(self) -> bytes:
        """The file."""
        return workbook_of(self.columns, self._records)


def workbook_of(columns: Sequence[str], records: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with one sheet: headings, then a row for each record.

    Raises:
        OutputError: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise OutputError(_NEEDS) from error
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("names")
        bold = book.add_format({"bold": True})
        for column, key in enumerate(columns):
            sheet.set_column(column, column, _WIDTHS.get(key, 12))
            _write(sheet, 0, column, key, bold)
        for number, cells in enumerate(records, 1):
            for column, cell in enumerate(cells):
                _write(sheet, number, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(records), max(0, len(columns) - 1))
    return file.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Any, look: Any = None) -> None:
    """Texts as texts, numbers as numbers: no cell is ever a formula."""
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell)
    else:
        plain = str(cell).encode("utf-8", "replace").decode("utf-8")
        sheet.write_string(row, column, plain[:_MOST_CELL], look)
