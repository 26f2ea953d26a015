"""Rosters as people keep them: a name a line, or a table saved by a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from hwr_edge.charset import fold
from hwr_edge.errors import DataError
from hwr_edge.textfile import read_text

_SURNAMES = ("SURNAME", "NOM", "LAST NAME", "LASTNAME", "FAMILY NAME", "NACHNAME", "NOM DE FAMILLE")
_GIVEN_NAMES = ("PRENOM", "FIRST NAME", "FIRSTNAME", "GIVEN NAME", "FORENAME", "VORNAME", "PRENOMS")
_NAMES = ("NAME", "IDENTITY", "FULL NAME", "NOM COMPLET", "NOM ET PRENOM", "NAMES", "TEXT")
_DELIMITERS = ",;\t|"


def read_roster(path: Path, column: str | None = None) -> list[str]:
    """The names in a file of any common encoding, in its order.

    A .csv is a table: `column` names the one to take, by its heading; else it is the heading that
    says "name", or those of surname and first name, put together in that order. A table of one
    column needs no heading. Any other file holds a name a line; "#" begins a comment.

    Raises:
        DataError: the file cannot be read, is no text, or holds no name, or no such column.
    """
    text = read_text(path)
    if path.suffix.lower() in (".csv", ".tsv") or column is not None:
        names = _of_table(text, path, column)
    else:
        names = [line.partition("#")[0].strip() for line in text.splitlines()]
    names = [name for name in names if name]
    if not names:
        raise DataError(f"{path}: holds no name; a roster has a name a line, or is a .csv")
    return names


def _of_table(text: str, path: Path, column: str | None) -> list[str]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row
        ]
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV ({error})") from error
    if not rows:
        return []
    heading = [fold(cell.replace("_", " ")) for cell in rows[0]]
    taken = _columns(heading, path, column)
    body = rows if taken is None else rows[1:]
    return [" ".join(row[k].strip() for k in taken or (0,) if k < len(row)).strip() for row in body]


def _columns(heading: Sequence[str], path: Path, column: str | None) -> list[int] | None:
    """Which columns hold the name; None for the only one, without a heading."""
    if column is not None:
        if fold(column) in heading:
            return [heading.index(fold(column))]
        raise DataError(f"{path}: no column {column!r}; its heading has {', '.join(heading)}")

    def first_of(known: Sequence[str]) -> list[int]:
        return [k for k, cell in enumerate(heading) if cell in known][:1]

    surname, given = first_of(_SURNAMES), first_of(_GIVEN_NAMES)
    if found := first_of(_NAMES) or surname + given:
        return found
    if len(heading) == 1:
        return None
    raise DataError(
        f"{path}: which column holds the names? Say it with --roster-column; its heading has "
        f"{', '.join(heading)}"
    )
