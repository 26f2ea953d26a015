"""Rosters as people keep them: a name a line, or a table saved by a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.line.charset import fold
from hwr_edge.textfile import read_text

_SURNAMES = ("SURNAME", "NOM", "LAST NAME", "LASTNAME", "FAMILY NAME", "NACHNAME", "NOM DE FAMILLE")
_GIVEN_NAMES = (
    "PRENOM", "PRENOMS", "FIRST NAME", "FIRSTNAME", "GIVEN", "GIVEN NAME", "GIVEN NAMES", "FORENAME", "VORNAME",
)  # fmt: skip
_WHOLE = ("FULL NAME", "NOM COMPLET", "IDENTITY")
_NAMES = (
    "NAME", "NAMES", "TEXT",
    "ELEVE", "ELEVES", "PUPIL", "PUPILS", "STUDENT", "STUDENTS", "CHILD", "PATIENT", "SCHULER",
)  # fmt: skip
_DELIMITERS = ";\t|,"  # a comma stands in cells of its own, too


_OTHERS = frozenset(
    "PERE MERE PARENT PARENTS RESPONSABLE TUTEUR TUTRICE CONTACT ENSEIGNANT ENSEIGNANTE MAITRE MAITRESSE MEDECIN "
    "FATHER MOTHER GUARDIAN TEACHER VATER VATERS MUTTER ELTERN LEHRER LEHRERIN".split()
)
"""Whose first name a column may have beside the pupil's."""


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
        names = [line.partition("#")[0].strip() for line in text.split("\n")]
        if table := next((name for name in names if any(d in name for d in _DELIMITERS)), None):
            raise DataError(
                f"{path}: {table[:40]!r} looks like a table; save it as .csv, or write one name per line"
            )
    names = [name for name in names if name]
    if not names:
        raise DataError(f"{path}: no names found; write one name per line, or use a .csv")
    return names


def _of_table(text: str, path: Path, column: str | None) -> list[str]:
    text = re.sub(r"\A(?:\s*\n)+", "", text)
    first, _, rest = text.partition("\n")
    said = first.rstrip("\r\n").lower()
    if said.startswith("sep=") and len(said) == 5:  # Excel's own line
        text, first = rest, said[4] + rest.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if row
        ]
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV ({error})") from error
    if not rows:
        return []
    if column is None:
        _check_first(rows[0], text.splitlines()[1:], path)
    taken = _columns(rows[0], path, column)
    body = rows if taken is None else rows[1:]
    return [" ".join(row[k].strip() for k in taken or (0,) if k < len(row)).strip() for row in body]


def _check_first(first: Sequence[str], lines: Sequence[str], path: Path) -> None:
    """Raise DataError where the first row has one cell, no heading that is known, and most others have more."""
    cells = [cell for cell in first if cell.strip()]
    parted = sum(any(sign in line for sign in _DELIMITERS) for line in lines)
    if len(cells) < 2 and parted > len(lines) / 2:
        title = _plain(cells[0]) if cells else ""
        if len(first) > 1 or title not in {*_WHOLE, *_NAMES, *_SURNAMES, *_GIVEN_NAMES}:
            raise DataError(
                f"{path}: the first line has one cell, {''.join(cells)!r}, but the lines below have more; "
                "delete what is above the headings"
            )


def _columns(headings: Sequence[str], path: Path, column: str | None) -> list[int] | None:
    """Which columns hold the name; None for the only one, without a heading."""
    known = [_plain(cell) for cell in headings]
    shown = ", ".join(headings)
    if column is not None:
        if _plain(column) in known:
            return [known.index(_plain(column))]
        raise DataError(f"{path}: no column {column!r}; the columns are {shown}")

    if whole := [k for k, cell in enumerate(known) if cell in _WHOLE or _is_whole(cell)]:
        return whole[:1]
    given = _given_names(known)
    surname = [k for k, cell in enumerate(known) if cell in _SURNAMES][:1]
    names = [k for k, cell in enumerate(known) if cell in _NAMES][:1]
    if len(given) == 1 and (surname or names):
        return [*(surname or names), *given]
    if not given and (names or (surname and not _more_of_a_name(known))):
        return names or surname
    if len(headings) == 1:
        return given or None
    raise DataError(
        f"{path}: which column has the names? Choose it with --roster-column, or add headings; "
        f"the first line has {shown}"
    )


def _given_names(known: Sequence[str]) -> list[int]:
    """The column of the first name; several where a heading only begins like it, and so may be another's."""
    given = [
        k
        for k, c in enumerate(known)
        if c.startswith(_GIVEN_NAMES) and not _OTHERS & set(re.findall("[A-Z]+", c))
    ]
    exact = [k for k in given if known[k].rstrip(" .0123456789") in _GIVEN_NAMES]
    return exact[:1] or given


def _is_whole(heading: str) -> bool:
    """Whether a heading says surname and first name both: NOM, PRENOM."""
    words = f" {' '.join(re.findall('[A-Z]+', heading))} "
    for given in sorted(_GIVEN_NAMES, key=len, reverse=True):
        if f" {given} " in words:
            rest = words.replace(f" {given} ", "  ", 1)
            return any(f" {surname} " in rest for surname in (*_SURNAMES, "NAME", "LAST"))
    return False


def _more_of_a_name(known: Sequence[str]) -> bool:
    """Whether another column may be a part of the name under a heading that is not known."""
    return any("NAME" in cell or "NOM" in cell for cell in known if cell not in _SURNAMES)


def _plain(heading: str) -> str:
    return fold(heading.replace("_", " "))
