"""The sheets of a spreadsheet's file. A few kilobytes can say millions of cells, so the sandbox reads them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple

from hwr_edge.errors import DataError, ImageError
from hwr_edge.limits import SHEET_CELLS, TEXT_BYTES


class Sheet(NamedTuple):
    """A sheet with its cells as texts, row by row."""

    name: str
    rows: list[list[str]]


def read_sheets(path: Path, kind: str) -> list[Sheet]:
    """All sheets of a file; `kind` is what errors call such files.

    Raises:
        DataError: it is damaged or costs too much, or the package that reads it is not installed.
    """
    if importlib.util.find_spec("python_calamine") is None:
        raise DataError(
            f"{path}: {kind} spreadsheets need the package python-calamine; run: pip install python-calamine  "
            "(or install hwr-edge with the extra sheets, or save it as .csv)"
        )
    from hwr_edge.image.sandbox import Source, call  # for these alone

    try:
        found = call(f"{__name__}:sheets_of", Source.of_file(path), str(path))
    except ImageError as error:
        raise DataError(f"{error}; save it as .csv") from error
    return [Sheet(name, rows) for name, rows in found]


def sheets_of(path: Path) -> list[tuple[str, list[list[str]]]]:
    """Name and cells of each sheet: what the sandbox calls.

    Raises:
        DataError: the file is damaged, or has too many cells.
    """
    from python_calamine import CalamineError, load_workbook

    found, cells, letters = [], 0, 0
    try:
        book = load_workbook(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            cells += sheet.total_height * sheet.total_width
            if cells > SHEET_CELLS:
                raise DataError(f"has more than {SHEET_CELLS:,} cells")
            rows = [[text_of(cell) for cell in row] for row in sheet.to_python()]
            letters += sum(len(cell) for row in rows for cell in row)
            if letters > TEXT_BYTES:
                raise DataError(f"has more than {TEXT_BYTES >> 20} million letters")
            found.append((name, rows))
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(f"not a readable spreadsheet ({error})") from error
    return found


def text_of(cell: object) -> str:
    """A cell as it is shown: whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
