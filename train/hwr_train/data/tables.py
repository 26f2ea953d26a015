"""Tables of training data: columns of a CSV by their headings."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.textfile import read_text


def read_pairs(table: Path, key: str, value: str) -> dict[str, str]:
    """Two columns of a CSV, one by the other.

    Raises:
        DataError: as `read_columns`, or a key is listed twice.
    """
    cells = read_columns(table, key, value)
    if twice := [name for name, count in Counter(name for name, _ in cells).items() if count > 1]:
        raise DataError(f"{table}: {twice[0]} is listed twice")
    return dict(cells)


def read_columns(table: Path, *columns: str, optional: Sequence[str] = ()) -> list[list[str]]:
    """The cells of a CSV's columns, row by row; what is missing in a row, or an optional column, is empty.

    Raises:
        DataError: the file cannot be read, is no CSV, or has not the columns.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_text(table), newline=""), strict=True)
        lines = []
        for line in reader:
            lines.append(line)
            if any("\n" in (line.get(column) or "") for column in columns):
                raise csv.Error(f"a cell goes on to line {reader.line_num}: a quote is not closed")
    except csv.Error as error:
        raise DataError(f"{table}: not a CSV ({error})") from error
    if missing := set(columns) - set(reader.fieldnames or ()):
        found = ", ".join(reader.fieldnames or ()) or "nothing"
        raise DataError(f"{table}: no column {', '.join(sorted(missing))}; its heading has {found}")
    return [[line.get(column) or "" for column in (*columns, *optional)] for line in lines]


def headings_of(table: Path) -> list[str]:
    """The headings of a CSV.

    Raises:
        DataError: the file cannot be read, or is no CSV.
    """
    try:
        return next(csv.reader(io.StringIO(read_text(table), newline=""), strict=True), [])
    except csv.Error as error:
        raise DataError(f"{table}: not a CSV ({error})") from error
